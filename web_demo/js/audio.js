// Microphone and loudspeaker, seen from the page's own thread.
import { RATE_HZ } from "./pcm.js";

// The one context of the page, at the protocol's rate, so that the browser does the resampling.
export function makeAudioContext() {
  return new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
}

// When a moment of the context's clock is (or was), as performance.now() counts.
export function pageTime(context, contextTime) {
  return performance.now() + (contextTime - context.currentTime) * 1000;
}

// Why there is no microphone: refused, missing, busy, insecure.
export class NoMicrophone extends Error {
  constructor(kind) {
    super(`no microphone: ${kind}`);
    this.kind = kind;
  }
}

function kindOf(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "refused";
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return "missing";
  return "busy";
}

export class Microphone {
  // onFrame(pcm, level, capturedAt): 20 ms, and when its last sample was heard. onLost(): it was unplugged.
  constructor({ onFrame, onLost }) {
    this.onFrame = onFrame;
    this.onLost = onLost;
    this.stream = null;
  }

  get open() {
    return this.stream !== null;
  }

  // Throws NoMicrophone.
  async start(context) {
    if (!navigator.mediaDevices) throw new NoMicrophone("insecure");
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
      });
    } catch (error) {
      throw new NoMicrophone(kindOf(error));
    }
    this.stream.getAudioTracks()[0].onended = () => this.lose();
    try {
      await this.connect(context);
    } catch {
      // Some browsers take a microphone only at its own rate: the worklet brings it to ours.
      this.ownContext = new AudioContext();
      await this.connect(this.ownContext);
    }
  }

  async connect(context) {
    const source = context.createMediaStreamSource(this.stream);
    await context.audioWorklet.addModule("/js/capture_worklet.js");
    this.node = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
    this.node.port.onmessage = ({ data }) => {
      this.onFrame(data.pcm, data.level, pageTime(context, data.time));
    };
    source.connect(this.node);
    this.source = source;
  }

  stop() {
    if (!this.stream) return;
    for (const track of this.stream.getTracks()) {
      track.onended = null;
      track.stop();
    }
    this.node.port.onmessage = null;
    this.source.disconnect();
    this.ownContext?.close();
    this.ownContext = null;
    this.stream = null;
  }

  lose() {
    this.stop();
    this.onLost();
  }
}

export class Speaker {
  // onAudible(reply, heardAt): the first sound of a reply. onStatus(status): often while it plays.
  constructor({ onAudible, onStatus }) {
    this.onAudible = onAudible;
    this.onStatus = onStatus;
    this.status = { playing: false, bufferedMs: 0, underruns: 0, overruns: 0, targetMs: 20, played: 0 };
    this.stops = []; // that wait for the audio thread's answer
  }

  async start(context) {
    this.context = context;
    await context.audioWorklet.addModule("/js/playout_worklet.js");
    this.node = new AudioWorkletNode(context, "playout", { numberOfInputs: 0, outputChannelCount: [1] });
    this.node.port.onmessage = ({ data }) => this.hear(data);
    this.node.connect(context.destination);
  }

  play(reply, samples) {
    this.node?.port.postMessage({ kind: "audio", reply, samples }, [samples.buffer]);
  }

  end() {
    this.node?.port.postMessage({ kind: "end" });
  }

  // Silence at once. Resolves to {reply, heardMs, unplayed}: how much of which reply was really played, and
  // whether some was not; or to null if nothing ever was.
  stop() {
    if (!this.node) return Promise.resolve(null);
    this.node.port.postMessage({ kind: "stop" });
    return new Promise((resolve) => this.stops.push(resolve));
  }

  // Between the audio thread and the ear.
  get latencyMs() {
    return (this.context?.outputLatency || 0) * 1000;
  }

  hear(message) {
    if (message.kind === "audible") {
      this.onAudible(message.reply, pageTime(this.context, message.time) + this.latencyMs);
    } else if (message.kind === "stopped") {
      const heardMs = Math.max(0, Math.floor((message.samples / RATE_HZ) * 1000 - this.latencyMs));
      const { reply, unplayed } = message;
      this.stops.shift()?.(reply === null ? null : { reply, heardMs, unplayed: unplayed > 0 });
    } else {
      this.status = message;
      this.onStatus(message);
    }
  }
}
