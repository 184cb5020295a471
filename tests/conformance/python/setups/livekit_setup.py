"""livekit-plugins-openai: an AgentSession with the plugin's RealtimeModel, with ears and mouth of its own
instead of a room's."""

import asyncio
import json
import time

from livekit import rtc
from livekit.agents import Agent, AgentSession, llm
from livekit.agents.voice import io
from livekit.agents.voice.transcription.synchronizer import TranscriptSynchronizer
from livekit.plugins import openai

from conversation import SAMPLE_RATE_HZ


class Ears(io.AudioInput):
    def __init__(self):
        super().__init__(label="microphone")
        self.frames = asyncio.Queue()

    async def __anext__(self):
        audio = await self.frames.get()
        return rtc.AudioFrame(audio, SAMPLE_RATE_HZ, 1, len(audio) // 2)


class Mouth(io.AudioOutput):
    """Plays in real time, to nobody."""

    def __init__(self, told):
        super().__init__(label="loudspeaker", capabilities=io.AudioOutputCapabilities(pause=False),
                         sample_rate=SAMPLE_RATE_HZ)
        self.told = told
        self.seconds, self.begin, self.end = 0.0, 0.0, None

    async def capture_frame(self, frame):
        await super().capture_frame(frame)
        if not self.seconds:
            self.begin = time.time()
            self.on_playback_started(created_at=self.begin)
        self.seconds += frame.duration
        self.told.reply().audio += bytes(frame.data)

    def flush(self):
        super().flush()
        if self.seconds and self.end is None:
            left = max(0.0, self.begin + self.seconds - time.time())
            self.end = asyncio.get_running_loop().call_later(left, self.finish, False)

    def clear_buffer(self):
        if self.seconds:
            self.finish(True)

    def finish(self, interrupted):
        if self.end is not None:
            self.end.cancel()
        played = min(self.seconds, time.time() - self.begin) if interrupted else self.seconds
        self.seconds, self.end = 0.0, None
        self.on_playback_finished(playback_position=played, interrupted=interrupted)


class Setup:
    def __init__(self, options, conversation):
        self.options, self.told = options, conversation
        self.kept = {}

    async def connect(self):
        self.model = openai.realtime.RealtimeModel(base_url=self.options["base_url"],
                                                   api_key=self.options["key"])
        self.session = AgentSession(llm=self.model, vad=None, aec_warmup_duration=None,
                                    turn_handling={"turn_detection": "realtime_llm"})
        self.ears, self.mouth = Ears(), Mouth(self.told)
        # As a room does it: the history of an interrupted reply ends where its sound did.
        synchronizer = TranscriptSynchronizer(next_in_chain_audio=self.mouth, next_in_chain_text=None)
        self.session.input.audio = self.ears
        self.session.output.audio = synchronizer.audio_output
        self.session.output.transcription = synchronizer.text_output
        self.session.on("user_input_transcribed", self.on_user_words)
        self.session.on("conversation_item_added", self.on_item)
        self.session.on("speech_created", self.on_speech)
        self.session.on("error", lambda event: self.told.errors.append(str(event.error)))
        await self.session.start(agent=Agent(instructions="Be friendly."), record=False)
        socket = self.session.current_agent.realtime_llm_session
        socket.on("openai_server_event_received", self.on_event)

    def on_event(self, event):
        self.told.events.append(json.loads(json.dumps(event)))
        if event["type"] == "response.output_audio_transcript.delta":
            self.told.reply().text += event["delta"]

    def on_user_words(self, event):
        if event.is_final:
            self.told.user_words.append(event.transcript)

    def on_item(self, event):
        item = event.item
        if isinstance(item, llm.ChatMessage) and item.role == "assistant":
            self.kept[id(self.told.reply())] = item
            self.told.end_reply()

    def on_speech(self, event):
        def done(handle):
            self.told.interruptions += handle.interrupted

        event.speech_handle.add_done_callback(done)

    async def instruct(self, text):
        await self.session.current_agent.update_instructions(text)

    async def send_audio(self, audio):
        self.ears.frames.put_nowait(audio)

    async def history_of(self, reply):
        message = self.session.history.get_by_id(self.kept[id(reply)].id)
        return message.text_content if message.interrupted else ""

    async def offer_function(self, function):
        async def call(raw_arguments: dict[str, object]):
            self.told.calls.append(raw_arguments)
            return function["result"]

        schema = {key: function[key] for key in ("name", "description", "parameters")}
        await self.session.current_agent.update_tools([llm.function_tool(call, raw_schema=schema)])

    async def write(self, text):
        self.session.generate_reply(user_input=text)

    async def close(self):
        await self.session.aclose()
        await self.model.aclose()
