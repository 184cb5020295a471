// The connection to the server: asks whether a key is needed, gets a client secret for it, opens the
// WebSocket as the SDKs in browsers do, and opens it again when it breaks.

import { OPUS_SUBPROTOCOL, opusSupported } from "./opus.js";

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 8000;
const FULL_RETRY_MS = 4000;
const OPENING_MAX_MS = 10000;

const CLOSED_NORMALLY = 1000;
const CLOSED_FULL = 1013;

export function retryDelayMs(attempt, jitter = Math.random()) {
  return Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** attempt) * (0.75 + 0.5 * jitter);
}

// Why the server let nobody in: key, origin, full, unreachable.
class Refused extends Error {
  constructor(kind) {
    super(`refused: ${kind}`);
    this.kind = kind;
  }
}

function kindOfStatus(status) {
  if (status === 401) return "key";
  if (status === 403) return "origin";
  return status === 429 ? "full" : "unreachable";
}

async function fetchJson(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { ...options, signal: AbortSignal.timeout(OPENING_MAX_MS) });
  } catch {
    throw new Refused("unreachable");
  }
  if (!response.ok) throw new Refused(kindOfStatus(response.status));
  return response.json();
}

export class ServerLink {
  // askForKey(): resolves to a key, or to null if the user gives none.
  // onState(state, detail): "closed", "connecting", "open", "waiting" (detail: {kind, retryInMs}), "refused"
  //   (detail: {kind}).
  // onEvent(event): each message of the server. onBinary(message): sound, if `opus`.
  // wantsOpus(): whether to ask for it.
  // user: whose memory it is.
  constructor({ user, keys, askForKey, wantsOpus, onState, onEvent, onBinary }) {
    Object.assign(this, { user, keys, askForKey, wantsOpus, onState, onEvent, onBinary });
    this.opus = false;
    this.remembers = false; // whether the server has a memory; known once it was reached
    this.state = "closed";
    this.connects = 0;
    this.attempt = 0;
    this.bytesIn = 0;
    this.bytesOut = 0;
  }

  // Stays connected until close(). Resolves once it is open, or won't be for now.
  async open() {
    if (this.state === "open") return;
    clearTimeout(this.retryTimer);
    if (this.state !== "connecting") this.opening = this.connect();
    await this.opening;
  }

  close() {
    ++this.connects;
    clearTimeout(this.retryTimer);
    this.socket?.close(CLOSED_NORMALLY);
    this.socket = null;
    this.setState("closed");
  }

  // False: there is no connection.
  send(event) {
    if (this.state !== "open") return false;
    const text = JSON.stringify(event);
    this.bytesOut += text.length;
    this.socket.send(text);
    return true;
  }

  sendBinary(message) {
    if (this.state !== "open") return;
    this.bytesOut += message.byteLength;
    this.socket.send(message);
  }

  // The headers that HTTP requests of the page need.
  headers() {
    return this.keys.get() ? { Authorization: `Bearer ${this.keys.get()}` } : {};
  }

  setState(state, detail = {}) {
    this.state = state;
    this.onState(state, detail);
  }

  async connect() {
    const number = ++this.connects; // what is not the last one any more stops by itself
    this.setState("connecting");
    try {
      const secret = await this.secret();
      const opus = this.wantsOpus() && (await opusSupported());
      if (number !== this.connects) return;
      await this.openSocket(secret, opus);
      this.attempt = 0;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (number === this.connects) this.giveUpForNow(error.kind);
    }
  }

  // Null: the server asks for no key.
  async secret() {
    const about = await fetchJson("/server.json");
    this.remembers = about.remembers;
    if (!about.asks_for_key) return null;
    if (!this.keys.get()) this.keys.set(await this.askForKey());
    if (!this.keys.get()) throw new Refused("key");
    const made = await fetchJson("/v1/realtime/client_secrets", {
      method: "POST",
      headers: { ...this.headers(), "Content-Type": "application/json" },
      body: JSON.stringify({ session: { type: "realtime" }, user: this.user }),
    });
    return made.value;
  }

  openSocket(secret, opus) {
    const address = new URL("/v1/realtime?model=antiphon&turn_trace=true", location.href);
    address.searchParams.set("antiphon_user", this.user);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const protocols = ["realtime"];
    if (secret) protocols.push(`openai-insecure-api-key.${secret}`);
    if (opus) protocols.push(OPUS_SUBPROTOCOL);
    const socket = new WebSocket(address, protocols);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    return new Promise((resolve, reject) => {
      socket.onmessage = ({ data }) => {
        this.bytesIn += data.length ?? data.byteLength;
        if (data instanceof ArrayBuffer) {
          this.onBinary(data);
          return;
        }
        const event = JSON.parse(data);
        if (event.type === "session.created") {
          this.opus = socket.protocol === OPUS_SUBPROTOCOL;
          this.setState("open");
          resolve();
        }
        if (this.state === "open") this.onEvent(event);
      };
      socket.onclose = ({ code }) => {
        const kind = code === CLOSED_FULL ? "full" : "unreachable";
        reject(new Refused(kind)); // in vain once it was open
        if (this.socket !== socket) return; // the page itself has closed it
        if (this.state === "open") this.giveUpForNow(kind === "full" ? "full" : "lost");
      };
    });
  }

  giveUpForNow(kind) {
    this.socket = null;
    if (kind === "key" || kind === "origin") {
      if (kind === "key") this.keys.set(null);
      this.setState("refused", { kind });
      return;
    }
    const retryInMs = kind === "full" ? FULL_RETRY_MS : retryDelayMs(this.attempt++);
    this.retryTimer = setTimeout(() => this.open(), retryInMs);
    this.setState("waiting", { kind, retryInMs });
  }
}
