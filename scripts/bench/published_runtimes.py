"""Times the published runtimes: each function returns {measurement: value}, named as `antiphon bench models`
names them. One thread; medians."""
import json
import statistics
import threading
import time
import wave

import numpy as np
import onnxruntime

SAMPLE_RATE = 16000
END_TOKEN = 2
DECODED_TOKENS = 24
# The texts of `antiphon bench models` in the voice's phonemes.
SHORT_PHRASE = "ʃˈʊɹ, ˌI kæn dˈu ðˈæt."
SENTENCE = "ˌI ɹˈɛd ðə bˈʊk jˈɛstəɹdˌA, ænd ˌI wɪl ɹˈid ɪt əɡˈɛn təmˈɑɹO."


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
    """The published graph's window is fixed at 8 s: a figure to know, not one to compare with our 2 s."""
    graph = session(run.graphs / "smart-turn.onnx")
    features = np.zeros((1, 80, 800), np.float32)
    return {"network, 8 s (fixed)": median_ms(lambda: graph.run(None, {"input_features": features}), 8)}


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
    """The graph alone, without its signal processing and text front end, which ours include."""
    graph = session(run.graphs / "hibari.onnx")
    vocabulary = json.loads((run.weights / "hibari" / "hibari.json").read_text())["vocab"]

    def phrase(phonemes):
        ids = np.array([[0, *(vocabulary[symbol] for symbol in phonemes), 0]], np.int64)
        inputs = {"ids": ids, "speed": np.ones(1, np.float32)}
        return median_ms(lambda: graph.run(None, inputs), 6)

    # The graph speaks a phrase only as a whole, so its first sound is its last.
    return {"first sound, short phrase, from text": phrase(SHORT_PHRASE), "whole sentence": phrase(SENTENCE)}


class LlamaCpp:
    def __init__(self, model):
        import xllamacpp

        settings = xllamacpp.CommonParams()
        settings.model.path = str(model)
        settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
        settings.n_parallel, settings.n_ctx, settings.n_batch = 8, 8 * 1024, 512
        settings.verbosity = 0
        self.server = xllamacpp.Server(settings)

    def complete(self, prompt_tokens, tokens):
        prompt = [(1000 + 37 * i) % 30000 for i in range(prompt_tokens)]
        return self.server.handle_completions({
            "prompt": prompt, "n_predict": tokens, "temperature": 0, "ignore_eos": True,
            "cache_prompt": False})["timings"]

    def wall_seconds(self, batch, tokens):
        threads = [threading.Thread(target=self.complete, args=(128, tokens)) for _ in range(batch)]
        begin = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - begin


def language_model(run):
    runtime = LlamaCpp(run.language_model)
    measured = {}
    for tokens in (128, 512):
        measured[f"prefill {tokens}"] = runtime.complete(tokens, 1)["prompt_per_second"]
    measured["decode, batch 1"] = runtime.complete(128, DECODED_TOKENS)["predicted_per_second"]
    for batch in (4, 8):
        # The prompts' time drops out of the difference.
        seconds = runtime.wall_seconds(batch, DECODED_TOKENS + 4) - runtime.wall_seconds(batch, 4)
        measured[f"decode, batch {batch}"] = batch * DECODED_TOKENS / seconds
    return measured


RUNTIMES = {"voice activity": voice_activity, "end of turn": end_of_turn, "recognition": recognition,
            "language model": language_model, "synthesis": synthesis}
