"""Ours and theirs in turns: `compare.py GRAPHS MODELS [--models SET] [--rounds N] [--only NETWORK]`."""
import argparse
import json
import multiprocessing
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import published_runtimes

ANTIPHON = "build/release/antiphon"
LANGUAGE_MODELS = {"small": "smollm2-135m-instruct", "standard": "qwen2.5-coder-1.5b-instruct"}
# Network -> measurement -> how many times as fast as theirs; 1 where nothing is said.
GOALS = {"language model": {"small": {"prefill 128": 1.5, "prefill 512": 1.5, "decode, batch 1": 1.5},
                            "standard": {"prefill 128": 1.5, "prefill 512": 1.5}}}
LIMITS_MS = {("recognition", "final transcript, 5 s"): {"small": 120, "standard": 270},
             ("synthesis", "first sound, short phrase, from text"): {"small": 15, "standard": 15}}


@dataclass
class Run:
    graphs: Path
    weights: Path
    model_set: str
    language_model: Path
    speech: np.ndarray
    phonemes: dict[str, str]  # measurement -> what the voice was given


# A round of the language model is long: one of each runtime, then the next.
OUR_ROUNDS_WITHIN_ONE = {"language model": 1}


def ours(network, model_set, folder):
    report = folder / "ours.json"
    rounds = str(OUR_ROUNDS_WITHIN_ONE.get(network, 3))
    subprocess.run([ANTIPHON, "bench", "models", "--models", model_set, "--only", network, "--rounds", rounds,
                    "--json", report, "--speech", folder / "speech.wav"], check=True,
                   stdout=subprocess.DEVNULL)
    found = json.loads(report.read_text())
    phonemes = {what: "".join(map(chr, symbols)) for what, symbols in found["phonemes"].items()}
    return {one["what"]: (one["value"], one["unit"]) for one in found["measurements"]}, phonemes


def measure_theirs(network, run, answer):
    answer.put(published_runtimes.RUNTIMES[network](run))


def theirs(network, run):
    """In a process of its own, so that nothing of one runtime is left when another one runs."""
    answer = multiprocessing.SimpleQueue()
    process = multiprocessing.Process(target=measure_theirs, args=(network, run, answer))
    process.start()
    process.join()
    if process.exitcode != 0:
        raise SystemExit(f"the published runtime for {network} failed")
    return answer.get()


def compare(network, arguments, folder):
    our_rounds, their_rounds = [], []
    for _ in range(arguments.rounds):
        measured, phonemes = ours(network, arguments.models, folder)
        our_rounds.append(measured)
        run = Run(arguments.graphs, arguments.weights, arguments.models,
                  arguments.weights / LANGUAGE_MODELS[arguments.models] / "model.gguf",
                  published_runtimes.read_speech(folder / "speech.wav"), phonemes)
        their_rounds.append(theirs(network, run))
    for what, (_, unit) in our_rounds[0].items():
        mine = statistics.median(one[what][0] for one in our_rounds)
        other = [one[what] for one in their_rounds if what in one]
        print(row(network, what, unit, mine, statistics.median(other) if other else None, arguments.models),
              flush=True)
    for what in their_rounds[0].keys() - our_rounds[0].keys() if their_rounds else ():
        theirs_alone = statistics.median(one[what] for one in their_rounds)
        print(f"| {network} | {what} | not measured | {theirs_alone:.4g} | | | |", flush=True)


def row(network, what, unit, mine, other, model_set):
    begin = f"| {network} | {what} | {mine:.4g} {unit} |"
    limit = LIMITS_MS.get((network, what), {}).get(model_set)
    goals, met = [], True
    ratio = ""
    if other is not None:
        goal = GOALS.get(network, {}).get(model_set, {}).get(what, 1)
        times_as_fast = other / mine if unit == "ms" else mine / other
        goals.append(f">= {goal} times as fast")
        met = times_as_fast >= goal
        ratio = f"{mine / other:.2f}"
    if limit:
        goals.append(f"<= {limit} ms")
        met = met and mine <= limit
    verdict = ("yes" if met else "NO") if goals else ""
    return f"{begin} {'not compared' if other is None else f'{other:.4g}'} | {ratio} | " \
           f"{', '.join(goals)} | {verdict} |"


def main():
    networks = list(published_runtimes.RUNTIMES)
    parser = argparse.ArgumentParser(prog="scripts/bench/compare.sh")
    parser.add_argument("graphs", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--models", choices=LANGUAGE_MODELS, default="standard")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=networks, action="append")
    arguments = parser.parse_args()
    print(f"Set {arguments.models}; medians of {arguments.rounds} rounds of ours, then theirs; one thread.\n")
    print("| network | measurement | ours | theirs | ours / theirs | goal | met |\n"
          "|---|---|---:|---:|---:|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for network in arguments.only or networks:
            compare(network, arguments, Path(folder))


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
