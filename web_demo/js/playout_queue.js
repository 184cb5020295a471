// What the loudspeaker is to play: a jitter buffer that starts a reply once a little of it is there, waits
// again when it runs dry, and knows to the sample how much of each reply was really played. No browser in it.

const AUDIBLE = 0.002; // about -54 dBFS
const TARGET_MIN_MS = 20;
const TARGET_MAX_MS = 60;
const TARGET_STEP_MS = 20;
const CALM_MS = 20000; // without an underrun, before the target falls again
const FADE_MS = 5;
const LONGEST_MS = 30000; // what may wait; the server sends 200 ms ahead

export class PlayoutQueue {
  constructor(rateHz) {
    this.perMs = rateHz / 1000;
    this.targetMs = TARGET_MIN_MS;
    this.underruns = 0;
    this.overruns = 0;
    this.calmSamples = 0;
    this.clear();
  }

  clear() {
    this.chunks = []; // {reply, samples}
    this.offset = 0; // in the first chunk
    this.buffered = 0;
    this.reply = null; // that is being played, or was last
    this.played = 0; // samples of it
    this.primed = false;
    this.ended = true;
    this.dry = false; // in the middle of a reply, or at its end: that shows when more of it comes
    this.audible = null; // samples of the reply before its first audible one
  }

  get playing() {
    return this.primed && this.buffered > 0;
  }

  push(reply, samples) {
    if (this.buffered + samples.length > LONGEST_MS * this.perMs) {
      ++this.overruns;
      return;
    }
    if (this.dry && reply === this.reply) this.noteUnderrun();
    this.dry = false;
    this.chunks.push({ reply, samples });
    this.buffered += samples.length;
    this.ended = false;
  }

  // No more comes: what waits is played however little it is.
  end() {
    this.ended = true;
    this.dry = false;
  }

  // Fills `output`. Returns where in it the reply's first audible sample is, or -1.
  render(output) {
    output.fill(0);
    if (!this.primed) this.primed = this.buffered > 0 && this.isReady();
    if (!this.primed) return -1;
    let audibleAt = -1;
    let at = 0;
    while (at < output.length && this.chunks.length > 0) {
      const { reply, samples } = this.chunks[0];
      if (reply !== this.reply) this.beginReply(reply);
      const count = Math.min(output.length - at, samples.length - this.offset);
      const piece = samples.subarray(this.offset, this.offset + count);
      output.set(piece, at);
      if (this.audible === null) {
        const first = piece.findIndex((sample) => Math.abs(sample) > AUDIBLE);
        if (first >= 0) {
          this.audible = this.played + first;
          audibleAt = at + first;
        }
      }
      this.take(count);
      at += count;
    }
    this.noteCalm(output.length);
    if (this.chunks.length === 0) {
      this.primed = false;
      this.dry = !this.ended;
    }
    return audibleAt;
  }

  isReady() {
    return this.ended || this.buffered >= this.targetMs * this.perMs;
  }

  beginReply(reply) {
    this.reply = reply;
    this.played = 0;
    this.audible = null;
  }

  take(count) {
    this.offset += count;
    this.played += count;
    this.buffered -= count;
    if (this.offset < this.chunks[0].samples.length) return;
    this.chunks.shift();
    this.offset = 0;
  }

  noteUnderrun() {
    ++this.underruns;
    this.calmSamples = 0;
    this.targetMs = Math.min(TARGET_MAX_MS, this.targetMs + TARGET_STEP_MS);
  }

  noteCalm(samples) {
    this.calmSamples += samples;
    if (this.calmSamples < CALM_MS * this.perMs) return;
    this.calmSamples = 0;
    this.targetMs = Math.max(TARGET_MIN_MS, this.targetMs - TARGET_STEP_MS);
  }

  // Ends with a short fade. Returns the reply that was heard last, how many samples of it (the fade's too),
  // and how many more were there.
  stop() {
    const fade = this.takeFade();
    const unplayed = this.buffered - fade.length;
    const heard = { reply: this.reply, samples: this.played + fade.length, unplayed };
    const { reply, played, audible } = this;
    this.clear();
    Object.assign(this, { reply, played, audible, primed: fade.length > 0 });
    if (fade.length > 0) {
      this.chunks.push({ reply, samples: fade });
      this.buffered = fade.length;
    }
    return heard;
  }

  takeFade() {
    if (!this.primed || this.chunks.length === 0 || this.chunks[0].reply !== this.reply) {
      return new Float32Array(0);
    }
    const fade = this.chunks[0].samples.slice(this.offset, this.offset + FADE_MS * this.perMs);
    for (let i = 0; i < fade.length; ++i) fade[i] *= 1 - (i + 1) / fade.length;
    return fade;
  }
}
