"""Holds every event of the server against the models of pypi openai: check_events.py SETUP OPTIONS.json"""

import json
import sys
from pathlib import Path
from typing import get_args

import openai
import pydantic
from openai.types.realtime import RealtimeServerEvent


def models():
    """Each type's model: the union's own message would list the faults of all."""
    found = {}
    for model in get_args(get_args(RealtimeServerEvent)[0]):
        for name in get_args(model.model_fields["type"].annotation):
            found[name] = pydantic.TypeAdapter(model)
    return found


def faults(lines):
    adapters = models()
    for line in lines:
        event = json.loads(line)
        if event["type"] not in adapters:
            yield f"{event['type']}: unknown"
            continue
        try:
            adapters[event["type"]].validate_python(event)
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            yield f"{event['type']}: {'.'.join(map(str, first['loc']))}: {first['msg']}"


name, options = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
events = Path(options["events"]) / f"{name}.jsonl"
lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
found = sorted(set(faults(lines)))
ok = bool(lines) and not found
detail = "; ".join(found) or f"{len(lines)} events"
print(f"{'ok     ' if ok else 'FAILED '} {name}: pydantic (openai {openai.__version__}): {detail}")
with open(Path(options["results"]) / f"{name}.jsonl", "a", encoding="utf-8") as results:
    results.write(json.dumps({"setup": name, "step": "pydantic", "ok": ok, "detail": detail}) + "\n")
