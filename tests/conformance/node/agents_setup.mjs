// @openai/agents-realtime: a RealtimeSession over a WebSocket, which runs tools and keeps the history itself.
import { RealtimeAgent, RealtimeSession, tool } from "@openai/agents-realtime";
import { sleep, until } from "./conversation.mjs";

export class AgentsSetup {
  #replyItems = new Map();
  #transcribed = new Set();
  #instructions = "Be friendly.";
  #tools = [];

  constructor({ url, apiKey }, told) {
    Object.assign(this, { url, apiKey, told });
  }

  #agent() {
    return new RealtimeAgent({ name: "voice", instructions: this.#instructions, tools: this.#tools });
  }

  async connect() {
    const { told } = this;
    // Its default turn detection, and the reference's interruption by the server.
    const turnDetection = { type: "semantic_vad", interruptResponse: true };
    const config = { audio: { input: { turnDetection } } };
    const options = { transport: "websocket", model: "gpt-realtime", config };
    this.session = new RealtimeSession(this.#agent(), options);
    const { session } = this;
    session.on("transport_event", (event) => told.onEvent(event));
    session.on("error", (error) => told.errors.push(JSON.stringify(error?.error ?? error)));
    session.on("audio", (event) => {
      told.reply.add(new Uint8Array(event.data));
      this.#replyItems.set(told.reply, session.transport.currentItemId);
    });
    session.on("audio_interrupted", () => ++told.interruptions);
    session.on("history_updated", (history) => this.#noteUserWords(history));
    const addText = (event) => (told.reply.text += event.delta);
    session.transport.on("audio_transcript_delta", addText);
    session.transport.on("output_text_delta", addText);
    session.transport.on("turn_done", () => told.endReply());
    await session.connect({ apiKey: this.apiKey, url: this.url });
  }

  #noteUserWords(history) {
    for (const item of history) {
      const text = item.role === "user" ? item.content[0]?.transcript : null;
      if (!text || this.#transcribed.has(item.itemId)) continue;
      this.#transcribed.add(item.itemId);
      this.told.userWords.push(text);
    }
  }

  async instruct(text) {
    this.#instructions = text;
    await this.session.updateAgent(this.#agent());
  }

  sendAudio(audio) {
    this.session.sendAudio(audio.buffer);
  }

  async historyOf(reply) {
    await sleep(1); // the SDK asks for the item when it was truncated
    const item = this.session.history.find(({ itemId }) => itemId === this.#replyItems.get(reply));
    return item.content[0].transcript;
  }

  async offerFunction({ name, description, parameters, result }) {
    const execute = (given) => {
      this.told.calls.push(given);
      return result;
    };
    this.#tools = [tool({ name, description, parameters, strict: true, execute })];
    await this.session.updateAgent(this.#agent());
  }

  write(text) {
    this.session.sendMessage(text);
  }

  async close() {
    this.session.close();
    await until(() => this.session.transport.status === "disconnected", 10, "end of the connection");
  }
}
