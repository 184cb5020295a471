import assert from "node:assert/strict";
import { test } from "node:test";
import { PlayoutQueue } from "../../../web_demo/js/playout_queue.js";

const RATE = 24000;
const BLOCK = 128;

const sound = (ms, value = 0.5) => new Float32Array((RATE / 1000) * ms).fill(value);

function render(queue, blocks) {
  const all = [];
  for (let i = 0; i < blocks; ++i) {
    const block = new Float32Array(BLOCK);
    queue.render(block);
    all.push(...block);
  }
  return all;
}

test("waits for the target, then plays without a gap", () => {
  const queue = new PlayoutQueue(RATE);
  queue.push("a", sound(10));
  assert.equal(render(queue, 2).some((sample) => sample !== 0), false);
  queue.push("a", sound(10));
  const played = render(queue, 5);
  assert.equal(played.slice(0, 480).every((sample) => sample === 0.5), true);
  assert.equal(played.slice(480).every((sample) => sample === 0), true);
  assert.equal(queue.played, 480);
});

test("plays what is shorter than the target once it is known to be the end", () => {
  const queue = new PlayoutQueue(RATE);
  queue.push("a", sound(5));
  queue.end();
  assert.equal(render(queue, 2).filter((sample) => sample !== 0).length, 120);
});

test("counts an underrun only when more of the same reply comes, and then waits for more", () => {
  const queue = new PlayoutQueue(RATE);
  queue.push("a", sound(20));
  render(queue, 8);
  assert.equal(queue.underruns, 0);
  queue.push("a", sound(20));
  assert.equal(queue.underruns, 1);
  assert.equal(queue.targetMs, 40);
  assert.equal(render(queue, 1).some((sample) => sample !== 0), false);
  queue.push("a", sound(20));
  render(queue, 10);
  queue.end();
  queue.push("b", sound(60));
  assert.equal(queue.underruns, 1);
});

test("the target falls again after a calm while, and never leaves its bounds", () => {
  const queue = new PlayoutQueue(RATE);
  for (let i = 0; i < 5; ++i) {
    queue.push("a", sound(60));
    render(queue, 20);
  }
  assert.equal(queue.underruns, 4);
  assert.equal(queue.targetMs, 60);
  for (let i = 0; i < 65; ++i) {
    queue.push("b", sound(1000));
    render(queue, 187);
  }
  assert.equal(queue.targetMs, 20);
});

test("a stop fades and says to the sample what was played", () => {
  const queue = new PlayoutQueue(RATE);
  queue.push("a", sound(100));
  render(queue, 4);
  assert.deepEqual(queue.stop(), { reply: "a", samples: 4 * BLOCK + 120, unplayed: 2400 - 4 * BLOCK - 120 });
  const after = render(queue, 4);
  assert.equal(after.slice(120).every((sample) => sample === 0), true);
  const falls = (sample, i) => i === 0 || Math.abs(sample) < Math.abs(after[i - 1]);
  assert.equal(after.slice(0, 119).every(falls), true);
  assert.equal(queue.playing, false);
  queue.push("b", sound(20));
  render(queue, 4);
  assert.equal(queue.reply, "b");
  assert.equal(queue.underruns, 0);
});

test("a stop of nothing says so", () => {
  assert.deepEqual(new PlayoutQueue(RATE).stop(), { reply: null, samples: 0, unplayed: 0 });
});

test("finds the first audible sample of each reply, once", () => {
  const queue = new PlayoutQueue(RATE);
  queue.push("a", sound(10, 0.0001));
  queue.push("a", sound(20));
  const found = [];
  for (let i = 0; i < 6; ++i) {
    const at = queue.render(new Float32Array(BLOCK));
    if (at >= 0) found.push(i * BLOCK + at);
  }
  assert.deepEqual(found, [240]);
});

test("refuses to hold more than it may", () => {
  const queue = new PlayoutQueue(RATE);
  for (let i = 0; i < 40; ++i) queue.push("a", sound(1000));
  assert.equal(queue.overruns, 10);
});
