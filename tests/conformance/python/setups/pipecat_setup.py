"""pipecat-ai: a pipeline around OpenAIRealtimeLLMService, with a microphone and a loudspeaker of its own."""

import asyncio
import time

from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.adapters.llm.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMMessagesAppendFrame,
    LLMRunFrame,
    LLMSetToolsFrame,
    LLMUpdateSettingsFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.realtime.events import (
    AudioConfiguration,
    AudioInput,
    InputAudioTranscription,
    SemanticTurnDetection,
    SessionProperties,
)
from pipecat.services.openai.realtime.llm import OpenAIRealtimeLLMService
from pipecat.transports.base_input import BaseInputTransport
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner

from conversation import BYTES_PER_SECOND, SAMPLE_RATE_HZ, until
from setups.socket_events import record_events


class Ears(BaseInputTransport):
    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)


class Mouth(BaseOutputTransport):
    """Plays in real time, to nobody."""

    free_at = 0.0

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        now = time.monotonic()
        self.free_at = max(self.free_at, now) + len(frame.audio) / BYTES_PER_SECOND
        await asyncio.sleep(self.free_at - now)
        return True


class Listener(FrameProcessor):
    """Hands every frame on, and shows it to the setup."""

    def __init__(self, show):
        super().__init__()
        self.show = show

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        self.show(frame)
        await self.push_frame(frame, direction)


class Setup:
    def __init__(self, options, conversation):
        self.options, self.told = options, conversation
        record_events(conversation.events)

    async def connect(self):
        audio = AudioConfiguration(input=AudioInput(
            transcription=InputAudioTranscription(),
            turn_detection=SemanticTurnDetection(interrupt_response=True, create_response=True)))
        self.llm = OpenAIRealtimeLLMService(
            api_key=self.options["key"],
            base_url=self.options["base_url"].replace("http", "ws", 1) + "/realtime",
            settings=OpenAIRealtimeLLMService.Settings(
                system_instruction="Be friendly.", session_properties=SessionProperties(audio=audio)))
        sound = TransportParams(audio_in_enabled=True, audio_in_sample_rate=SAMPLE_RATE_HZ,
                                audio_out_enabled=True, audio_out_sample_rate=SAMPLE_RATE_HZ)
        # Pipecat's model is given its context by a first run of it.
        self.context = LLMContext([{"role": "user", "content": "Hello!"}])
        user, assistant = LLMContextAggregatorPair(self.context)
        self.ears = Ears(sound)
        self.before_llm = Listener(self.on_user_frame)
        self.worker = PipelineWorker(
            Pipeline([self.ears, user, self.before_llm, self.llm, Listener(self.on_reply_frame), Mouth(sound),
                      assistant]),
            params=PipelineParams(audio_in_sample_rate=SAMPLE_RATE_HZ, audio_out_sample_rate=SAMPLE_RATE_HZ))
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(self.worker)
        self.running = asyncio.create_task(runner.run())
        await self.worker.queue_frame(LLMRunFrame())
        await until(lambda: self.told.replies and self.told.replies[0].done, 60, "first reply")

    def on_user_frame(self, frame):
        if isinstance(frame, TranscriptionFrame):
            self.told.user_words.append(frame.text)
        elif isinstance(frame, ErrorFrame):
            self.told.errors.append(frame.error)

    def on_reply_frame(self, frame):
        told = self.told
        if isinstance(frame, TTSAudioRawFrame):
            told.reply().audio += frame.audio
        elif isinstance(frame, TTSTextFrame):
            told.reply().text += frame.text
        elif isinstance(frame, LLMFullResponseEndFrame):
            told.end_reply()
        elif isinstance(frame, InterruptionFrame):  # at each of the user's turns, speaking or not
            told.interruptions += 1

    async def instruct(self, text):
        await self.worker.queue_frame(
            LLMUpdateSettingsFrame(delta=OpenAIRealtimeLLMService.Settings(system_instruction=text)))

    async def send_audio(self, audio):
        await self.ears.push_audio_frame(InputAudioRawFrame(audio, SAMPLE_RATE_HZ, 1))

    async def history_of(self, reply):
        begin = reply.text.split()[:3]
        said = [message["content"] for message in self.context.get_messages()
                if message["role"] == "assistant" and isinstance(message.get("content"), str)]
        return next((text for text in reversed(said) if text.split()[:3] == begin), "")

    async def offer_function(self, function):
        async def call(params):
            self.told.calls.append(dict(params.arguments))
            await params.result_callback(function["result"])

        self.llm.register_function(function["name"], call)
        parameters = function["parameters"]
        schema = FunctionSchema(name=function["name"], description=function["description"],
                                properties=parameters["properties"], required=parameters["required"])
        await self.worker.queue_frame(LLMSetToolsFrame(tools=ToolsSchema(standard_tools=[schema])))

    async def write(self, text):
        frame = LLMMessagesAppendFrame([{"role": "user", "content": text}], run_llm=True)
        await self.before_llm.push_frame(frame, FrameDirection.DOWNSTREAM)

    async def close(self):
        await self.worker.queue_frame(EndFrame())
        await asyncio.wait_for(self.running, 20)
