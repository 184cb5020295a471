// What runs in the browser's page. hear, report and recordEvent are functions of browser.mjs, in Node.
import OpenAI from "openai";
import { OpenAIRealtimeWebSocket } from "openai/realtime/websocket";
import { AgentsSetup } from "./agents_setup.mjs";
import { fromBase64, toBase64 } from "./base64.mjs";
import { Conversation } from "./conversation.mjs";
import { OpenAISetup } from "./openai_setup.mjs";
import { Steps } from "./steps.mjs";

function makeSetup(sdk, { baseURL, secret }, told) {
  if (sdk === "agents") {
    const url = `${baseURL.replace(/^http/, "ws")}/realtime?model=gpt-realtime`;
    return new AgentsSetup({ url, apiKey: secret }, told);
  }
  const client = new OpenAI({ baseURL, apiKey: secret, dangerouslyAllowBrowser: true });
  return new OpenAISetup(() => new OpenAIRealtimeWebSocket({ model: "gpt-realtime" }, client), told);
}

window.runSteps = async (sdk, options) => {
  const told = new Conversation((event) => window.recordEvent(event));
  const speech = Object.fromEntries(
    Object.entries(options.speech).map(([name, sound]) => [name, fromBase64(sound)]));
  const steps = new Steps(makeSetup(sdk, options, told), told, {
    script: options.script,
    speech,
    hear: (audio) => window.hear(toBase64(audio)),
    report: (...outcome) => window.report(...outcome),
  });
  await steps.run();
};
