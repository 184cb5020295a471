// Sound as the protocol carries it: mono PCM16 at 24 kHz, little-endian, in Base64.

export const RATE_HZ = 24000;
export const FRAME_SAMPLES = 480; // 20 ms

const CODES_PER_CALL = 8192; // arguments of one String.fromCharCode

export function base64OfPcm(samples) {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  let text = "";
  for (let at = 0; at < bytes.length; at += CODES_PER_CALL) {
    text += String.fromCharCode(...bytes.subarray(at, at + CODES_PER_CALL));
  }
  return btoa(text);
}

export function samplesOfBase64(base64) {
  const text = atob(base64);
  const samples = new Float32Array(text.length >> 1);
  for (let i = 0; i < samples.length; ++i) {
    const low = text.charCodeAt(2 * i);
    const high = text.charCodeAt(2 * i + 1);
    samples[i] = (((high << 24) >> 16) | low) / 32768;
  }
  return samples;
}

export function pcm16(samples) {
  const pcm = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; ++i) {
    pcm[i] = Math.round(Math.max(-1, Math.min(1, samples[i])) * 32767);
  }
  return pcm;
}

// 0 (silence, -60 dBFS and below) to 1 (full scale), even in decibels.
export function levelOf(samples) {
  let energy = 0;
  for (const sample of samples) energy += sample * sample;
  const decibels = 10 * Math.log10(energy / samples.length + 1e-12);
  return Math.max(0, Math.min(1, (decibels + 60) / 60));
}
