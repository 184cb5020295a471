// One conversation with the server: microphone, loudspeaker, connection and what was said, put together.
import { Microphone, Speaker, makeAudioContext } from "./audio.js";
import { Conversation } from "./conversation.js";
import { OpusCoder } from "./opus.js";
import { FRAME_SAMPLES, RATE_HZ, base64OfPcm, samplesOfBase64 } from "./pcm.js";
import { Playback } from "./playback.js";
import { ServerLink } from "./server_link.js";
import { sessionOf } from "./settings.js";

const FRAME_MS = (FRAME_SAMPLES / RATE_HZ) * 1000;
const PRE_ROLL_FRAMES = 12; // sent from before the button was pressed: people press while they begin
const SHORTEST_HOLD_MS = 200; // a shorter one was a slip
const MARKS = 3000; // a minute of frames
const IDLE_CLOSE_MS = 120000; // without a microphone; a session occupies one of the server's places
const REPLAYED_ENTRIES = 20;

export class Talk {
  // onState(state): "off", "connecting", "waiting", "ready" (push to talk), "listening", "hearing",
  //   "thinking", "speaking". onLink(state, detail), onLevel(level), onEntry(entry or none), onTurn(turn),
  //   onAnswered(), onError(message, or "lost" of the microphone).
  constructor({ settings, user, keys, askForKey, ...callbacks }) {
    Object.assign(this, callbacks);
    this.settings = settings;
    this.marks = []; // {endMs, capturedAt}: what was sent
    this.sentSamples = 0;
    this.preRoll = [];
    this.held = false;
    this.talking = false;
    this.state = "off";
    this.microphone = new Microphone({
      onFrame: (pcm, level, capturedAt) => this.onFrame(pcm, level, capturedAt),
      onLost: () => this.onMicrophoneLost(),
    });
    this.speaker = new Speaker({
      onAudible: (itemId, heardAt) => {
        this.conversation.onAudible(itemId, heardAt);
        this.refresh();
      },
      onStatus: () => this.refresh(),
    });
    this.playback = new Playback(this.speaker);
    this.conversation = new Conversation({
      speechTime: (audioMs) => this.speechTime(audioMs),
      onChange: (entry) => this.onEntry(entry),
      onTurn: (turn) => this.onTurn(turn),
    });
    this.link = new ServerLink({
      user,
      keys,
      askForKey,
      wantsOpus: () => this.settings.codec === "opus",
      onState: (state, detail) => this.onLinkState(state, detail),
      onBinary: (message) => this.opus?.decode(message, this.replyPlace),
      onEvent: (event) => this.onEvent(event),
    });
  }

  get pushToTalk() {
    return this.settings.turns === "push_to_talk";
  }

  // Sound can start only while the user does something, as browsers will have it.
  async startSound() {
    this.context ??= makeAudioContext();
    const resumed = this.context.resume(); // before anything is waited for: later it may not
    this.speakerStart ??= this.speaker.start(this.context);
    await Promise.all([resumed, this.speakerStart]);
  }

  // Throws NoMicrophone.
  async start() {
    clearTimeout(this.idleTimer);
    this.talking = true;
    this.refresh();
    try {
      await this.startSound();
      await this.microphone.start(this.context);
    } catch (error) {
      this.talking = false;
      this.refresh();
      throw error;
    }
    // The user may have thought better of it while the browser asked.
    if (this.talking) await this.link.open();
    else this.microphone.stop();
  }

  endTalking() {
    this.talking = this.held = false;
    this.microphone.stop();
    this.onLevel(0);
  }

  async stop() {
    this.endTalking();
    this.link.send({ type: "input_audio_buffer.clear" });
    this.conversation.hearing = false;
    this.conversation.drop(({ role, text }) => role === "user" && !text);
    await this.interrupt({ cancel: true });
    this.closeWhenIdle();
    this.refresh();
  }

  closeWhenIdle() {
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => this.link.close(), IDLE_CLOSE_MS);
  }

  // Push to talk.
  async press() {
    if (!this.talking || this.held) return;
    this.held = true;
    this.heldFrames = 0;
    this.refresh();
    const stopped = this.interrupt({ cancel: true });
    for (const { pcm, capturedAt } of this.preRoll.splice(0)) this.sendFrame(pcm, capturedAt);
    await stopped;
  }

  async release() {
    if (!this.held) return;
    this.held = false;
    await this.opus?.flush();
    if (this.heldFrames * FRAME_MS < SHORTEST_HOLD_MS) {
      this.link.send({ type: "input_audio_buffer.clear" });
    } else {
      this.link.send({ type: "input_audio_buffer.commit" });
      this.link.send({ type: "response.create" });
    }
    this.refresh();
  }

  async type(text) {
    clearTimeout(this.idleTimer);
    await this.startSound();
    await this.link.open();
    if (this.link.state !== "open") return false;
    await this.interrupt({ cancel: true });
    this.link.send({
      type: "conversation.item.create", item: this.conversation.addTyped(text, performance.now()),
    });
    this.link.send({ type: "response.create" });
    if (!this.talking) this.closeWhenIdle();
    this.refresh();
    return true;
  }

  applySettings(settings) {
    this.settings = settings;
    this.held = false;
    this.preRoll = [];
    this.sendSession();
    this.refresh();
  }

  sendSession() {
    this.link.send({ type: "session.update", session: sessionOf(this.settings, this.defaultInstructions) });
  }

  // The reply falls silent, and the server learns how much of it was heard.
  async interrupt({ cancel }) {
    const { activeResponse } = this.conversation;
    if (activeResponse) {
      this.playback.silence(activeResponse);
      if (cancel) this.link.send({ type: "response.cancel", response_id: activeResponse });
    }
    this.conversation.awaiting = false;
    const heard = await this.speaker.stop();
    const entry = heard && this.conversation.entry(heard.reply);
    if (!entry) return;
    const cutOff = heard.unplayed || (activeResponse && entry.responseId === activeResponse);
    if (!cutOff) return;
    this.link.send({
      type: "conversation.item.truncate", item_id: heard.reply, content_index: 0, audio_end_ms: heard.heardMs,
    });
  }

  onFrame(pcm, level, capturedAt) {
    this.onLevel(level);
    if (!this.pushToTalk) {
      this.sendFrame(pcm, capturedAt);
    } else if (this.held) {
      ++this.heldFrames;
      this.sendFrame(pcm, capturedAt);
    } else {
      this.preRoll.push({ pcm, capturedAt });
      if (this.preRoll.length > PRE_ROLL_FRAMES) this.preRoll.shift();
    }
  }

  sendFrame(pcm, capturedAt) {
    if (this.link.state !== "open") return;
    if (this.opus) this.opus.encode(pcm);
    else this.link.send({ type: "input_audio_buffer.append", audio: base64OfPcm(pcm) });
    this.sentSamples += pcm.length;
    this.marks.push({ endMs: (this.sentSamples / RATE_HZ) * 1000, capturedAt });
    if (this.marks.length > MARKS) this.marks.shift();
  }

  // When the page heard that moment of the audio that it has sent; null: too long ago.
  speechTime(audioMs) {
    const mark = this.marks.find(({ endMs }) => endMs >= audioMs);
    return mark ? mark.capturedAt - (mark.endMs - audioMs) : null;
  }

  onMicrophoneLost() {
    this.stop();
    this.onError("lost");
  }

  onLinkState(state, detail) {
    if (state !== "open" && state !== "connecting") {
      this.conversation.onLost();
      this.speaker.stop();
    }
    if (state === "open") {
      this.sentSamples = 0;
      this.marks = [];
      this.beginCoding();
    }
    if (state === "refused") this.endTalking();
    this.onLink(state, detail);
    this.refresh();
  }

  beginCoding() {
    this.opus?.close();
    this.opus = null;
    if (!this.link.opus) return;
    this.opus = new OpusCoder({
      onMessage: (message) => this.link.sendBinary(message),
      onSamples: (place, samples) => this.playback.take(place, samples, performance.now()),
    });
  }

  onEvent(event) {
    const now = performance.now();
    this.conversation.handle(event, now);
    if (event.type === "session.created") {
      this.defaultInstructions = event.session.instructions;
      this.sendSession();
      for (const item of this.conversation.replay(REPLAYED_ENTRIES)) {
        this.link.send({ type: "conversation.item.create", item });
      }
    } else if (event.type === "response.content_part.added") {
      this.replyPlace = event; // of the packets that follow
    } else if (event.type === "response.output_audio.delta") {
      this.playback.take(event, samplesOfBase64(event.delta), now);
    } else if (event.type === "response.output_audio.done") {
      this.playback.end(event);
    } else if (event.type === "input_audio_buffer.speech_started") {
      this.interrupt({ cancel: false });
    } else if (event.type === "response.done") {
      this.onAnswered();
    } else if (event.type === "conversation.item.truncated") {
      this.link.send({ type: "conversation.item.retrieve", item_id: event.item_id });
    } else if (event.type === "error") {
      this.onServerError(event.error);
    }
    this.refresh();
  }

  onServerError({ code, message }) {
    // The first comes when a reply ends while it is being cancelled, the second at the end of a long session,
    // after which the connection is made anew.
    if (code === "response_cancel_not_active" || code === "session_expired") return;
    if (code === "input_audio_buffer_commit_empty") this.conversation.awaiting = false;
    this.onError(message);
  }

  currentState() {
    const { hearing, awaiting, activeResponse, activeIsHeard } = this.conversation;
    if (this.link.state === "waiting") return "waiting";
    if (this.link.state === "connecting") return "connecting";
    if (this.talking && this.link.state === "closed") return "connecting"; // the microphone comes first
    if (this.held || (this.talking && hearing)) return "hearing";
    if (this.speaker.status.playing || (activeResponse && activeIsHeard)) return "speaking";
    if (awaiting || activeResponse) return "thinking";
    if (!this.talking) return "off";
    return this.pushToTalk ? "ready" : "listening";
  }

  refresh() {
    const state = this.currentState();
    if (state === this.state) return;
    this.state = state;
    this.onState(state);
  }
}
