// The loudspeaker's end on the audio thread.
import { PlayoutQueue } from "./playout_queue.js";

const STATUS_SECONDS = 0.1;

class Playout extends AudioWorkletProcessor {
  constructor() {
    super();
    this.queue = new PlayoutQueue(sampleRate);
    this.statusDue = 0;
    this.wasPlaying = false;
    this.stoppedReply = undefined; // to be told once the fade is over
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(message) {
    if (message.kind === "audio") {
      this.queue.push(message.reply, message.samples);
    } else if (message.kind === "end") {
      this.queue.end();
    } else if (message.kind === "stop") {
      const heard = this.queue.stop();
      this.port.postMessage({ kind: "stopped", ...heard });
      this.postStatus();
    }
  }

  process(_inputs, [output]) {
    const samples = output[0];
    const audibleAt = this.queue.render(samples);
    for (const channel of output.slice(1)) channel.set(samples);
    if (audibleAt >= 0) {
      const time = currentTime + audibleAt / sampleRate;
      this.port.postMessage({ kind: "audible", reply: this.queue.reply, time });
    }
    const { playing } = this.queue;
    if (playing !== this.wasPlaying || (playing && currentTime >= this.statusDue)) this.postStatus();
    this.wasPlaying = playing;
    return true;
  }

  postStatus() {
    this.statusDue = currentTime + STATUS_SECONDS;
    const { playing, reply, played, buffered, underruns, overruns, targetMs } = this.queue;
    const bufferedMs = (buffered / sampleRate) * 1000;
    this.port.postMessage({
      kind: "status", playing, reply, played, bufferedMs, underruns, overruns, targetMs, time: currentTime,
    });
  }
}

registerProcessor("playout", Playout);
