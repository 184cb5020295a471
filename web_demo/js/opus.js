// Opus by the browser's own coders, as the binary messages of the subprotocol antiphon.opus.v1 (see
// server/README.md): the byte 1, the frame's number in four bytes, a packet of 20 ms.
import { RATE_HZ } from "./pcm.js";
import { Resampler } from "./resampler.js";

export const OPUS_SUBPROTOCOL = "antiphon.opus.v1";

const FRAME_US = 20000;
const HEAD_BYTES = 5;
// Without DTX (usedtx): browsers then send nothing at all while it is silent, and the server would learn of a
// pause only by the next packet.
const ENCODER = {
  codec: "opus",
  sampleRate: RATE_HZ,
  numberOfChannels: 1,
  bitrate: 28000,
  opus: { frameDuration: FRAME_US, application: "voip", signal: "voice", complexity: 5 },
};
const DECODER = { codec: "opus", sampleRate: RATE_HZ, numberOfChannels: 1 };

// Whether this browser can do both.
export async function opusSupported() {
  if (!globalThis.AudioEncoder || !globalThis.AudioDecoder) return false;
  try {
    const encoder = await AudioEncoder.isConfigSupported(ENCODER);
    const decoder = await AudioDecoder.isConfigSupported(DECODER);
    return encoder.supported && decoder.supported;
  } catch {
    return false;
  }
}

export function messageOf(number, packet) {
  const message = new Uint8Array(HEAD_BYTES + packet.length);
  new DataView(message.buffer).setUint32(1, number);
  message[0] = 1;
  message.set(packet, HEAD_BYTES);
  return message;
}

export function packetOf(message) {
  return { number: new DataView(message).getUint32(1), packet: new Uint8Array(message, HEAD_BYTES) };
}

// The coders of one connection.
export class OpusCoder {
  // onMessage(bytes): to be sent. onSamples(place, samples): 24 kHz, of what decode() was given with `place`.
  constructor({ onMessage, onSamples }) {
    this.onSamples = onSamples;
    this.sent = 0;
    this.taken = 0;
    this.places = new Map(); // by frame number, of what is being decoded
    this.encoder = new AudioEncoder({
      output: (chunk) => {
        const packet = new Uint8Array(chunk.byteLength);
        chunk.copyTo(packet);
        onMessage(messageOf(this.sent++, packet));
      },
      error: () => {},
    });
    this.encoder.configure(ENCODER);
    this.decoder = new AudioDecoder({ output: (sound) => this.hear(sound), error: () => {} });
    this.decoder.configure(DECODER);
  }

  close() {
    if (this.encoder.state !== "closed") this.encoder.close();
    if (this.decoder.state !== "closed") this.decoder.close();
  }

  encode(pcm) {
    const sound = new AudioData({
      format: "s16", sampleRate: RATE_HZ, numberOfChannels: 1, numberOfFrames: pcm.length,
      timestamp: this.taken++ * FRAME_US, data: pcm,
    });
    this.encoder.encode(sound);
    sound.close();
  }

  // Until all that was given is on its way.
  async flush() {
    if (this.encoder.state === "configured") await this.encoder.flush();
  }

  decode(message, place) {
    const { number, packet } = packetOf(message);
    this.places.set(number, place);
    this.decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: number * FRAME_US, data: packet }));
  }

  hear(sound) {
    const number = Math.round(sound.timestamp / FRAME_US);
    const place = this.places.get(number);
    this.places.delete(number);
    const samples = new Float32Array(sound.numberOfFrames);
    sound.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
    const rate = sound.sampleRate;
    sound.close();
    if (rate !== RATE_HZ) this.resampler ??= new Resampler(rate, RATE_HZ);
    if (place) this.onSamples(place, rate === RATE_HZ ? samples : this.resampler.push(samples));
  }
}
