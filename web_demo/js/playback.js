// The replies' sound on its way to the loudspeaker, and how evenly it comes.
import { RATE_HZ } from "./pcm.js";

const BURST_CHUNKS = 15; // of a reply's beginning, which the server sends faster than it sounds
const SMOOTHING = 1 / 16; // as RFC 3550 has it

export class Playback {
  constructor(speaker) {
    this.speaker = speaker;
    this.silenced = new Set(); // responses that were interrupted; late sound of them is dropped
    this.jitterMs = 0;
    this.reply = null;
  }

  silence(responseId) {
    this.silenced.add(responseId);
  }

  take({ response_id: response, item_id: item }, samples, now) {
    if (this.silenced.has(response)) return;
    this.measure(item, (samples.length / RATE_HZ) * 1000, now);
    this.speaker.play(item, samples);
  }

  end({ response_id: response }) {
    if (!this.silenced.delete(response)) this.speaker.end();
  }

  // The mean difference between how long a chunk took to come and how long it sounds.
  measure(item, chunkMs, now) {
    if (item !== this.reply) {
      this.reply = item;
      this.chunks = 0;
    } else if (this.chunks > BURST_CHUNKS) {
      this.jitterMs += (Math.abs(now - this.lastAt - chunkMs) - this.jitterMs) * SMOOTHING;
    }
    ++this.chunks;
    this.lastAt = now;
  }
}
