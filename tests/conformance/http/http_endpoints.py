"""The HTTP endpoints through the openai package: http_endpoints.py BASE_URL KEY

SSL_CERT_FILE names the certificate to trust."""

import base64
import io
import os
import ssl
import sys

import httpx2 as httpx
import openai
from steps import Steps

base_url, key = sys.argv[1:3]
trusted = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
client = openai.OpenAI(base_url=base_url, api_key=key, max_retries=0,
                       http_client=httpx.Client(verify=trusted))
steps = Steps("python openai " + openai.__version__)
SENTENCE = "What is the capital of France?"


def check(condition, why):
    if not condition:
        raise AssertionError(why)


def models():
    names = [model.id for model in client.models.list()]
    check("antiphon" in names, names)
    check(client.models.retrieve("antiphon").id == "antiphon", "retrieve")


def wrong_key():
    other = client.with_options(api_key="ak_wrong")
    try:
        other.models.list()
    except openai.AuthenticationError as error:
        check(error.code == "invalid_api_key", error.code)
        return
    raise AssertionError("a wrong key was let in")


def client_secret():
    secret = client.realtime.client_secrets.create(
        expires_after={"anchor": "created_at", "seconds": 60},
        session={"type": "realtime", "model": "gpt-realtime", "instructions": "Be brief."})
    check(secret.value.startswith("ek_"), "no ek_")
    check(secret.session.instructions == "Be brief.", secret.session)
    return secret.value


def speech(audio_format):
    with client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input=SENTENCE, response_format=audio_format) as response:
        pieces = list(response.iter_bytes())
    check(len(pieces) > 1, "came in one piece")
    return b"".join(pieces)


def transcription(sound, audio_format):
    file = (f"speech.{audio_format}", io.BytesIO(sound))
    heard = client.audio.transcriptions.create(model="whisper-1", file=file)
    check(heard.text == SENTENCE, heard.text)


def verbose_transcription(sound):
    heard = client.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", io.BytesIO(sound)), response_format="verbose_json",
        timestamp_granularities=["word", "segment"])
    check(len(heard.words) == 6 and heard.words[0].word == "What", heard.words)
    check(len(heard.segments) == 1, heard.segments)


def subtitles(sound):
    text = client.audio.transcriptions.create(model="whisper-1", file=("a.wav", io.BytesIO(sound)),
                                              response_format="srt")
    check(text.startswith("1\n00:00:0"), text)


def streamed_transcription(sound):
    stream = client.audio.transcriptions.create(model="gpt-4o-mini-transcribe",
                                                file=("a.wav", io.BytesIO(sound)), stream=True)
    events = list(stream)
    check(events[0].type == "transcript.text.delta", events)
    check(events[-1].type == "transcript.text.done" and events[-1].text == SENTENCE, events)


def bad_file():
    try:
        client.audio.transcriptions.create(model="whisper-1", file=("a.wav", io.BytesIO(b"nothing")))
    except openai.BadRequestError as error:
        check(error.param == "file", error.param)
        return
    raise AssertionError("no error")


MESSAGES = [{"role": "system", "content": "You answer in one short sentence."},
            {"role": "user", "content": SENTENCE}]


def chat():
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES)
    text = answer.choices[0].message.content
    check("Paris" in text, text)
    check(answer.usage.total_tokens > answer.usage.prompt_tokens > 0, answer.usage)
    return text


def streamed_chat(expected):
    text = ""
    usage = None
    for chunk in client.chat.completions.create(model="gpt-4o-mini", messages=MESSAGES, stream=True,
                                                stream_options={"include_usage": True}):
        if chunk.choices and chunk.choices[0].delta.content:
            text += chunk.choices[0].delta.content
        usage = chunk.usage or usage
    check(text == expected, text)
    check(usage.completion_tokens > 0, usage)


def refused_field():
    try:
        client.chat.completions.create(model="m", messages=MESSAGES, n=2)
    except openai.BadRequestError as error:
        check(error.param == "n", error.param)
        return
    raise AssertionError("no error")


def realtime(secret):
    scoped = openai.OpenAI(base_url=base_url, api_key=secret)
    with scoped.realtime.connect(model="gpt-realtime",
                                 websocket_connection_options={"ssl": trusted}) as connection:
        created = connection.recv()
        check(created.type == "session.created", created.type)
        check(created.session.instructions == "Be brief.", created.session.instructions)
        connection.conversation.item.create(item={
            "type": "message", "role": "user", "content": [{"type": "input_text", "text": SENTENCE}]})
        connection.response.create(response={"output_modalities": ["audio"]})
        audio, transcript = b"", ""
        for event in connection:
            if event.type == "response.output_audio.delta":
                audio += base64.b64decode(event.delta)
            if event.type == "response.output_audio_transcript.done":
                transcript = event.transcript
            if event.type == "response.done":
                check(event.response.status == "completed", event.response)
                break
        check("Paris" in transcript, transcript)
        check(len(audio) > 24000, len(audio))


steps.run("list and retrieve models", models)
steps.run("a wrong key is refused", wrong_key)
secret_value = steps.run("client secret", client_secret)
for kind in ("wav", "mp3", "opus"):
    made = steps.run(f"speech as {kind}", lambda: speech(kind))
    steps.run(f"transcription of {kind}", lambda: transcription(made, kind))
    if kind == "wav":
        wav = made
steps.run("verbose transcription with words", lambda: verbose_transcription(wav))
steps.run("subtitles", lambda: subtitles(wav))
steps.run("streamed transcription", lambda: streamed_transcription(wav))
steps.run("a bad file is named", bad_file)
answered = steps.run("chat", chat)
steps.run("streamed chat", lambda: streamed_chat(answered))
steps.run("a field that is not followed is named", refused_field)
steps.run("realtime session with the client secret", lambda: realtime(secret_value))
steps.end()
