// Recordings for the browser's microphone: synthesised sentences with silence between them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wavOf } from "../support/wav.mjs";

const RATE = 24000;
const folder = mkdtempSync(join(tmpdir(), "antiphon-speech-"));
const spoken = new Map();
let files = 0;

function say(text) {
  if (!spoken.has(text)) {
    spoken.set(text, execFileSync(process.env.ANTIPHON_PROGRAM, ["say", text, "--raw", "-o", "-"],
      { stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 26 }));
  }
  return spoken.get(text);
}

// Mono PCM16 of a WAV file, and its rate.
function readWav(file) {
  const bytes = readFileSync(file);
  const data = bytes.indexOf("data", 12, "latin1");
  const size = bytes.readUInt32LE(data + 4);
  return { rate: bytes.readUInt32LE(24), samples: bytes.subarray(data + 8, data + 8 + size) };
}

// A recording of somebody with silence around it. Returns the file.
export function withSilence(file, beforeMs, afterMs) {
  const { rate, samples } = readWav(file);
  const silence = (ms) => Buffer.alloc(2 * Math.round((rate * ms) / 1000));
  return kept(Buffer.concat([silence(beforeMs), samples, silence(afterMs)]), rate);
}

// Sentences, and milliseconds of silence. Returns the file.
export function recording(...parts) {
  const silence = (ms) => Buffer.alloc(2 * Math.round((RATE * ms) / 1000));
  const samples = Buffer.concat(parts.map((part) => (typeof part === "number" ? silence(part) : say(part))));
  return kept(samples, RATE);
}

function kept(samples, rate) {
  const file = join(folder, `${++files}.wav`);
  writeFileSync(file, wavOf(samples, rate));
  return file;
}
