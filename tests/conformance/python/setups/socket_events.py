"""Listens to what `websockets` receives, below the SDKs, which stay as they are."""

import json

from websockets.asyncio.connection import Connection


def record_events(events):
    """Every message that any connection of this process receives is appended to `events`."""
    receive = Connection.recv

    async def recv(self, *arguments, **options):
        message = await receive(self, *arguments, **options)
        events.append(json.loads(message))
        return message

    Connection.recv = recv
