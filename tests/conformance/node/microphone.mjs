// A microphone that is open all the time: speech when asked, silence else, at the pace of real sound.
import { bytesPerSecond } from "./conversation.mjs";

const frameMs = 20;
const frameBytes = (bytesPerSecond * frameMs) / 1000;

export class Microphone {
  #waiting = [];

  // `send` takes 20 ms of sound: a Uint8Array, 24 kHz, 16 bit.
  constructor(send) {
    this.send = send;
  }

  open() {
    let due = performance.now();
    this.timer = setInterval(() => {
      for (; due < performance.now(); due += frameMs) {
        this.send(this.#waiting.shift() ?? new Uint8Array(frameBytes));
      }
    }, frameMs / 2);
  }

  say(speech) {
    for (let begin = 0; begin < speech.length; begin += frameBytes) {
      const frame = new Uint8Array(frameBytes);
      frame.set(speech.subarray(begin, begin + frameBytes));
      this.#waiting.push(frame);
    }
  }

  close() {
    clearInterval(this.timer);
  }
}
