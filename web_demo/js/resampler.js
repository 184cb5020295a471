// Brings a microphone's rate down (or up) to another one, for browsers that can't do it in the audio graph.
// A windowed sinc, 32 samples wide, cut off at 90 % of the lower half rate.

const HALF_WIDTH = 16;
const STEPS = 256; // of the kernel's table between two samples

function kernelTable(cutoff) {
  const table = new Float32Array(HALF_WIDTH * STEPS + 1);
  for (let i = 0; i < table.length; ++i) {
    const x = i / STEPS;
    const sinc = x === 0 ? cutoff : Math.sin(Math.PI * cutoff * x) / (Math.PI * x);
    table[i] = sinc * Math.cos((Math.PI * x) / (2 * HALF_WIDTH)) ** 2;
  }
  return table;
}

export class Resampler {
  constructor(fromHz, toHz) {
    this.step = fromHz / toHz;
    this.kernel = kernelTable(0.9 * Math.min(1, toHz / fromHz));
    this.history = new Float32Array(2 * HALF_WIDTH); // before the first sample: silence
    this.position = HALF_WIDTH; // of the next output, in `history` and what follows it
  }

  // As many output samples as the input so far allows.
  push(samples) {
    const input = new Float32Array(this.history.length + samples.length);
    input.set(this.history);
    input.set(samples, this.history.length);
    const output = [];
    while (this.position + HALF_WIDTH < input.length) {
      output.push(this.at(input));
      this.position += this.step;
    }
    const spent = Math.max(0, Math.floor(this.position) - HALF_WIDTH);
    this.history = input.slice(spent);
    this.position -= spent;
    return Float32Array.from(output);
  }

  at(input) {
    const centre = Math.floor(this.position);
    let sum = 0;
    for (let i = centre - HALF_WIDTH + 1; i <= centre + HALF_WIDTH; ++i) {
      sum += input[i] * this.kernel[Math.round(Math.abs(i - this.position) * STEPS)];
    }
    return sum;
  }
}
