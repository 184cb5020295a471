// The HTTP endpoints and a session through npm's openai: http_endpoints.mjs BASE_URL KEY
// NODE_EXTRA_CA_CERTS names the certificate to trust.
import assert from "node:assert";
import OpenAI, { toFile } from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { VERSION } from "openai/version";

const [baseURL, apiKey] = process.argv.slice(2);
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });
const sentence = "What is the capital of France?";
const messages = [
  { role: "system", content: "You answer in one short sentence." },
  { role: "user", content: sentence },
];
let failed = 0;

async function step(name, run) {
  try {
    const result = await run();
    console.log(`ok      node openai ${VERSION}: ${name}`);
    return result;
  } catch (error) {
    ++failed;
    console.log(`FAILED  node openai ${VERSION}: ${name}: ${error}`);
    return undefined;
  }
}

await step("list models", async () => {
  const names = [];
  for await (const model of client.models.list()) names.push(model.id);
  assert(names.includes("antiphon"));
});
await step("a wrong key is refused", async () => {
  const other = new OpenAI({ baseURL, apiKey: "ak_wrong", maxRetries: 0 });
  await assert.rejects(other.models.list(), OpenAI.AuthenticationError);
});
const secret = await step("client secret", async () => {
  const made = await client.realtime.clientSecrets.create({
    session: { type: "realtime", model: "gpt-realtime", instructions: "Be brief." },
  });
  assert(made.value.startsWith("ek_"));
  return made.value;
});
const wav = await step("speech as wav", async () => {
  const response = await client.audio.speech.create({
    model: "tts-1", voice: "alloy", input: sentence, response_format: "wav",
  });
  return Buffer.from(await response.arrayBuffer());
});
await step("transcription", async () => {
  const file = await toFile(wav, "a.wav");
  const heard = await client.audio.transcriptions.create({ model: "whisper-1", file });
  assert.equal(heard.text, sentence);
});
await step("streamed chat", async () => {
  let text = "";
  for await (const chunk of await client.chat.completions.create({ model: "m", messages, stream: true })) {
    text += chunk.choices[0]?.delta?.content ?? "";
  }
  assert(text.includes("Paris"), text);
});
await step("realtime session with the client secret", async () => {
  const session = new OpenAIRealtimeWS({ model: "gpt-realtime" }, new OpenAI({ baseURL, apiKey: secret }));
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no answer in 30 s")), 30_000).unref();
    session.on("error", reject);
    session.on("session.created", (event) => {
      if (event.session.instructions !== "Be brief.") reject(new Error("another session"));
      session.send({
        type: "conversation.item.create",
        item: { type: "message", role: "user", content: [{ type: "input_text", text: sentence }] },
      });
      session.send({ type: "response.create" });
    });
    session.on("response.done", (event) =>
      event.response.status === "completed" ? resolve() : reject(new Error(event.response.status)));
  });
  session.close();
});
process.exit(failed ? 1 : 0);
