"""Makes the table of a run: table.py RESULTS_FOLDER MODELS WANTED_SETUPS... [--readme README.md]

Prints it; with --readme it also takes the place of the table in that file. The exit code is 0 if every step
of every wanted setup passed."""

import argparse
import json
import re
import sys
from pathlib import Path

STEPS = ["connect", "session update", "transcript", "spoken reply", "second turn", "barge-in", "tool call",
         "text turn", "clean close", "zod", "pydantic"]
NAMES = {"node": "Node", "browser": "Chromium", "python": "Python"}
BEGIN, END = "<!-- conformance: begin -->", "<!-- conformance: end -->"


def outcomes(folder, setup):
    """The package of the setup and its steps' outcomes. What is not there was not reached."""
    path = folder / f"{setup}.jsonl"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = [json.loads(line) for line in text.splitlines()]
    package = next((line["sdk"] for line in lines if "sdk" in line), setup.split("-")[1])
    steps = {}
    for line in lines:
        steps[line["step"]] = steps.get(line["step"], True) and line["ok"]
    return package, [steps.get(step, False) for step in STEPS]


def table(folder, models, setups):
    rows = [f"| `{models}` models | " + " | ".join(STEPS) + " |", "|---" * (len(STEPS) + 1) + "|"]
    for setup in setups:
        package, passed = outcomes(folder, setup)
        cells = " | ".join("pass" if ok else "**FAIL**" for ok in passed)
        rows.append(f"| {package}, {NAMES[setup.split('-')[0]]} | {cells} |")
    return "\n".join(rows)


def put_into(readme, text):
    content = readme.read_text(encoding="utf-8")
    block = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not block.search(content):
        sys.exit(f"{readme} has no place for the table: {BEGIN} ... {END}")
    readme.write_text(block.sub(lambda _: f"{BEGIN}\n{text}\n{END}", content), encoding="utf-8")


parser = argparse.ArgumentParser()
parser.add_argument("folder", type=Path)
parser.add_argument("models")
parser.add_argument("setups", nargs="+")
parser.add_argument("--readme", type=Path)
arguments = parser.parse_args()
made = table(arguments.folder, arguments.models, arguments.setups)
print(made)
if arguments.readme:
    put_into(arguments.readme, made)
sys.exit("**FAIL**" in made)
