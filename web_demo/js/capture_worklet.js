// The microphone's end on the audio thread: frames of 20 ms at 24 kHz, with their level and time of capture.
import { FRAME_SAMPLES, RATE_HZ, levelOf, pcm16 } from "./pcm.js";
import { Resampler } from "./resampler.js";

class Capture extends AudioWorkletProcessor {
  constructor() {
    super();
    this.resampler = sampleRate === RATE_HZ ? null : new Resampler(sampleRate, RATE_HZ);
    this.frame = new Float32Array(FRAME_SAMPLES);
    this.filled = 0;
  }

  process([input]) {
    if (input.length === 0) return true;
    const samples = this.resampler ? this.resampler.push(input[0]) : input[0];
    for (const sample of samples) {
      this.frame[this.filled++] = sample;
      if (this.filled === FRAME_SAMPLES) this.post();
    }
    return true;
  }

  // `time`: of the frame's end, on the context's clock.
  post() {
    const pcm = pcm16(this.frame);
    this.port.postMessage({ pcm, level: levelOf(this.frame), time: currentTime }, [pcm.buffer]);
    this.filled = 0;
  }
}

registerProcessor("capture", Capture);
