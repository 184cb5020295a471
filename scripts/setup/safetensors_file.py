"""Writes .safetensors: a header's length, the header (JSON), then the tensors' bytes."""
import json
import struct

import numpy as np

# Wider types first, so that every tensor is aligned.
TYPES = [(np.int64, "I64"), (np.float32, "F32"), (np.int8, "I8"), (np.uint8, "U8")]


def write(path, tensors, licence, source):
    order = {np.dtype(kind): (rank, name) for rank, (kind, name) in enumerate(TYPES)}
    names = sorted(tensors, key=lambda name: (order[tensors[name].dtype][0], name))
    header, offset = {"__metadata__": {"licence": licence, "source": source}}, 0
    for name in names:
        array = tensors[name]
        header[name] = {"dtype": order[array.dtype][1], "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in names:
            file.write(np.ascontiguousarray(tensors[name]).tobytes())
