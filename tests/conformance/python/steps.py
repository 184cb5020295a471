"""The steps that every setup takes, whatever its SDK."""

import asyncio
import re
import traceback

from conversation import until
from microphone import Microphone

STEP_SECONDS_MAX = 150
REPLY_SECONDS = 60
PLAYED_SECONDS = 4  # of the long reply before the user speaks into it


def words(text):
    return re.findall(r"[a-z0-9']+", text.lower().replace("-", " "))


def check(condition, why):
    if not condition:
        raise AssertionError(why)


def check_any(expected, text):
    check(any(word in words(text) for word in expected), f"none of {expected} in '{text}'")


class Steps:
    def __init__(self, setup, conversation, script, speech, hear, report):
        """`speech` holds the sound of each turn, `hear` transcribes sound, `report` takes outcomes."""
        self.setup, self.told, self.script = setup, conversation, script
        self.speech, self.hear, self.report = speech, hear, report
        self.microphone = Microphone(setup.send_audio)

    async def run(self):
        if not await self.step("connect", self.connect):
            return
        for name, step in [("session update", self.update), ("transcript", self.transcript),
                           ("spoken reply", self.spoken_reply), ("second turn", self.second_turn),
                           ("barge-in", self.barge_in), ("tool call", self.tool_call),
                           ("text turn", self.text_turn), ("clean close", self.close)]:
            await self.step(name, step)

    async def step(self, name, step):
        try:
            await asyncio.wait_for(step(), STEP_SECONDS_MAX)
        except Exception as error:  # a step that fails must not stop the others
            traceback.print_exc()
            self.report(name, False, f"{type(error).__name__}: {error}")
            return False
        self.report(name, True, "")
        return True

    async def connect(self):
        await self.setup.connect()
        await until(lambda: self.told.events_of("session.created"), 20, "session.created")
        self.microphone.open()

    async def update(self):
        text = self.script["instructions"]
        await self.setup.instruct(text)

        def obeyed():
            return [event for event in self.told.events_of("session.updated")
                    if text in event["session"]["instructions"]]

        session = (await until(obeyed, 20, "session.updated with the instructions"))[-1]["session"]
        check(session["audio"]["input"]["turn_detection"]["interrupt_response"] is True, session)

    def say(self, turn):
        self.microphone.say(self.speech[turn])

    async def next_reply(self, known):
        """The first whole reply with words after the `known` ones."""
        def whole():
            return [reply for reply in self.told.replies[known:] if reply.done and reply.text]

        reply = (await until(whole, REPLY_SECONDS, "reply"))[0]
        await asyncio.sleep(0.5)  # the last of its sound is still to be played
        return reply

    async def check_heard(self, turn, known):
        """That the SDK gives a transcript of the turn, after the `known` ones."""
        await until(lambda: len(self.told.user_words) > known, 30, "transcript")
        text = " ".join(self.told.user_words[known:])
        for word in self.script[turn]["heard"]:
            check(word in words(text), f"'{word}' is not in '{text}'")

    def check_audible(self, reply):
        """That the reply's sound says what its text says."""
        heard, written = words(self.hear(reply.audio)), words(reply.text)
        common = sum(word in heard for word in written)
        check(len(written) >= 3 and common >= 0.6 * len(written), f"heard {heard}, written {written}")

    async def transcript(self):
        self.replies_known = len(self.told.replies)
        self.say("first")
        await self.check_heard("first", 0)

    async def spoken_reply(self):
        reply = await self.next_reply(self.replies_known)
        check_any(self.script["first"]["answer"], reply.text)
        self.check_audible(reply)

    async def second_turn(self):
        heard, replies = len(self.told.user_words), len(self.told.replies)
        self.say("second")
        await self.check_heard("second", heard)
        reply = await self.next_reply(replies)
        check_any(self.script["second"]["answer"], reply.text)
        self.check_audible(reply)

    async def barge_in(self):
        told, known = self.told, len(self.told.replies)
        self.say("long")
        long = await until(lambda: next((reply for reply in told.replies[known:]
                                         if reply.seconds() > PLAYED_SECONDS), None), REPLY_SECONDS,
                           "long reply")
        check(not long.done, f"the story is too short to interrupt: '{long.text}'")
        events, heard, interruptions = len(told.events), len(told.user_words), told.interruptions
        self.say("interruption")
        await until(lambda: told.interruptions > interruptions, 15, "interruption by the SDK's own event")
        played = long.seconds()
        await self.check_heard("interruption", heard)
        await self.next_reply(told.replies.index(long) + 1)
        check(long.seconds() - played < 0.5, f"{long.seconds() - played} s more after the interruption")
        cancelled = [event["response"] for event in told.events_of("response.done", events)
                     if event["response"]["status"] == "cancelled"]
        check(cancelled and cancelled[0]["status_details"]["reason"] == "turn_detected", "not cancelled")
        check(told.events_of("conversation.item.truncated", events), "not truncated")
        self.check_cut(long, await self.setup.history_of(long))

    def check_cut(self, reply, kept):
        """That the SDK's history keeps of the reply what was heard of it."""
        kept, written, heard = words(kept), words(reply.text), words(self.hear(reply.audio))
        check(kept and kept == written[:len(kept)], f"history has {kept}, the reply was {written}")
        check(abs(len(kept) - len(heard)) <= max(5, 0.5 * len(heard)), f"history {kept}, heard {heard}")

    async def tool_call(self):
        await self.setup.offer_function(self.script["function"])
        await asyncio.sleep(1)
        known, heard = len(self.told.replies), len(self.told.user_words)
        self.say("tool")
        await until(lambda: self.told.calls, 30, "call of the function")
        city = str(self.told.calls[-1].get("city", ""))
        check(self.script["tool"]["argument"] in city.lower(), self.told.calls)
        check(len(self.told.user_words) > heard, "no transcript")
        reply = await self.next_reply(known)
        check_any(self.script["tool"]["answer"], reply.text)

    async def text_turn(self):
        known = len(self.told.replies)
        await self.setup.write(self.script["text"]["write"])
        check_any(self.script["text"]["answer"], (await self.next_reply(known)).text)

    async def close(self):
        await self.microphone.close()
        await self.setup.close()
        check(not self.told.errors, self.told.errors)
