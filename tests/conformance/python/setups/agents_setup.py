"""pypi openai-agents: a RealtimeSession, which runs tools and keeps the history itself."""

import asyncio
import json

from agents import FunctionTool, set_tracing_disabled
from agents.realtime import RealtimeAgent, RealtimeRunner

from setups.socket_events import record_events


class Setup:
    def __init__(self, options, conversation):
        self.options, self.told = options, conversation
        self.instructions, self.tools = "Be friendly.", []
        self.reply_items = {}
        self.transcribed = set()
        set_tracing_disabled(True)
        record_events(conversation.events)

    def agent(self):
        return RealtimeAgent(name="voice", instructions=self.instructions, tools=self.tools)

    async def connect(self):
        url = self.options["base_url"].replace("http", "ws", 1) + "/realtime?model=gpt-realtime"
        self.session = await RealtimeRunner(self.agent()).run(
            model_config={"url": url, "api_key": self.options["key"]})
        await self.session.enter()
        self.reader = asyncio.create_task(self.read())

    async def instruct(self, text):
        self.instructions = text
        await self.session.update_agent(self.agent())

    async def send_audio(self, audio):
        await self.session.send_audio(audio)

    async def read(self):
        async for event in self.session:
            self.on_event(event)

    def on_event(self, event):
        told = self.told
        if event.type == "audio":
            told.reply().audio += event.audio.data
            self.reply_items[id(told.reply())] = event.item_id
        elif event.type == "audio_interrupted":
            told.interruptions += 1
        elif event.type == "agent_end":
            told.end_reply()
        elif event.type == "history_updated" or event.type == "history_added":
            self.note_user_words()
        elif event.type == "raw_model_event" and event.data.type in ("transcript_delta", "output_text_delta"):
            told.reply().text += event.data.delta
        elif event.type == "error":
            told.errors.append(str(event.error))

    def history(self):
        return {item.item_id: item for item in self.session._history if item.type == "message"}

    def note_user_words(self):
        for item in self.history().values():
            text = item.role == "user" and getattr(item.content[0], "transcript", None)
            if text and item.item_id not in self.transcribed:
                self.transcribed.add(item.item_id)
                self.told.user_words.append(text)

    async def history_of(self, reply):
        await asyncio.sleep(1)  # the SDK asks for the item when it was truncated
        return self.history()[self.reply_items[id(reply)]].content[0].transcript

    async def offer_function(self, function):
        async def call(_, arguments):
            self.told.calls.append(json.loads(arguments))
            return function["result"]

        self.tools = [FunctionTool(function["name"], function["description"], function["parameters"], call)]
        await self.session.update_agent(self.agent())

    async def write(self, text):
        await self.session.send_message(text)

    async def close(self):
        await self.session.close()
        await asyncio.wait_for(self.reader, 10)
