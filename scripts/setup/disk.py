"""Free space, asked before a download rather than after."""
import os
import shutil

from catalogue import SetupError

SPARE_BYTES = 200_000_000


def keep_downloads():
    return os.environ.get("ANTIPHON_KEEP_DOWNLOADS") == "1"


def require_free(folder, packages, downloads, made_bytes):
    """Refuses to start if what is still to be fetched and made does not fit."""
    folder.mkdir(parents=True, exist_ok=True)
    have = sum(path.stat().st_size for package in packages
               for path in (downloads / package.file, downloads / (package.file + ".part")) if path.is_file())
    needed = sum(package.bytes for package in packages) - have + made_bytes + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(f"the disk is full: '{folder}' has {free / 1e6:.0f} MB free and needs "
                         f"{needed / 1e6:.0f} MB; make room or set XDG_CACHE_HOME to another disk.")
