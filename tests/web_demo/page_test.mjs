// The demo page in a real browser, against a real server with the small models.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Page } from "./browser.mjs";
import { TestServer } from "./server.mjs";
import { recording, withSilence } from "./speech.mjs";

const QUESTION = "What is the capital of France?";
const STORY = "Tell me a long story about a small ship.";
const BYTES_MAX = 150 * 1024;
const STOP_MAX_MS = 100;
const SILENT = 0.001;
// What the browser itself says of a server that is gone.
const SERVER_GONE = /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|WebSocket connection to/;

let server;
before(async () => {
  server = await TestServer.start();
});
after(() => server.stop());

test("a cold start: small, from one host, with a strict policy, accessible in light and dark", async () => {
  const page = await Page.open(server.url);
  await page.page.waitForLoadState("networkidle");
  assert.ok(page.bytes > 30000 && page.bytes <= BYTES_MAX, `${page.bytes} bytes`);
  console.log(`page weight: ${page.bytes} bytes in ${page.requests.length} requests`);
  const policy = (await fetch(server.url)).headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  await page.picture("1_off_light");
  await page.audit();
  await page.page.emulateMedia({ colorScheme: "dark" });
  await page.picture("1_off_dark");
  await page.audit();
  await page.page.click("#open-settings");
  await page.picture("2_settings_dark");
  await page.audit();
  await page.page.emulateMedia({ colorScheme: "light" });
  await page.picture("2_settings_light");
  await page.audit();
  await page.close();
});

test("two spoken turns, and a third that interrupts", async () => {
  const speech = recording(1500, QUESTION, 6000, STORY, 5000, "Stop. " + QUESTION, 30000);
  const page = await Page.open(server.url, { speech });
  await page.page.click("#talk");
  await page.state("listening");
  await page.picture("3_listening");
  await page.state("hearing");
  await page.page.waitForTimeout(400);
  await page.picture("4_hearing");
  await page.state("speaking");
  await page.picture("5_speaking");
  await page.state("listening");
  const [asked, answered] = await page.entries();
  assert.deepEqual([asked.role, answered.role], ["user", "assistant"]);
  assert.match(asked.text, /capital of France/i);
  assert.ok(answered.text.length > 5, answered.text);
  assert.match(await page.text("#latency"), /^[\d.]+ ?m?s$/);
  const figure = (await page.text("#latency")).replace("\n", " ");
  assert.equal(await page.page.locator("#waterfall li").count(), 8);

  await page.event("antiphon.turn.trace", 2);
  await page.state("speaking");
  const started = (await page.event("input_audio_buffer.speech_started", 3)).at(2);
  await page.event("conversation.item.truncated");
  await page.page.waitForTimeout(500);
  await page.picture("6_interrupted");
  const { peaks, sent } = await page.heard();
  checkStop(peaks, started.at);
  const truncate = sent.find(({ type }) => type === "conversation.item.truncate");
  checkTruncation(truncate, peaks, started.at);
  await page.event("antiphon.turn.trace", 3);
  await page.state("speaking");
  await page.state("listening");
  const interrupted = (await page.entries()).filter(({ unheard }) => unheard);
  assert.equal(interrupted.length, 1);
  assert.ok(interrupted[0].text.length > interrupted[0].unheard.length, "some of it was heard");
  assert.equal(await page.page.locator("#strip li").count(), 3);
  await page.audit();
  await page.picture("7_three_turns");
  if (process.env.ANTIPHON_PICTURE) await page.page.screenshot({ path: process.env.ANTIPHON_PICTURE });
  await page.page.click("#strip li:first-child button");
  assert.equal(await page.text("#turn-title"), "Turn 1");
  console.log(`first turn: ${figure}`);
  await page.page.click("#talk");
  await page.state("off");
  await page.close();
});

// Silence within a short time after the user's speech was noticed; and there was sound before.
function checkStop(peaks, startedAt) {
  const before = peaks.filter(({ at }) => at > startedAt - 300 && at <= startedAt);
  assert.ok(Math.max(...before.map(({ peak }) => peak)) > 0.01, "sound before the interruption");
  const later = peaks.filter(({ at }) => at > startedAt && at < startedAt + 1000);
  const last = later.findLast(({ peak }) => peak > SILENT);
  const stopMs = last ? last.at - startedAt : 0;
  console.log(`silent ${Math.round(stopMs)} ms after speech_started`);
  assert.ok(stopMs <= STOP_MAX_MS, `${stopMs} ms`);
}

// What the page says was heard is what was heard, as far as an ear that listens every 5 ms can tell.
function checkTruncation(truncate, peaks, startedAt) {
  const sounding = peaks.filter(({ at, peak }) => at <= startedAt + STOP_MAX_MS && peak > SILENT);
  let begin = sounding.at(-1).at;
  for (const { at } of sounding.toReversed()) {
    if (begin - at > 1500) break; // the pause between two replies
    begin = at;
  }
  const heardMs = sounding.at(-1).at - begin;
  assert.ok(Math.abs(truncate.audio_end_ms - heardMs) < 150, `${truncate.audio_end_ms} of ${heardMs} ms`);
}

// The voice of a person is not ours to pass on: ANTIPHON_RECORDING names a WAV file.
const person = process.env.ANTIPHON_RECORDING;
test("a recorded person is understood and answered", { skip: !person }, async () => {
  const page = await Page.open(server.url, { speech: withSilence(person, 1500, 30000) });
  await page.page.click("#talk");
  await page.event("response.done", 1, 60000);
  const entries = await page.entries();
  const heard = entries.filter(({ role }) => role === "user").map(({ text }) => text).join(" ");
  const flags = ["transcribe", "--models", "small", person];
  const said = execFileSync(process.env.ANTIPHON_PROGRAM, flags,
    { stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" });
  const words = (text) => text.toLowerCase().match(/[a-z']+/g) ?? [];
  const missing = words(said).filter((word) => !words(heard).includes(word));
  assert.ok(missing.length * 5 <= words(said).length, `"${heard}" of "${said}"`);
  const { peaks } = await page.heard();
  assert.ok(Math.max(...peaks.map(({ peak }) => peak)) > 0.05, "sound was played");
  await page.close();
});

test("push to talk, with the space bar and with the button", async () => {
  const page = await Page.open(server.url, { speech: recording(2000, QUESTION, 60000) });
  await page.choose("push_to_talk");
  await page.page.focus("#talk");
  await page.page.keyboard.press("Enter");
  await page.state("ready");
  await page.event("session.created");
  await page.picture("8_push_to_talk");
  await page.page.waitForTimeout(1500);
  await page.page.evaluate(() => document.activeElement.blur());
  await page.page.keyboard.down("Space");
  await page.state("hearing");
  await page.page.waitForTimeout(3000);
  await page.page.keyboard.up("Space");
  await page.state("speaking");
  assert.match((await page.entries())[0].text, /capital of France/i);
  await page.page.hover("#talk");
  await page.page.mouse.down();
  await page.page.mouse.up(); // at once: on a busy machine anything between takes longer than a slip
  await page.state("ready");
  const { sent } = await page.heard();
  assert.equal(sent.filter(({ type }) => type === "input_audio_buffer.commit").length, 1);
  assert.equal(sent.at(-1).type, "input_audio_buffer.clear", "a slip is no turn");
  assert.ok(sent.some(({ type }) => type === "response.cancel"), "a press interrupts");
  await page.page.keyboard.press("Escape");
  await page.state("off");
  await page.close();
});

test("Opus carries the same words in a twelfth of the bytes", async () => {
  const speech = recording(1000, QUESTION, 60000);
  const talks = [];
  for (const opus of [true, false]) {
    const page = await Page.open(server.url, { speech });
    await page.page.click("#open-settings");
    await page.page.setChecked("input[name=codec]", opus);
    await page.page.click("#settings-form button[type=submit]");
    await page.page.click("#talk");
    await page.event("response.done");
    const { protocols, bytesIn, bytesOut, messages } = await page.heard();
    assert.equal(protocols.includes("antiphon.opus.v1"), opus);
    await page.until((wanted) => document.getElementById("health").innerText.includes(wanted),
      opus ? "Opus" : "PCM16", "the coding in use");
    // Over the time of the talk, since the two are not equally long.
    const seconds = (messages.at(-1).at - messages[0].at) / 1000;
    const words = (await page.entries()).map(({ text }) => text);
    talks.push({ words, bytesPerSecond: Math.round((bytesIn + bytesOut) / seconds) });
    await page.close();
  }
  const [opus, pcm] = talks;
  console.log(`Opus ${opus.bytesPerSecond} B/s, PCM16 ${pcm.bytesPerSecond} B/s`);
  assert.deepEqual(opus.words, pcm.words);
  assert.ok(opus.bytesPerSecond * 12 <= pcm.bytesPerSecond);
});

test("what was told is drawn, explained and forgotten", async () => {
  const folder = mkdtempSync(join(tmpdir(), "antiphon-memory-"));
  const remembering = await TestServer.start("--memory-folder", folder);
  const page = await Page.open(remembering.url);
  const say = async (text, answers) => {
    await page.page.fill("#text", text);
    await page.page.keyboard.press("Enter");
    await page.event("response.done", answers);
  };
  const points = (kind) =>
    page.page.$$eval(`.node.${kind}`, (nodes) => nodes.map(({ ariaLabel }) => ariaLabel));
  await say("My dog is called Biscuit.", 1);
  await page.page.waitForSelector(".node.fact");
  await say("Biscuit likes to swim in the river.", 2);
  await page.until(() => document.querySelectorAll(".node.turn").length >= 4, null, "four turns");
  assert.deepEqual(await points("user"), ["user: You"]);
  assert.deepEqual(await points("assistant"), ["assistant: Antiphon"]);
  assert.ok((await points("entity")).some((label) => label.includes("Biscuit")), `${await points("entity")}`);
  await page.page.focus(".node.fact");
  await page.page.keyboard.press("Enter");
  assert.match(await page.text("#memory-text"), /Biscuit, from “My dog is called Biscuit\.”$/);
  assert.match(await page.text("#memory-date"), /\d/);
  await page.page.locator("#memory").scrollIntoViewIfNeeded();
  await page.picture("14_memory");
  await page.audit();
  await page.page.click("#memory-forget");
  await page.until(() => !document.querySelector(".node.fact"), null, "the fact is gone");
  assert.doesNotMatch(JSON.stringify(await graphOf(remembering, page)), /My dog is called/);
  await page.page.click(".node.user");
  assert.equal(await page.text("#memory-forget"), "Forget all of it");
  await page.page.click("#memory-forget");
  await page.until(() => document.getElementById("memory").hidden, null, "no picture");
  assert.equal(await graphOf(remembering, page), null);
  await page.close();
  await remembering.stop();
});

// What the server remembers of the page's user; null: nothing.
async function graphOf({ url }, page) {
  const user = await page.page.evaluate(() => localStorage.getItem("antiphon.user"));
  const answer = await fetch(`${url}v1/memory/${user}`);
  return answer.ok ? answer.json() : null;
}

test("written words are answered aloud without a microphone", async () => {
  const page = await Page.open(server.url, { refused: true });
  await page.page.fill("#text", QUESTION);
  await page.page.keyboard.press("Enter");
  await page.state("speaking");
  await page.state("off");
  const { peaks } = await page.heard();
  assert.ok(Math.max(...peaks.map(({ peak }) => peak)) > 0.05, "sound was played");
  assert.equal((await page.entries()).length, 2);
  assert.match(await page.text("#latency"), /s$/);
  await page.close();
});

test("a refused microphone is explained, and writing still works", async () => {
  const page = await Page.open(server.url, { refused: true });
  await page.page.click("#talk");
  await page.notice("The browser may not give this page the microphone");
  await page.picture("9_microphone_refused");
  await page.audit();
  await page.state("off");
  await page.close();
});

test("after a restart of the server the page connects again and tells it what was said", async () => {
  const restarted = await TestServer.start();
  const page = await Page.open(restarted.url);
  await page.page.fill("#text", "My name is Ada.");
  await page.page.keyboard.press("Enter");
  await page.event("response.done");
  await restarted.stop();
  await page.notice("The connection was lost");
  await page.picture("10_connection_lost");
  await restarted.start();
  await page.event("session.created", 2);
  await page.until(() => document.getElementById("notice").hidden, null, "no notice");
  assert.equal(await page.text("#connection-text"), "Connected");
  const { sent } = await page.heard();
  const replayed = sent.filter(({ type }) => type === "conversation.item.create").slice(1);
  assert.deepEqual(replayed.map(({ item }) => item.role), ["user", "assistant"]);
  await page.page.fill("#text", QUESTION);
  await page.page.keyboard.press("Enter");
  await page.event("response.done", 2);
  await restarted.stop();
  await page.close({ expected: SERVER_GONE });
});

test("a full server is explained, and a place that becomes free is taken", async () => {
  const narrow = await TestServer.start("--sessions-max", "1");
  const first = await Page.open(narrow.url);
  await first.page.click("#talk");
  await first.state("listening");
  const second = await Page.open(narrow.url);
  await second.page.click("#talk");
  await second.notice("The server is full");
  await second.picture("11_server_full");
  await second.audit();
  await first.close();
  await second.page.click("#notice-action");
  await second.state("listening");
  await second.close();
  await narrow.stop();
});

test("a server with keys asks for one, and the page shows a client secret instead of it", async () => {
  const keysFile = join(mkdtempSync(join(tmpdir(), "antiphon-keys-")), "keys.toml");
  const made = execFileSync(process.env.ANTIPHON_PROGRAM, ["key", "--keys-file", keysFile, "add", "page"],
    { stdio: ["ignore", "pipe", "ignore"], encoding: "utf8" });
  const locked = await TestServer.start("--keys-file", keysFile);
  const page = await Page.open(locked.url);
  await page.page.click("#talk");
  await page.page.waitForSelector("#key-dialog[open]");
  await page.picture("12_key");
  await page.audit();
  await page.page.fill("#key", "ak_wrong");
  await page.page.keyboard.press("Enter");
  await page.notice("The server does not know this key");
  await page.state("off");
  await page.page.click("#talk");
  await page.page.waitForSelector("#key-dialog[open]");
  await page.page.fill("#key", made.trim());
  await page.page.keyboard.press("Enter");
  await page.state("listening");
  const { protocols } = await page.heard();
  assert.equal(protocols[0], "realtime");
  assert.match(protocols[1], /^openai-insecure-api-key\.ek_/);
  await page.close({ expected: /status of 401/ });
  await locked.stop();
});

test("a phone shows it all without scrolling sideways", async () => {
  for (const scheme of ["light", "dark"]) {
    const page = await Page.open(server.url, {
      phone: true, scheme, speech: recording(800, QUESTION, 30000),
    });
    await page.page.tap("#talk");
    await page.state("speaking");
    await page.picture(`13_phone_${scheme}`);
    await page.audit();
    const sideways = await page.page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(sideways, false);
    await page.close();
  }
});
