// Runs the steps in a page of headless Chromium: Debian's, driven by puppeteer-core, which fetches nothing.
import { createServer } from "node:http";
import { once } from "node:events";
import { build } from "esbuild";
import { launch } from "puppeteer-core";
import { fromBase64, toBase64 } from "./base64.mjs";

const page = "<!doctype html><meta charset=utf-8><title>Conformance</title><script src=/page.js></script>";

// The page and its script, as any web server would give them out.
async function servePage() {
  const bundled = await build({
    entryPoints: ["page.mjs"],
    bundle: true,
    write: false,
    platform: "browser",
    format: "iife",
    logLevel: "error",
  });
  const server = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? bundled.outputFiles[0].text : page);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

// `keyHash`: SHA-256 of the authority's public key, the only unknown one that the browser takes.
export async function runInBrowser(sdk, given, { keyHash, hear, report, record }) {
  const server = await servePage();
  const browser = await launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    protocolTimeout: 0, // run.sh ends what takes too long
    args: [`--ignore-certificate-errors-spki-list=${keyHash}`, "--no-sandbox"],
  });
  try {
    const tab = await browser.newPage();
    tab.on("console", (message) => console.error(`page: ${message.text()}`));
    tab.on("pageerror", (error) => console.error(`page: ${error.stack}`));
    await tab.exposeFunction("hear", (audio) => hear(Buffer.from(fromBase64(audio))));
    await tab.exposeFunction("report", report);
    await tab.exposeFunction("recordEvent", record);
    await tab.goto(`http://localhost:${server.address().port}/`);
    const sounds = Object.entries(given.speech).map(([turn, sound]) => [turn, toBase64(sound)]);
    const options = { ...given, speech: Object.fromEntries(sounds) };
    await tab.evaluate((both) => window.runSteps(...both), [sdk, options]);
  } finally {
    await browser.close();
    server.close();
  }
}
