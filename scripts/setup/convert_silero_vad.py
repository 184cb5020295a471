"""Silero VAD, 16 kHz: 15 f32 tensors out of the ONNX graph.

The package's own .safetensors holds other values than its ONNX graph; the graph is what was measured.
"""
import numpy as np

import safetensors_file
import wheel
from onnx_file import read_graph

SOURCE = "silero_vad/data/silero_vad_16k_op15.onnx"


def names():
    """Our name -> the graph's."""
    table = {"stft_conv.weight": "model.stft.forward_basis_buffer",
             "final_conv.weight": "model.decoder.decoder.2.weight",
             "final_conv.bias": "model.decoder.decoder.2.bias"}
    for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        table[f"lstm_cell.{part}"] = f"model.decoder.rnn.{part}"
    for layer in range(4):
        for part in ("weight", "bias"):
            table[f"conv{layer + 1}.{part}"] = f"model.encoder.{layer}.reparam_conv.{part}"
    return table


def convert(wheels, folder):
    graph = read_graph(wheel.read(wheels[0], SOURCE))
    tensors = {ours: graph.tensors[theirs].astype(np.float32) for ours, theirs in names().items()}
    safetensors_file.write(folder / "silero_vad_16k.safetensors", tensors, "MIT",
                           f"{wheels[0].name} {SOURCE}")
    wheel.copy(wheels[0], "licenses/LICENSE", folder / "LICENSE")
