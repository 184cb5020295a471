"""A microphone that is open all the time: speech when asked, silence else, at the pace of real sound."""

import asyncio
import time

from conversation import BYTES_PER_SECOND

FRAME_SECONDS = 0.02
FRAME_BYTES = int(BYTES_PER_SECOND * FRAME_SECONDS)


class Microphone:
    def __init__(self, send):
        """`send` is a coroutine function that takes 20 ms of sound: 24 kHz, 16 bit."""
        self.send = send
        self.waiting = bytearray()
        self.task = None

    def open(self):
        self.task = asyncio.create_task(self.run())

    def say(self, speech):
        self.waiting += speech

    async def run(self):
        due = time.monotonic()
        while True:
            frame = bytes(self.waiting[:FRAME_BYTES])
            del self.waiting[:FRAME_BYTES]
            await self.send(frame.ljust(FRAME_BYTES, b"\0"))
            due += FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def close(self):
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
