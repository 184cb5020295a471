"""Takes one setup through the steps: run_setup.py SETUP OPTIONS.json

run.sh writes the options. Each step's outcome goes to the file of results, each event of the server to the
file of events: a line of JSON each."""

import asyncio
import importlib
import importlib.metadata
import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from conversation import SAMPLE_RATE_HZ, Conversation
from steps import Steps

SETUPS = {  # name: (module, package)
    "python-openai": ("openai_setup", "openai"),
    "python-agents": ("agents_setup", "openai-agents"),
    "python-pipecat": ("pipecat_setup", "pipecat-ai"),
    "python-livekit": ("livekit_setup", "livekit-plugins-openai"),
}


class RecordedEvents(list):
    """Events that are also written to a file."""

    def __init__(self, path):
        super().__init__()
        self.file = open(path, "w", encoding="utf-8")

    def append(self, event):
        super().append(event)
        self.file.write(json.dumps(event) + "\n")
        self.file.flush()


def transcriber(options):
    def hear(audio):
        with tempfile.NamedTemporaryFile(suffix=".wav") as file:
            with wave.open(file.name, "wb") as sound:
                sound.setnchannels(1)
                sound.setsampwidth(2)
                sound.setframerate(SAMPLE_RATE_HZ)
                sound.writeframes(bytes(audio))
            command = [options["program"], "transcribe", "--models", options["models"], file.name]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout

    return hear


async def main(name, options):
    module, package = SETUPS[name]
    script = json.loads(Path(options["script"]).read_text(encoding="utf-8"))
    script["instructions"] = script["instructions"][options["models"]]  # what each model does well
    speech = {path.stem: path.read_bytes() for path in Path(options["speech"]).glob("*.pcm")}
    results = open(Path(options["results"]) / f"{name}.jsonl", "w", encoding="utf-8")
    sdk = f"{package} {importlib.metadata.version(package)}"

    def report(step, ok, detail):
        print(f"{'ok     ' if ok else 'FAILED '} {name}: {step}{': ' + detail if detail else ''}", flush=True)
        line = {"setup": name, "sdk": sdk, "step": step, "ok": ok, "detail": detail}
        results.write(json.dumps(line) + "\n")
        results.flush()

    conversation = Conversation()
    conversation.events = RecordedEvents(Path(options["events"]) / f"{name}.jsonl")
    setup = importlib.import_module(f"setups.{module}").Setup(options, conversation)
    await Steps(setup, conversation, script, speech, transcriber(options), report).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))))
