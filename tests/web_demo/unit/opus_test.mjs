import assert from "node:assert/strict";
import { test } from "node:test";
import { messageOf, opusSupported, packetOf } from "../../../web_demo/js/opus.js";

test("a packet's message has its number and its bytes", () => {
  const message = messageOf(0x01020304, Uint8Array.of(9, 8));
  assert.deepEqual([...message], [1, 1, 2, 3, 4, 9, 8]);
  const { number, packet } = packetOf(message.buffer);
  assert.equal(number, 0x01020304);
  assert.deepEqual([...packet], [9, 8]);
});

test("a browser without the coders says so", async () => {
  assert.equal(await opusSupported(), false);
});
