"""A published network as its file describes it: named tensors and nodes (onnx_file.py and ort_file.py)."""
from dataclasses import dataclass, field

import numpy as np

# Element types, numbered alike in ONNX and in ONNX Runtime's own format.
ELEMENT_TYPES = {1: np.float32, 2: np.uint8, 3: np.int8, 6: np.int32, 7: np.int64, 9: np.bool_,
                 10: np.float16, 11: np.float64}


@dataclass
class Node:
    operation: str
    name: str
    inputs: list
    outputs: list
    attributes: dict  # whole numbers, lists of them and tensors; other kinds are left out


@dataclass
class Graph:
    tensors: dict = field(default_factory=dict)  # constants too; name -> array
    nodes: list = field(default_factory=list)    # of nested graphs too

    def users(self):
        """Tensor name -> the nodes that read it."""
        found = {}
        for node in self.nodes:
            for name in node.inputs:
                found.setdefault(name, []).append(node)
        return found
