import assert from "node:assert/strict";
import { test } from "node:test";
import { base64OfPcm, levelOf, pcm16, samplesOfBase64 } from "../../../web_demo/js/pcm.js";
import { Resampler } from "../../../web_demo/js/resampler.js";

const tone = (hz, rate, seconds) =>
  Float32Array.from({ length: rate * seconds }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));

const power = (samples) => samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;

test("samples survive the way over the wire", () => {
  const samples = Float32Array.from([0, 0.5, -0.5, 1, -1, 2, -2, 1 / 32767]);
  const back = samplesOfBase64(base64OfPcm(pcm16(samples)));
  const expected = [0, 16384, -16383, 32767, -32767, 32767, -32767, 1];
  assert.deepEqual([...back].map((sample) => Math.round(sample * 32768)), expected);
});

test("a level is even in decibels", () => {
  assert.equal(levelOf(new Float32Array(480)), 0);
  assert.ok(Math.abs(levelOf(new Float32Array(480).fill(0.03162)) - 0.5) < 0.01);
  assert.ok(Math.abs(levelOf(new Float32Array(480).fill(1)) - 1) < 0.01);
});

for (const rate of [44100, 48000, 16000]) {
  test(`a resampler keeps speech and its length, from ${rate} Hz`, () => {
    const resampler = new Resampler(rate, 24000);
    const input = tone(1000, rate, 1);
    const output = [];
    for (let at = 0; at < input.length; at += 128) {
      output.push(...resampler.push(input.subarray(at, at + 128)));
    }
    assert.ok(Math.abs(output.length - 24000) < 40, String(output.length));
    assert.ok(Math.abs(power(output.slice(500)) / 0.125 - 1) < 0.02, String(power(output.slice(500))));
  });
}

test("a resampler leaves out what would be mirrored", () => {
  const resampler = new Resampler(48000, 24000);
  assert.ok(power(resampler.push(tone(14000, 48000, 1)).slice(500)) < 0.125 / 1000);
});
