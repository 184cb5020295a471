"""Smart Turn v3.2: 79 f32 tensors, dequantised from the published int8 graph.

Convolutions and the classifier are stored under their parameter's name. Matrices of the attention and
feed-forward layers are anonymous: they take the name of the bias that is added to their product. The key
projection has no bias: it is the product that shares its input with a query projection.
"""
import numpy as np

import safetensors_file
import wheel
from onnx_file import read_graph

SOURCE = "pipecat/audio/turn/smart_turn/data/smart-turn-v3.2-cpu.onnx"
PREFIX = "inner."


def dequantised(graph):
    """Output name of a DequantizeLinear over a constant -> f32 values; one scale, or one a row of `axis`."""
    found = {}
    for node in graph.nodes:
        if node.operation != "DequantizeLinear" or node.inputs[0] not in graph.tensors:
            continue
        values, scale, zero_point = (graph.tensors[name] for name in node.inputs[:3])
        if np.any(zero_point):
            raise ValueError(f"{node.name}: weights with a zero point are not expected")
        shape = [1] * values.ndim
        if scale.size > 1:
            shape[node.attributes.get("axis", 1)] = -1
        product = values.astype(np.float32) * scale.reshape(shape)
        found[node.outputs[0]] = product.reshape(values.shape)
    return found


def bias_after(node, users):
    """Parameter (without `.bias`) whose bias is added to a product, perhaps after requantisation; or None."""
    output = node.outputs[0]
    for _ in range(3):
        readers = users.get(output, [])
        for reader in readers:
            if reader.operation == "Add":
                for name in reader.inputs:
                    if name.startswith(PREFIX) and name.endswith(".bias"):
                        return name[len(PREFIX):-len(".bias")]
        output = next((reader.outputs[0] for reader in readers
                       if reader.operation in ("QuantizeLinear", "DequantizeLinear")), output)
    return None


def is_parameter(name):
    helper = "_quantized" in name or name.endswith(("_scale", "_zero_point"))
    return name.startswith(PREFIX) and not helper


def parameters(graph):
    tensors = {name[len(PREFIX):]: values for name, values in graph.tensors.items() if is_parameter(name)}
    matrices = dequantised(graph)
    for name, values in matrices.items():
        if name.startswith(PREFIX):
            tensors[name[len(PREFIX):].replace("_DequantizeLinear_Output", "")] = values

    users = graph.users()
    products = [node for node in graph.nodes if node.operation == "MatMul" and node.inputs[1] in matrices]
    named = {node.name: bias_after(node, users) for node in products}
    query_of_input = {node.inputs[0]: named[node.name] for node in products
                      if (named[node.name] or "").endswith("q_proj")}
    for node in products:
        name = named[node.name] or query_of_input[node.inputs[0]].replace("q_proj", "k_proj")
        tensors[name + ".weight"] = matrices[node.inputs[1]].T  # [in, out] -> [out, in]
    return {name: np.ascontiguousarray(values, np.float32) for name, values in tensors.items()}


def convert(wheels, folder):
    graph = read_graph(wheel.read(wheels[0], SOURCE))
    safetensors_file.write(folder / "smart_turn_v3.2.safetensors", parameters(graph), "BSD-2-Clause",
                           f"{wheels[0].name} {SOURCE}")
    wheel.copy(wheels[0], "licenses/LICENSE", folder / "LICENSE")
