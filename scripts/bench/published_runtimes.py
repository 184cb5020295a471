"""Times the published runtimes: each function returns {measurement: value}, named as `antiphon bench models`
names them. One thread; medians."""
import importlib.util
import json
import statistics
import time
import wave

import numpy as np
import onnxruntime

SAMPLE_RATE = 16000
END_TOKEN = 2
DECODED_TOKENS = 32


def session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def read_speech(path):
    with wave.open(str(path)) as file:
        assert file.getframerate() == SAMPLE_RATE and file.getsampwidth() == 2
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768


def median_ms(call, rounds):
    call()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        times.append((time.perf_counter() - begin) * 1e3)
    return statistics.median(times)


def load_module(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def voice_activity(run):
    graph = session(run.graphs / "silero-vad.onnx")
    rate = np.array(SAMPLE_RATE, np.int64)
    measured = {}
    for batch in (1, 64):
        window = np.repeat(run.speech[None, :576], batch, 0)  # 64 samples of context, then 512
        inputs = {"input": window, "state": np.zeros((2, batch, 128), np.float32), "sr": rate}
        measured[f"step, batch {batch}"] = median_ms(lambda inputs=inputs: graph.run(None, inputs), 200)
    return measured


def end_of_turn(run):
    """The published graph's window is fixed at 8 s; ours of 2 s has no counterpart."""
    graph = session(run.graphs / "smart-turn.onnx")
    features = np.zeros((1, 80, 800), np.float32)
    return {"network, 8 s": median_ms(lambda: graph.run(None, {"input_features": features}), 8)}


class Moonshine:
    def __init__(self, graphs, model_set):
        self.encoder = session(graphs / f"{model_set}-encoder.ort")
        self.decoder = session(graphs / f"{model_set}-decoder.ort")
        self.inputs = {one.name: one for one in self.decoder.get_inputs()}
        self.outputs = [one.name for one in self.decoder.get_outputs()]

    def encode(self, audio):
        inputs = {"input_values": audio[None]}
        if len(self.encoder.get_inputs()) > 1:
            inputs["attention_mask"] = np.ones((1, len(audio)), np.int64)
        return self.encoder.run(None, inputs)[0]

    def decode(self, speech, seconds):
        """Number of passes. The tiny graph's mask counts samples, as the encoder's does."""
        state = {name: np.zeros((1, one.shape[1], 0, one.shape[3]), np.float32)
                 for name, one in self.inputs.items() if name.startswith("past")}
        fixed = {"encoder_hidden_states": speech}
        if "encoder_attention_mask" in self.inputs:
            fixed["encoder_attention_mask"] = np.ones((1, seconds * SAMPLE_RATE), np.int64)
        token, steps = 1, 0
        while steps < max(1, int(6.5 * seconds)):
            values = dict(zip(self.outputs, self.decoder.run(None, {
                **fixed, **state, "input_ids": np.array([[token]], np.int64),
                "use_cache_branch": np.array([steps > 0])})))
            for name, value in values.items():
                # After the first pass the cross-attention's keys and values are only passed through, empty.
                if name.startswith("present") and (steps == 0 or ".decoder." in name):
                    state[name.replace("present", "past_key_values")] = value
            token, steps = int(values["logits"][0, -1].argmax()), steps + 1
            if token == END_TOKEN:
                break
        return steps


def recognition(run):
    network = Moonshine(run.graphs, run.model_set)
    measured = {}
    for seconds in (2, 5, 10):
        audio = run.speech[:seconds * SAMPLE_RATE]
        speech = network.encode(audio)
        steps = network.decode(speech, seconds)
        encode = median_ms(lambda audio=audio: network.encode(audio), 3)
        decode = median_ms(lambda speech=speech, seconds=seconds: network.decode(speech, seconds), 3)
        measured[f"encode, {seconds} s"] = encode
        measured[f"decode step, {seconds} s"] = decode / steps
        measured[f"final transcript, {seconds} s"] = encode + decode
    return measured


def synthesis(run):
    """From phonemes to sound: the graph, then the published package's own signal processing."""
    graph = session(run.graphs / "hibari.onnx")
    dsp = load_module(run.graphs / "hibari_dsp.py")
    vocabulary = json.loads((run.weights / "hibari" / "hibari.json").read_text())["vocab"]

    measured = {}
    for what, phonemes in run.phonemes.items():
        ids = np.array([[0, *(vocabulary[symbol] for symbol in phonemes), 0]], np.int64)
        inputs = {"ids": ids, "speed": np.ones(1, np.float32)}
        noise = np.random.default_rng(0)

        def speak(inputs=inputs, noise=noise):
            return dsp.synth(*(output[0] for output in graph.run(None, inputs)), noise)

        measured[what] = median_ms(speak, 6)  # a phrase comes only as a whole: its first sound is its last
    return measured


class LlamaCpp:
    def __init__(self, model):
        import xllamacpp

        settings = xllamacpp.CommonParams()
        settings.model.path = str(model)
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
        settings.n_parallel, settings.n_ctx, settings.n_batch = 1, 1024, 512
        settings.verbosity = 0
        self.server = xllamacpp.Server(settings)

    def complete(self, prompt_tokens, tokens):
        prompt = [(1000 + 37 * i) % 30000 for i in range(prompt_tokens)]
        return self.server.handle_completions({
            "prompt": prompt, "n_predict": tokens, "temperature": 0, "ignore_eos": True,
            "cache_prompt": False})["timings"]


def language_model(run):
    """By the runtime's own clock. One caller: the prompts of eight would take most of a minute."""
    runtime = LlamaCpp(run.language_model)
    runtime.complete(16, 2)
    short, long = runtime.complete(128, DECODED_TOKENS + 1), runtime.complete(512, 1)
    return {"prefill 128": short["prompt_per_second"], "prefill 512": long["prompt_per_second"],
            "decode, batch 1": short["predicted_per_second"]}


def embedding(run):
    """The same sentence as ours; all of its words are in the vocabulary."""
    graph = session(run.graphs / "minilm.onnx")
    vocabulary = (run.weights / "minilm" / "vocab.txt").read_text().split("\n")
    words = "the train to the coast leaves at half past nine from platform four .".split()
    tokens = np.array([vocabulary.index(word) for word in ("[CLS]", *words, "[SEP]")], np.int64)
    return {"one sentence": median_ms(lambda: graph.run(None, {"tokens": tokens}), 20)}


RUNTIMES = {"voice activity": voice_activity, "end of turn": end_of_turn, "recognition": recognition,
            "language model": language_model, "synthesis": synthesis, "embedding": embedding}
