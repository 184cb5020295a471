// Takes one setup through the steps: run_setup.mjs SETUP OPTIONS.json
//
// run.sh writes the options. Each step's outcome goes to the file of results, each event of the server to the
// file of events: a line of JSON each.
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import { AgentsSetup } from "./agents_setup.mjs";
import { runInBrowser } from "./browser.mjs";
import { Conversation, sampleRateHz } from "./conversation.mjs";
import { OpenAISetup } from "./openai_setup.mjs";
import { Steps } from "./steps.mjs";
import { wavOf } from "./wav.mjs"; // environments.sh lays it beside this file

const [name, optionsFile] = process.argv.slice(2);
const options = JSON.parse(readFileSync(optionsFile, "utf8"));
const [place, sdk] = name.split("-"); // node or browser; openai or agents
const packageName = sdk === "agents" ? "@openai/agents-realtime" : "openai";
const { version } = JSON.parse(readFileSync(`node_modules/${packageName}/package.json`, "utf8"));
const script = JSON.parse(readFileSync(options.script, "utf8"));
script.instructions = script.instructions[options.models]; // what each model does well

function hear(audio) {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  try {
    writeFileSync(join(folder, "a.wav"), wavOf(audio, sampleRateHz));
    const command = ["transcribe", "--models", options.models, join(folder, "a.wav")];
    return execFileSync(options.program, command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function report(step, ok, detail) {
  console.log(`${ok ? "ok     " : "FAILED "} ${name}: ${step}${detail ? `: ${detail}` : ""}`);
  const line = { setup: name, sdk: `${packageName} ${version}`, step, ok, detail };
  appendFileSync(join(options.results, `${name}.jsonl`), `${JSON.stringify(line)}\n`);
}

const record = (event) => appendFileSync(join(options.events, `${name}.jsonl`), `${JSON.stringify(event)}\n`);

const speech = Object.fromEntries(
  readdirSync(options.speech)
    .filter((file) => file.endsWith(".pcm"))
    .map((file) => [basename(file, ".pcm"), new Uint8Array(readFileSync(join(options.speech, file)))]),
);

const { base_url: baseURL, key: apiKey } = options;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0 });

if (place === "browser") {
  // As a page is served that must not know the key: a secret for one session, made by its server.
  const { value: secret } = await client.realtime.clientSecrets.create({ session: { type: "realtime" } });
  const keyHash = options.server_key_hash;
  await runInBrowser(sdk, { baseURL, secret, script, speech }, { keyHash, hear, report, record });
} else {
  const told = new Conversation(record);
  const url = `${baseURL.replace(/^http/, "ws")}/realtime?model=gpt-realtime`;
  const setup = sdk === "agents"
    ? new AgentsSetup({ url, apiKey }, told)
    : new OpenAISetup(() => new OpenAIRealtimeWS({ model: "gpt-realtime" }, client), told);
  await new Steps(setup, told, { script, speech, hear, report }).run();
}
process.exit(0);
