"""pypi openai: the plain connection. It keeps no history: the server's items are asked for."""

import asyncio
import base64
import json

from conversation import until
from openai import AsyncOpenAI

from setups.socket_events import record_events


class Setup:
    def __init__(self, options, conversation):
        self.options, self.told = options, conversation
        self.reply_items = {}
        self.function = None
        record_events(conversation.events)

    async def connect(self):
        client = AsyncOpenAI(base_url=self.options["base_url"], api_key=self.options["key"])
        self.connection = await client.realtime.connect(model="gpt-realtime").enter()
        self.reader = asyncio.create_task(self.read())

    async def instruct(self, text):
        await self.connection.session.update(session={
            "type": "realtime", "instructions": text,
            "audio": {"input": {"transcription": {"model": "whisper-1"},
                                "turn_detection": {"type": "server_vad", "silence_duration_ms": 500,
                                                   "interrupt_response": True}}}})

    async def send_audio(self, audio):
        await self.connection.input_audio_buffer.append(audio=base64.b64encode(audio).decode())

    async def read(self):
        async for event in self.connection:
            await self.on_event(event)

    async def on_event(self, event):
        told = self.told
        if event.type == "conversation.item.input_audio_transcription.completed":
            told.user_words.append(event.transcript)
        elif event.type == "response.output_audio.delta":
            told.reply().audio += base64.b64decode(event.delta)
            self.reply_items[id(told.reply())] = event.item_id
        elif event.type in ("response.output_audio_transcript.delta", "response.output_text.delta"):
            told.reply().text += event.delta
        elif event.type == "response.done":
            told.end_reply()
            for item in event.response.output:
                if item.type == "function_call":
                    await self.on_call(item)
        elif event.type == "input_audio_buffer.speech_started":
            await self.on_speech()
        elif event.type == "error":
            told.errors.append(event.error.message)

    async def on_speech(self):
        reply = self.told.replies[-1] if self.told.replies else None
        if reply is None or reply.done or not reply.audio:
            return
        self.told.interruptions += 1
        await self.connection.conversation.item.truncate(
            item_id=self.reply_items[id(reply)], content_index=0, audio_end_ms=int(1000 * reply.seconds()))

    async def on_call(self, call):
        self.told.calls.append(json.loads(call.arguments))
        await self.connection.conversation.item.create(item={
            "type": "function_call_output", "call_id": call.call_id, "output": self.function["result"]})
        await self.connection.response.create()

    async def history_of(self, reply):
        item_id, known = self.reply_items[id(reply)], len(self.told.events)
        await self.connection.conversation.item.retrieve(item_id=item_id)
        retrieved = await until(lambda: self.told.events_of("conversation.item.retrieved", known), 10, "item")
        return retrieved[0]["item"]["content"][0]["transcript"]

    async def offer_function(self, function):
        self.function = function
        tool = {key: function[key] for key in ("name", "description", "parameters")}
        await self.connection.session.update(session={"type": "realtime",
                                                      "tools": [{"type": "function", **tool}]})

    async def write(self, text):
        await self.connection.conversation.item.create(item={
            "type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})
        await self.connection.response.create(response={"output_modalities": ["text"]})

    async def close(self):
        await self.connection.close()
        await asyncio.wait_for(self.reader, 10)  # ends by a normal close, raises after any other
