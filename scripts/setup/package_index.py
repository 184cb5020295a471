"""Downloads pinned files from the Python package index: resumed after a break, shown with progress, verified.

pip itself starts a broken download again from zero. So this takes pip's own finder and network session
(the user's index, mirror, proxy, certificates and passwords apply, whatever they are) and continues a file
where an earlier attempt ended. pip's interior is not a public interface; requirements.txt pins the very file.
Runs in the set-up's own environment.
"""
import os
import shutil
import sys
import time

from pip._internal.cli.cmdoptions import make_target_python
from pip._internal.commands.download import DownloadCommand
from pip._internal.exceptions import PipError
from pip._internal.network.utils import HEADERS, raise_for_status
from pip._vendor.requests.exceptions import RequestException
from pip._vendor.urllib3.exceptions import HTTPError

from catalogue import SetupError, sha256

ATTEMPTS = 5
BLOCK_BYTES = 1 << 18
# The platforms of the pinned wheels, whatever this machine's Python is.
TARGET = ["--python-version=3.11", "--only-binary=:all:", "--no-deps", "--no-cache-dir", "--no-input"] + [
    f"--platform=manylinux{tag}_x86_64" for tag in ("_2_34", "_2_28", "_2_25", "_2_17", "2014")]


class Fetch(DownloadCommand):
    """`pip download` with the downloading replaced."""

    def __init__(self):
        super().__init__("download", "fetches pinned files")
        self.options, _ = self.parse_args(TARGET)

    def fetch(self, packages, folder):
        """Puts every package's file into the folder, unless it is there; its SHA-256 holds afterwards."""
        folder.mkdir(parents=True, exist_ok=True)
        with self.main_context():
            session = self.get_default_session(self.options)
            finder = self._build_package_finder(
                self.options, session, make_target_python(self.options), ignore_requires_python=True)
            for package in packages:
                self._fetch_one(session, finder, package, folder)

    def _fetch_one(self, session, finder, package, folder):
        done = folder / package.file
        if done.is_file() and done.stat().st_size == package.bytes and sha256(done) == package.sha256:
            return
        part = folder / (package.file + ".part")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                download(session, link_of(finder, package), package, part)
                break
            except (PipError, RequestException, HTTPError) as error:
                if attempt == ATTEMPTS:
                    raise SetupError(
                        f"'{package.name}' {package.version} could not be fetched; is the machine offline? "
                        f"The next call continues where this one ended. ({type(error).__name__})") from error
                time.sleep(2 ** attempt / 2)
        if sha256(part) != package.sha256:
            part.unlink()
            raise SetupError(
                f"'{package.file}' has a wrong SHA-256: the index gave another file than the pinned one.")
        os.replace(part, done)


def link_of(finder, package):
    for candidate in finder.find_all_candidates(package.name):
        if candidate.link.filename == package.file:
            return candidate.link
    raise PipError(f"the package index has no '{package.file}'")


def download(session, link, package, part):
    """Continues or starts one file."""
    if link.is_file:  # from the user's own --find-links
        shutil.copyfile(link.file_path, part)
        return
    have = part.stat().st_size if part.is_file() else 0
    if have > package.bytes:
        have = 0
    if have == package.bytes:
        return
    headers = {**HEADERS, **({"Range": f"bytes={have}-"} if have else {})}
    with session.get(link.url_without_fragment, headers=headers, stream=True) as response:
        raise_for_status(response)
        continues = response.status_code == 206
        with open(part, "ab" if continues else "wb") as file:
            progress = Progress(package, have if continues else 0)
            for block in response.raw.stream(BLOCK_BYTES, decode_content=False):
                file.write(block)
                progress.add(len(block))
    if part.stat().st_size < package.bytes:
        raise RequestException("the connection ended early")


class Progress:
    """One line per file: rewritten on a terminal, every quarter of a large file in a log."""

    def __init__(self, package, have):
        self.name = f"{package.name} {package.version}"
        self.bytes, self.have = package.bytes, have
        self.terminal = sys.stdout.isatty()
        self.shown = -1

    def add(self, count):
        self.have += count
        step = (100 if self.terminal else 4) * self.have // self.bytes
        if step == self.shown or (not self.terminal and self.bytes < 100e6 and self.have < self.bytes):
            return
        self.shown = step
        text = f"    fetching {self.name}: {self.have / 1e6:.0f} of {self.bytes / 1e6:.0f} MB"
        if self.terminal:
            print(f"\r{text}", end="\n" if self.have >= self.bytes else "", flush=True)
        else:
            print(text, flush=True)
