"""libtorch from its wheel: `libtorch.py check FOLDER` or `libtorch.py install FOLDER`.

Only what C++ needs is unpacked: the headers, five libraries and the licences (502 of about 1,500 MB). The two
small CUDA libraries are named by libtorch_cpu.so and must lie beside it; no GPU or driver is needed.
"""
import os
import shutil
import sys
import zipfile
from pathlib import Path, PurePosixPath

import catalogue
from catalogue import SetupError
from disk import keep_downloads, require_free

LIBRARIES = {"libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13"}
UNPACKED_BYTES = 530_000_000


def fault(folder):
    _, files = catalogue.libtorch()
    own = "ANTIPHON_LIBTORCH" in os.environ
    if own:  # the user's build: any size will do
        missing = [name for name in ("include/ATen/ATen.h", "lib/libtorch_cpu.so", "lib/libc10.so")
                   if not (folder / name).is_file()]
        return f"ANTIPHON_LIBTORCH: '{folder / missing[0]}' is missing" if missing else None
    if not (folder / "include" / "ATen" / "ATen.h").is_file():
        return f"'{folder}' has no headers"
    return catalogue.fault(folder, files)


def destination(member, package):
    """Where a wheel's member goes, or None if C++ does not need it."""
    path = PurePosixPath(member)
    if path.parts[:2] == ("torch", "include"):
        return PurePosixPath(*path.parts[1:])
    if path.name in LIBRARIES and "lib" in path.parts:
        return PurePosixPath("lib", path.name)
    if len(path.parts) > 2 and path.parts[0].endswith(".dist-info") and path.parts[1] == "licenses":
        return PurePosixPath("licences", package, *path.parts[2:])
    return None


def unpack(wheel, package, folder):
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            target = None if member.is_dir() else destination(member.filename, package)
            if target is None:
                continue
            path = folder / target
            path.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, open(path, "wb") as out:
                shutil.copyfileobj(source, out, 1 << 20)


def install(folder):
    from package_index import Fetch  # only the set-up's own environment has this pip

    packages, files = catalogue.libtorch()
    downloads = folder.parent / "downloads"
    require_free(folder.parent, packages, downloads, UNPACKED_BYTES)
    Fetch().fetch(packages, downloads)
    half = folder.with_name(folder.name + ".part")
    shutil.rmtree(half, ignore_errors=True)
    for package in packages:
        print(f"    unpacking {package.name}", flush=True)
        unpack(downloads / package.file, package.name, half)
    wrong = catalogue.fault(half, files)
    if wrong:
        raise SetupError(f"libtorch was not unpacked as expected: {wrong}.")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(half, folder)
    if not keep_downloads():
        for package in packages:
            (downloads / package.file).unlink()


def main():
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "install":
        install(folder)
        return
    wrong = fault(folder)
    if wrong and "ANTIPHON_LIBTORCH" in os.environ:
        raise SetupError(f"{wrong}.")
    sys.exit(3 if wrong else 0)


if __name__ == "__main__":
    from report import report_errors

    report_errors(main)
