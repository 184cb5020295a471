"""Reads the parts of an ONNX file that hold weights: a small reader of the protobuf wire format.

Field numbers are those of onnx.proto (ModelProto.graph = 7 and so on).
"""
import struct

import numpy as np

from network_graph import ELEMENT_TYPES, Graph, Node

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def message(data):
    """Field number -> list of values: whole numbers, or memoryviews of nested bytes."""
    fields, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == VARINT:
            value, at = varint(data, at)
        elif kind == BYTES:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f"unknown protobuf wire type {kind}")
        fields.setdefault(number, []).append(value)
    return fields


def text(fields, number):
    return bytes(fields[number][0]).decode() if number in fields else ""


def signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def whole_numbers(fields, number):
    """A repeated integer field, packed or not."""
    values = []
    for value in fields.get(number, []):
        if isinstance(value, int):
            values.append(signed(value))
            continue
        at = 0
        while at < len(value):
            one, at = varint(value, at)
            values.append(signed(one))
    return values


def tensor(data):
    """-> (name, array)"""
    fields = message(data)
    shape = whole_numbers(fields, 1)
    kind = ELEMENT_TYPES[fields[2][0]]
    if 9 in fields:  # raw_data
        array = np.frombuffer(fields[9][0], kind)
    elif 4 in fields:  # float_data, packed or one by one
        array = np.frombuffer(b"".join(map(bytes, fields[4])), "<f4").astype(kind)
    else:  # int32_data, int64_data
        array = np.array(whole_numbers(fields, 5) or whole_numbers(fields, 7), kind)
    return text(fields, 8), array.reshape(shape)


def attribute(data):
    """-> (name, value), the value None for kinds that are of no use here."""
    fields = message(data)
    if 5 in fields:
        return text(fields, 1), tensor(fields[5][0])[1]
    if 8 in fields:
        return text(fields, 1), whole_numbers(fields, 8)
    if 3 in fields:
        return text(fields, 1), signed(fields[3][0])
    if 2 in fields:
        return text(fields, 1), struct.unpack("<f", fields[2][0])[0]
    return text(fields, 1), None


def read_graph(data):
    """The graph of an ONNX file's bytes; values of Constant nodes count as tensors."""
    fields = message(message(memoryview(data))[7][0])
    graph = Graph(dict(tensor(one) for one in fields.get(5, [])))
    for one in fields.get(1, []):
        parts = message(one)
        strings = [[bytes(name).decode() for name in parts.get(number, [])] for number in (1, 2)]
        attributes = dict(attribute(value) for value in parts.get(5, []))
        node = Node(text(parts, 4), text(parts, 3), *strings, attributes)
        graph.nodes.append(node)
        if node.operation == "Constant":
            graph.tensors[node.outputs[0]] = attributes["value"]
    return graph
