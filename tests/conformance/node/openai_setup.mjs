// npm openai: the plain connection, by `ws` in Node and by the browser's own socket there. It keeps no
// history: the server's items are asked for.
import { fromBase64, toBase64 } from "./base64.mjs";
import { until } from "./conversation.mjs";

export class OpenAISetup {
  #replyItems = new Map();
  #result;

  // `open` gives the SDK's connection, which is about to connect.
  constructor(open, told) {
    this.open = open;
    this.told = told;
  }

  async connect() {
    this.rt = await this.open();
    this.closed = new Promise((resolve) => this.rt.socket.addEventListener("close", resolve));
    const { rt, told } = this;
    rt.on("event", (event) => told.onEvent(event));
    rt.on("error", (error) => told.errors.push(error.message));
    const addWords = (event) => told.userWords.push(event.transcript);
    rt.on("conversation.item.input_audio_transcription.completed", addWords);
    rt.on("response.output_audio.delta", (event) => {
      told.reply.add(fromBase64(event.delta));
      this.#replyItems.set(told.reply, event.item_id);
    });
    const addText = (event) => (told.reply.text += event.delta);
    rt.on("response.output_audio_transcript.delta", addText);
    rt.on("response.output_text.delta", addText);
    rt.on("response.done", (event) => this.#onDone(event.response));
    rt.on("input_audio_buffer.speech_started", () => this.#onSpeech());
  }

  #onSpeech() {
    const reply = this.told.replies.at(-1);
    if (!reply || reply.done || reply.bytes === 0) return;
    ++this.told.interruptions;
    this.rt.send({
      type: "conversation.item.truncate",
      item_id: this.#replyItems.get(reply),
      content_index: 0,
      audio_end_ms: Math.floor(1000 * reply.seconds),
    });
  }

  #onDone(response) {
    this.told.endReply();
    for (const item of response.output.filter(({ type }) => type === "function_call")) {
      this.told.calls.push(JSON.parse(item.arguments));
      const output = { type: "function_call_output", call_id: item.call_id, output: this.#result };
      this.rt.send({ type: "conversation.item.create", item: output });
      this.rt.send({ type: "response.create" });
    }
  }

  instruct(text) {
    const turn_detection = { type: "server_vad", silence_duration_ms: 500, interrupt_response: true };
    const input = { transcription: { model: "whisper-1" }, turn_detection };
    const session = { type: "realtime", instructions: text, audio: { input } };
    this.rt.send({ type: "session.update", session });
  }

  sendAudio(audio) {
    this.rt.send({ type: "input_audio_buffer.append", audio: toBase64(audio) });
  }

  async historyOf(reply) {
    const known = this.told.events.length;
    this.rt.send({ type: "conversation.item.retrieve", item_id: this.#replyItems.get(reply) });
    const event = await until(() => this.told.eventsOf("conversation.item.retrieved", known)[0], 10, "item");
    return event.item.content[0].transcript;
  }

  offerFunction({ name, description, parameters, result }) {
    this.#result = result;
    const tools = [{ type: "function", name, description, parameters }];
    this.rt.send({ type: "session.update", session: { type: "realtime", tools } });
  }

  write(text) {
    const item = { type: "message", role: "user", content: [{ type: "input_text", text }] };
    this.rt.send({ type: "conversation.item.create", item });
    this.rt.send({ type: "response.create", response: { output_modalities: ["text"] } });
  }

  async close() {
    this.rt.close();
    const { code } = await this.closed;
    if (code !== 1000) throw new Error(`closed with ${code}`);
  }
}
