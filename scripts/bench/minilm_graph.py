"""all-MiniLM-L6-v2 as an ONNX graph: `minilm_graph.py MODEL.safetensors OUT.onnx`. Its package has no graph,
so one is made of the same weights, with the operators that onnxruntime has a kernel for."""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

WIDTH, HEADS, LAYERS = 384, 12, 6
EPSILON = 1e-12


def read_safetensors(path):
    data = path.read_bytes()
    header_size = int.from_bytes(data[:8], "little")
    tensors = json.loads(data[8:8 + header_size])
    for name, entry in tensors.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            first, last = (8 + header_size + offset for offset in entry["data_offsets"])
            yield name, np.frombuffer(data[first:last], np.float32).reshape(entry["shape"])


class Graph:
    def __init__(self, weights):
        self.weights = weights
        self.nodes, self.constants = [], []

    def constant(self, values):
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def add(self, operator, *inputs, **attributes):
        name = f"value{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def linear(self, x, name):
        product = self.add("MatMul", x, self.constant(self.weights[name + ".weight"].T))
        return self.add("Add", product, self.constant(self.weights[name + ".bias"]))

    def norm(self, x, name):
        return self.add("LayerNormalization", x, self.constant(self.weights[name + ".weight"]),
                        self.constant(self.weights[name + ".bias"]), axis=-1, epsilon=EPSILON)

    def heads(self, x, order):
        split = self.add("Reshape", x, self.constant(np.array([0, HEADS, WIDTH // HEADS], np.int64)))
        return self.add("Transpose", split, perm=order)

    def layer(self, x, name):
        attention = name + "attention.self."
        query, key, value = (self.heads(self.linear(x, attention + part), order) for part, order in
                             (("query", [1, 0, 2]), ("key", [1, 2, 0]), ("value", [1, 0, 2])))
        scale = self.constant(np.float32((WIDTH // HEADS) ** -0.5))
        weights = self.add("Softmax", self.add("Mul", self.add("MatMul", query, key), scale), axis=-1)
        mixed = self.add("Transpose", self.add("MatMul", weights, value), perm=[1, 0, 2])
        rows = self.add("Reshape", mixed, self.constant(np.array([0, WIDTH], np.int64)))
        out = self.linear(rows, name + "attention.output.dense")
        x = self.norm(self.add("Add", x, out), name + "attention.output.LayerNorm")
        inner = self.add("Gelu", self.linear(x, name + "intermediate.dense"))
        out = self.linear(inner, name + "output.dense")
        return self.norm(self.add("Add", x, out), name + "output.LayerNorm")


def minilm(weights):
    """tokens [T] -> embedding [1, 384], of one text."""
    graph = Graph(weights)
    count = graph.add("Shape", "tokens")
    words = graph.add("Gather", graph.constant(weights["embeddings.word_embeddings.weight"]), "tokens")
    zero = graph.constant(np.array([0], np.int64))
    table = graph.constant(weights["embeddings.position_embeddings.weight"])
    positions = graph.add("Slice", table, zero, count)
    both = graph.add("Add", words, positions)
    kind = graph.constant(weights["embeddings.token_type_embeddings.weight"][0])
    x = graph.norm(graph.add("Add", both, kind), "embeddings.LayerNorm")
    for index in range(LAYERS):
        x = graph.layer(x, f"encoder.layer.{index}.")
    mean = graph.add("ReduceMean", x, zero, keepdims=1)
    size = graph.add("ReduceL2", mean, graph.constant(np.array([1], np.int64)), keepdims=1)
    graph.nodes.append(helper.make_node("Div", [mean, size], ["embedding"]))
    return helper.make_model(
        helper.make_graph(graph.nodes, "minilm",
                          [helper.make_tensor_value_info("tokens", TensorProto.INT64, ["T"])],
                          [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [1, WIDTH])],
                          graph.constants),
        opset_imports=[helper.make_opsetid("", 20)], ir_version=9)


def main():
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    model = minilm(dict(read_safetensors(source)))
    onnx.checker.check_model(model)
    target.write_bytes(model.SerializeToString())


if __name__ == "__main__":
    main()
