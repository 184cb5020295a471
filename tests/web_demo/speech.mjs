// Recordings for the browser's microphone: synthesised sentences with silence between them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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

function wavHeader(bytes) {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + bytes, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20); // PCM
  header.writeUInt16LE(1, 22); // mono
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(2 * RATE, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(bytes, 40);
  return header;
}

// Sentences, and milliseconds of silence. Returns the file.
export function recording(...parts) {
  const silence = (ms) => Buffer.alloc(2 * Math.round((RATE * ms) / 1000));
  const samples = Buffer.concat(parts.map((part) => (typeof part === "number" ? silence(part) : say(part))));
  const file = join(folder, `${++files}.wav`);
  writeFileSync(file, Buffer.concat([wavHeader(samples.length), samples]));
  return file;
}
