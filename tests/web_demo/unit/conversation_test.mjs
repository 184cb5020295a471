import assert from "node:assert/strict";
import { test } from "node:test";
import { Conversation } from "../../../web_demo/js/conversation.js";
import { retryDelayMs } from "../../../web_demo/js/server_link.js";
import { sessionOf } from "../../../web_demo/js/settings.js";
import { duration, median, waterfall } from "../../../web_demo/js/turn_times.js";

function make() {
  const told = [];
  const conversation = new Conversation({
    speechTime: (audioMs) => 1000 + audioMs,
    onChange: () => {},
    onTurn: (turn) => told.push({ ...turn }),
  });
  let now = 0;
  const hear = (type, fields = {}) => conversation.handle({ type, ...fields }, ++now);
  return { conversation, hear, told };
}

function spokenTurn({ hear }, number = 1) {
  const user = `user_${number}`;
  hear("input_audio_buffer.speech_started", { item_id: user });
  hear("conversation.item.input_audio_transcription.delta", { item_id: user, delta: "Hel" });
  hear("input_audio_buffer.speech_stopped", { item_id: user });
  hear("input_audio_buffer.committed", { item_id: user });
  hear("conversation.item.input_audio_transcription.completed", { item_id: user, transcript: "Hello." });
  hear("response.created", { response: { id: `resp_${number}` } });
  const item = { id: `reply_${number}`, content: [] };
  hear("response.output_item.added", { item, response_id: `resp_${number}` });
  hear("response.output_audio_transcript.delta", { item_id: item.id, delta: "How do " });
  hear("response.output_audio_transcript.delta", { item_id: item.id, delta: "you do?" });
}

const traceOf = (number, speechEnd) => ({
  response_id: `resp_${number}`, speech_end_ms: speechEnd, speculated: true,
  stages_ms: {
    paused: 90, decided: 300, transcript_final: 200, first_token: 240, first_phrase: 260,
    first_audio_made: 280, first_audio_sent: 300,
  },
});

test("a spoken turn becomes two entries and a time", () => {
  const parts = make();
  const { conversation, hear, told } = parts;
  spokenTurn(parts);
  assert.equal(conversation.awaiting, true);
  hear("antiphon.turn.trace", traceOf(1, 500));
  conversation.onAudible("reply_1", 1850);
  assert.equal(conversation.awaiting, false);
  assert.deepEqual(conversation.entries.map(({ role, text }) => [role, text]),
    [["user", "Hello."], ["assistant", "How do you do?"]]);
  assert.equal(told.at(-1).voiceToVoiceMs, 350);
  conversation.onAudible("reply_1", 9999);
  assert.equal(conversation.turns[0].voiceToVoiceMs, 350);
});

test("an interrupted reply knows which of its words were heard", () => {
  const parts = make();
  const { conversation, hear } = parts;
  spokenTurn(parts);
  hear("antiphon.turn.trace", traceOf(1, 500));
  conversation.onAudible("reply_1", 1850);
  hear("input_audio_buffer.speech_started", { item_id: "user_2" });
  hear("response.output_item.done",
    { item: { id: "reply_1", status: "incomplete", content: [{ transcript: "How do" }] } });
  const cancelled = { status: "cancelled", status_details: { reason: "turn_detected" }, output: [{}] };
  hear("response.done", { response: { id: "resp_1", ...cancelled } });
  const reply = conversation.entry("reply_1");
  assert.deepEqual([reply.state, reply.heard], ["interrupted", "How do"]);
  assert.equal(conversation.turns[0].interrupted, true);
  hear("conversation.item.retrieved", { item: { id: "reply_1", content: [{ transcript: "How" }] } });
  assert.equal(reply.heard, "How");
  assert.deepEqual(conversation.replay(10).map(({ role, content }) => [role, content[0].text]),
    [["user", "Hello."], ["assistant", "How"]]);
});

test("noise that was no words leaves no entry", () => {
  const { conversation, hear } = make();
  hear("input_audio_buffer.speech_started", { item_id: "user_1" });
  hear("input_audio_buffer.speech_stopped", { item_id: "user_1" });
  hear("input_audio_buffer.speech_started", { item_id: "user_2" });
  assert.deepEqual(conversation.entries.map(({ id }) => id), ["user_2"]);
});

test("a lost connection ends what was going on", () => {
  const parts = make();
  spokenTurn(parts);
  parts.conversation.onLost();
  const { awaiting, activeResponse, entries } = parts.conversation;
  assert.deepEqual([awaiting, activeResponse], [false, null]);
  assert.equal(entries.every(({ state }) => state === "done"), true);
});

test("a typed turn counts from the moment it was sent", () => {
  const { conversation, hear } = make();
  const item = conversation.addTyped("Good day", 2000);
  assert.deepEqual(item.content, [{ type: "input_text", text: "Good day" }]);
  hear("response.created", { response: { id: "resp_1" } });
  hear("response.output_item.added", { item: { id: "reply_1" }, response_id: "resp_1" });
  hear("antiphon.turn.trace", traceOf(1, null));
  conversation.onAudible("reply_1", 2420);
  assert.equal(conversation.turns[0].voiceToVoiceMs, 420);
});

test("a waterfall has a row for each stage that was reached", () => {
  const rows = waterfall({ stages: traceOf(1, 500).stages_ms, voiceToVoiceMs: 350, speechEndMs: 500 });
  assert.deepEqual(rows.map(({ label, from, to }) => [label, from, to]), [
    ["Pause", 0, 90], ["Turn", 0, 300], ["Words", 90, 200], ["Thought", 200, 240], ["Phrase", 240, 260],
    ["Voice", 260, 280], ["Send", 300, 300], ["Reach you", 300, 350],
  ]);
  const typed = { ...traceOf(1, null).stages_ms, paused: null };
  assert.equal(waterfall({ stages: typed, voiceToVoiceMs: null, speechEndMs: null })[0].label, "Turn");
});

test("figures are said in one way", () => {
  assert.deepEqual([median([]), median([3, 1, 2]), median([1, 2, 3, 4])], [null, 2, 3]);
  assert.deepEqual([duration(null), duration(240), duration(1234), duration(12345)],
    ["–", "240 ms", "1.23 s", "12.3 s"]);
});

test("tries to connect again soon, then less often", () => {
  assert.equal(retryDelayMs(0, 0.5), 500);
  assert.equal(retryDelayMs(2, 0.5), 2000);
  assert.equal(retryDelayMs(30, 1), 10000);
});

test("settings become a session", () => {
  const chosen = { turns: "push_to_talk", eagerness: "high", silenceMs: 300, speed: 1.2, instructions: " " };
  const session = sessionOf(chosen, "the server's");
  assert.equal(session.audio.input.turn_detection, null);
  assert.equal(session.audio.output.speed, 1.2);
  assert.equal(session.instructions, "the server's");
  assert.deepEqual(sessionOf({ ...chosen, turns: "server_vad" }).audio.input.turn_detection,
    { type: "server_vad", silence_duration_ms: 300 });
  assert.deepEqual(sessionOf({ ...chosen, turns: "semantic_vad" }).audio.input.turn_detection,
    { type: "semantic_vad", eagerness: "high" });
});
