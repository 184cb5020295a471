// What was said, by whom, and how long the answers took: made of the server's events. No browser in it.

// A turn's times; `stages` as the server's trace has them, in ms after the end of the user's speech.
class Turn {
  constructor(number, requestedAt) {
    this.number = number;
    this.requestedAt = requestedAt; // page time
    this.responseId = null;
    this.stages = null;
    this.speechEndMs = null; // in the audio that was sent
    this.speculated = false;
    this.voiceToVoiceMs = null;
    this.heardAt = null;
    this.interrupted = false;
  }
}

export class Conversation {
  // speechTime(audioMs): when the page heard that moment of the user's audio, as page time, or null.
  // onChange(entry): of an entry's text or state, or with none of the list itself. onTurn(turn): its times.
  constructor({ speechTime, onChange, onTurn }) {
    Object.assign(this, { speechTime, onChange, onTurn });
    this.entries = []; // {id, role, text, heard, state}; heard: the part of an interrupted text that was
    this.turns = [];
    this.hearing = false; // the user speaks
    this.awaiting = false; // the user has said something, and no answer is heard yet
    this.activeResponse = null; // its id
    this.activeIsHeard = false;
  }

  handle(event, now) {
    this.handlers[event.type]?.call(this, event, now);
  }

  // A reply's sound has reached the ear.
  onAudible(itemId, heardAt) {
    this.awaiting = false;
    const entry = this.entry(itemId);
    if (entry && entry.responseId === this.activeResponse) this.activeIsHeard = true;
    const turn = this.turns.find(({ responseId }) => entry && responseId === entry.responseId);
    if (!turn || turn.heardAt !== null) return;
    turn.heardAt = heardAt;
    this.measure(turn);
  }

  // The user has written `text`; returns the item for the server.
  addTyped(text, now) {
    const id = `item_typed_${this.entries.length}_${Math.floor(Math.random() * 1e9)}`;
    this.add({ id, role: "user", text, state: "done" });
    this.expectAnswer(now);
    return { id, type: "message", role: "user", content: [{ type: "input_text", text }] };
  }

  // The user wants an answer to what was said.
  expectAnswer(now) {
    this.awaiting = true;
    this.turns.push(new Turn(this.turns.length + 1, now));
  }

  // What the server must be told to go on after a new connection.
  replay(entriesMax) {
    const said = this.entries.map(({ role, text, heard }) => ({ role, text: heard ?? text }));
    return said.filter(({ text }) => text).slice(-entriesMax).map(({ role, text }) => ({
      type: "message",
      role,
      content: [{ type: role === "user" ? "input_text" : "output_text", text }],
    }));
  }

  // The connection is gone, and with it what was going on.
  onLost() {
    this.hearing = this.awaiting = this.activeIsHeard = false;
    this.activeResponse = null;
    for (const entry of this.entries) if (entry.state === "live") this.finish(entry, "done");
    this.drop(({ text }) => !text);
  }

  entry(id) {
    return this.entries.find((entry) => entry.id === id);
  }

  add(entry) {
    this.entries.push({ heard: null, responseId: null, ...entry });
    this.onChange();
  }

  drop(unwanted) {
    this.entries = this.entries.filter((entry) => !unwanted(entry));
    this.onChange();
  }

  append(id, delta) {
    const entry = this.entry(id);
    if (!entry) return;
    entry.text += delta;
    this.onChange(entry);
  }

  finish(entry, state) {
    entry.state = state;
    this.onChange(entry);
  }

  measure(turn) {
    if (turn.heardAt === null || turn.stages === null) return;
    const begin = turn.speechEndMs === null ? turn.requestedAt : this.speechTime(turn.speechEndMs);
    if (begin !== null) turn.voiceToVoiceMs = Math.round(turn.heardAt - begin);
    this.onTurn(turn);
  }

  handlers = {
    "input_audio_buffer.speech_started"({ item_id: id }) {
      this.hearing = true;
      this.drop(({ role, state, text }) => role === "user" && state === "live" && !text);
      this.add({ id, role: "user", text: "", state: "live" });
    },
    "input_audio_buffer.speech_stopped"() {
      this.hearing = false;
    },
    "input_audio_buffer.committed"({ item_id: id }, now) {
      this.hearing = false;
      if (!this.entry(id)) this.add({ id, role: "user", text: "", state: "live" });
      this.expectAnswer(now);
    },
    "conversation.item.input_audio_transcription.delta"({ item_id: id, delta }) {
      this.append(id, delta);
    },
    "conversation.item.input_audio_transcription.completed"({ item_id: id, transcript }) {
      const entry = this.entry(id);
      if (!entry) return;
      entry.text = transcript;
      this.finish(entry, "done");
      this.drop(({ role, state, text }) => role === "user" && state === "done" && !text);
    },
    "response.created"({ response }) {
      this.activeResponse = response.id;
      this.activeIsHeard = false;
      const turn = this.turns.at(-1);
      if (turn && turn.responseId === null) turn.responseId = response.id;
    },
    "response.output_item.added"({ item, response_id: responseId }) {
      this.add({ id: item.id, role: "assistant", text: "", state: "live", responseId });
    },
    "response.output_audio_transcript.delta"({ item_id: id, delta }) {
      this.append(id, delta);
    },
    "response.output_text.delta"({ item_id: id, delta }) {
      this.append(id, delta);
    },
    "response.output_item.done"({ item }) {
      const entry = this.entry(item.id);
      if (!entry) return;
      const interrupted = item.status === "incomplete" && this.cut(entry, item);
      this.finish(entry, interrupted ? "interrupted" : "done");
    },
    "conversation.item.retrieved"({ item }) {
      const entry = this.entry(item.id);
      if (entry && this.cut(entry, item)) this.finish(entry, "interrupted");
    },
    "response.done"({ response }) {
      this.activeResponse = null;
      this.activeIsHeard = false;
      const silent = !response.output?.length;
      if (silent || response.status === "failed") this.awaiting = false;
      const reason = response.status_details?.reason;
      const turn = this.turns.find(({ responseId }) => responseId === response.id);
      if (turn && response.status === "cancelled" && reason) turn.interrupted = true;
      if (turn && turn.interrupted) this.onTurn(turn);
    },
    "antiphon.turn.trace"({ response_id: id, speech_end_ms: end, speculated, stages_ms: stages }) {
      const turn = this.turns.find(({ responseId }) => responseId === id);
      if (!turn) return;
      Object.assign(turn, { stages, speechEndMs: end, speculated });
      this.measure(turn);
    },
  };

  // Notes which part of the text was heard, as the server has cut it. False: nothing was cut.
  cut(entry, item) {
    const [part] = item.content ?? [];
    const heard = (part?.transcript ?? part?.text ?? "").trim();
    if (heard.length >= entry.text.trim().length) return false;
    entry.heard = heard;
    return true;
  }
}
