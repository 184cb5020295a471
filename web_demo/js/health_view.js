// How the connection and the playing of sound are doing.

const list = document.getElementById("health");

export class HealthView {
  constructor(talk) {
    this.talk = talk;
    this.last = { at: performance.now(), bytesIn: 0, bytesOut: 0 };
    this.rows = new Map();
  }

  show() {
    const { link, speaker, playback } = this.talk;
    const { status } = speaker;
    const now = performance.now();
    const seconds = (now - this.last.at) / 1000;
    const rate = (bytes, before) => (seconds > 0 ? rateText((bytes - before) / seconds) : "–");
    this.row("Received", rate(link.bytesIn, this.last.bytesIn));
    this.row("Sent", rate(link.bytesOut, this.last.bytesOut));
    const coding = link.opus ? "Opus" : "PCM16";
    this.row("Coding", link.state === "open" ? coding : "–");
    this.row("Jitter of arriving sound", `${playback.jitterMs.toFixed(1)} ms`);
    this.row("Sound in store", `${Math.round(status.playing ? status.bufferedMs : 0)} ms`);
    this.row("Jitter buffer", `${status.targetMs} ms`);
    this.row("Underruns", String(status.underruns + status.overruns));
    this.last = { at: now, bytesIn: link.bytesIn, bytesOut: link.bytesOut };
  }

  row(name, text) {
    if (!this.rows.has(name)) {
      const term = document.createElement("dt");
      term.textContent = name;
      const value = document.createElement("dd");
      list.append(term, value);
      this.rows.set(name, value);
    }
    const value = this.rows.get(name);
    if (value.textContent !== text) value.textContent = text;
  }
}

function rateText(bytesPerSecond) {
  if (bytesPerSecond < 1000) return `${Math.round(bytesPerSecond)} B/s`;
  return `${(bytesPerSecond / 1000).toFixed(1)} kB/s`;
}
