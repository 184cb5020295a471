"""Reads weights and nodes from ONNX Runtime's own format (.ort): a small reader of FlatBuffers.

A FlatBuffers table starts with a distance back to its vtable: two sizes, then each field's offset in the
table (0: absent). Field numbers follow the order of ONNX Runtime's ort.fbs.
"""
import struct

import numpy as np

from network_graph import ELEMENT_TYPES, Graph, Node


class Table:
    def __init__(self, data, at):
        self.data, self.at = data, at
        self.vtable = at - self._number("<i", at)
        self.vtable_bytes = self._number("<H", self.vtable)

    def _number(self, kind, at):
        return struct.unpack_from(kind, self.data, at)[0]

    def _follow(self, at):
        return at + self._number("<I", at)

    def _field(self, number):
        """Position of a field, or None."""
        entry = 4 + 2 * number
        offset = self._number("<H", self.vtable + entry) if entry < self.vtable_bytes else 0
        return self.at + offset if offset else None

    def integer(self, number):
        at = self._field(number)
        return self._number("<i", at) if at else 0

    def table(self, number):
        at = self._field(number)
        return Table(self.data, self._follow(at)) if at else None

    def _vector(self, number):
        """-> (position of the first element, count)"""
        at = self._field(number)
        if not at:
            return 0, 0
        start = self._follow(at)
        return start + 4, self._number("<I", start)

    def tables(self, number):
        start, count = self._vector(number)
        return [Table(self.data, self._follow(start + 4 * i)) for i in range(count)]

    def array(self, number, kind):
        start, count = self._vector(number)
        return np.frombuffer(self.data, kind, count, start) if count else np.empty(0, kind)

    def _text_at(self, at):
        return bytes(self.data[at + 4:at + 4 + self._number("<I", at)]).decode()

    def text(self, number):
        at = self._field(number)
        return self._text_at(self._follow(at)) if at else ""

    def texts(self, number):
        start, count = self._vector(number)
        return [self._text_at(self._follow(start + 4 * i)) for i in range(count)]


def add_graph(table, graph):
    """Adds a graph and those nested in its nodes (the branches of an If)."""
    for one in table.tables(0):
        kind, raw = one.integer(3), one.array(4, np.uint8)
        if raw.size and kind in ELEMENT_TYPES:
            array = np.frombuffer(raw.tobytes(), ELEMENT_TYPES[kind]).reshape(one.array(2, "<i8"))
            graph.tensors.setdefault(one.text(0), array)
    for one in table.tables(2):
        graph.nodes.append(Node(one.text(5), one.text(0), one.texts(8), one.texts(9), {}))
        for attribute in one.tables(10):
            nested = attribute.table(7)
            if nested:
                add_graph(nested, graph)


def read_graph(data):
    """The graph of an .ort file's bytes."""
    if data[4:8] != b"ORTM":
        raise ValueError("not an ONNX Runtime model file")
    session = Table(data, struct.unpack_from("<I", data, 0)[0])
    graph = Graph()
    add_graph(session.table(1).table(7), graph)
    return graph
