"""What an SDK tells of one conversation. The setups write it, the steps read it."""

import asyncio
import time
from dataclasses import dataclass, field

SAMPLE_RATE_HZ = 24000
BYTES_PER_SECOND = 2 * SAMPLE_RATE_HZ


@dataclass
class Reply:
    text: str = ""  # as it came, also what was not said any more after an interruption
    audio: bytearray = field(default_factory=bytearray)  # 24 kHz, 16 bit
    done: bool = False

    def seconds(self):
        return len(self.audio) / BYTES_PER_SECOND


class Conversation:
    def __init__(self):
        self.events = []  # every event of the server, as JSON
        self.user_words = []  # final transcripts
        self.replies = []
        self.interruptions = 0  # by the SDK's own event
        self.calls = []  # arguments of the function, as often as the SDK called it
        self.errors = []

    def reply(self):
        """The reply that is under way."""
        if not self.replies or self.replies[-1].done:
            self.replies.append(Reply())
        return self.replies[-1]

    def end_reply(self):
        if self.replies:
            self.replies[-1].done = True

    def events_of(self, kind, since=0):
        return [event for event in self.events[since:] if event["type"] == kind]


async def until(condition, seconds, what):
    """Waits for the condition; its value. TimeoutError names what did not come."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"no {what} within {seconds} s")
        await asyncio.sleep(0.02)
    return value
