// Chromium with the demo page in it, and ears: what the page sends, receives and plays is noted from outside.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(process.env.ANTIPHON_NODE_MODULES);
const { chromium } = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Runs in the page before its own code.
function listenIn() {
  const heard = { messages: [], sent: [], peaks: [], bytesIn: 0, bytesOut: 0 };
  window.heard = heard;
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      heard.protocols = given[1];
      this.addEventListener("message", ({ data }) => {
        heard.bytesIn += data.length ?? data.byteLength;
        if (typeof data !== "string") return;
        const { delta: _, ...event } = JSON.parse(data);
        heard.messages.push({ at: performance.now(), ...event });
      });
    }
    send(data) {
      super.send(data);
      heard.bytesOut += data.length ?? data.byteLength;
      if (typeof data !== "string") return;
      const { audio: _, ...event } = JSON.parse(data);
      heard.sent.push({ at: performance.now(), ...event });
    }
  };
  const { connect } = AudioNode.prototype;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) listenTo(this);
    return connect.call(this, target, ...rest);
  };
  function listenTo(node) {
    const ear = new AnalyserNode(node.context, { fftSize: 256 });
    connect.call(node, ear);
    const samples = new Float32Array(ear.fftSize);
    setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      heard.peaks.push({ at: performance.now(), peak: Math.max(...samples.map(Math.abs)) });
    }, 5);
  }
}

export class Page {
  // `speech`: a recording that the microphone plays; none: there is a microphone, and it is silent.
  static async open(url, { speech, refused = false, viewport, scheme = "light", phone = false } = {}) {
    const flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--disable-gpu"];
    if (speech) flags.push(`--use-file-for-fake-audio-capture=${speech}%noloop`);
    const browser = await chromium.launch({ executablePath: process.env.ANTIPHON_BROWSER, args: flags });
    const size = phone ? { width: 390, height: 844 } : { width: 1360, height: 860 };
    const context = await browser.newContext({
      viewport: viewport ?? size, colorScheme: scheme, isMobile: phone, hasTouch: phone,
      permissions: refused ? [] : ["microphone"],
    });
    const opened = new Page(browser, await context.newPage(), url);
    await opened.page.addInitScript(listenIn);
    await opened.page.goto(url);
    return opened;
  }

  constructor(browser, page, url) {
    Object.assign(this, { browser, page, host: new URL(url).host, errors: [], requests: [], bytes: 0 });
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.errors.push(message.text());
    });
    page.on("pageerror", (error) => this.errors.push(String(error.stack)));
    page.on("request", (request) => this.requests.push(request.url()));
    page.on("response", (response) => {
      this.bytes += Number(response.headers()["content-length"]);
    });
  }

  // REQUIRES: called once, at the end. `expected`: what the browser itself may complain about.
  async close({ expected = null } = {}) {
    const errors = this.errors.filter((error) => !expected?.test(error));
    const foreign = this.requests.filter((url) => new URL(url).host !== this.host);
    await this.browser.close();
    assert.deepEqual(errors, []);
    assert.deepEqual(foreign, []);
  }

  async state(...wanted) {
    await this.until((states) => states.includes(document.body.dataset.state), wanted, `state ${wanted}`);
  }

  async until(condition, argument, what, timeout = 20000) {
    try {
      await this.page.waitForFunction(condition, argument, { timeout, polling: 20 });
    } catch (error) {
      throw new Error(`never: ${what}; the page shows: ${await this.text("body")}`, { cause: error });
    }
  }

  async event(type, count = 1, timeout = 20000) {
    const many = ([name, wanted]) =>
      window.heard.messages.filter((event) => event.type === name).length >= wanted;
    await this.until(many, [type, count], `${count} of ${type}`, timeout);
    return (await this.heard()).messages.filter(({ type: of }) => of === type);
  }

  async heard() {
    return this.page.evaluate(() => window.heard);
  }

  async text(selector) {
    return this.page.locator(selector).innerText();
  }

  async entries() {
    return this.page.$$eval(".entry", (entries) => entries.map((entry) => ({
      role: entry.classList.contains("user") ? "user" : "assistant",
      text: entry.querySelector("p").textContent,
      unheard: entry.querySelector("s")?.textContent ?? null,
    })));
  }

  // A picture for people to look at.
  async picture(name) {
    await this.page.screenshot({ path: join(process.env.ANTIPHON_ARTEFACTS, `${name}.png`) });
  }

  async notice(words) {
    await this.until((wanted) => document.getElementById("notice-text").textContent.includes(wanted), words,
      `a notice with "${words}"`);
  }

  async choose(turns) {
    await this.page.click("#open-settings");
    await this.page.check(`input[name=turns][value=${turns}]`);
    await this.page.click("#settings-form button[type=submit]");
  }

  // Fails with what an accessibility audit finds, whatever its severity.
  async audit() {
    await this.page.evaluate(axeSource);
    const { violations } = await this.page.evaluate(() => window.axe.run());
    assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), []);
  }
}
