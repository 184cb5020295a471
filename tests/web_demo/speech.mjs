// Recordings for the browser's microphone: synthesised sentences with silence between them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
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

// Sentences, and milliseconds of silence. Returns the file.
export function recording(...parts) {
  const silence = (ms) => Buffer.alloc(2 * Math.round((RATE * ms) / 1000));
  const samples = Buffer.concat(parts.map((part) => (typeof part === "number" ? silence(part) : say(part))));
  const file = join(folder, `${++files}.wav`);
  writeFileSync(file, wavOf(samples, RATE));
  return file;
}
