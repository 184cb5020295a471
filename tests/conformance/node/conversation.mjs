// What an SDK tells of one conversation. The setups write it, the steps read it.

export const sampleRateHz = 24000;
export const bytesPerSecond = 2 * sampleRateHz;

export class Reply {
  text = ""; // as it came, also what was not said any more after an interruption
  chunks = []; // Uint8Arrays: 24 kHz, 16 bit
  bytes = 0;
  done = false;

  add(audio) {
    this.chunks.push(audio);
    this.bytes += audio.length;
  }

  get seconds() {
    return this.bytes / bytesPerSecond;
  }

  get audio() {
    const all = new Uint8Array(this.bytes);
    let end = 0;
    for (const chunk of this.chunks) {
      all.set(chunk, end);
      end += chunk.length;
    }
    return all;
  }
}

export class Conversation {
  events = []; // every event of the server, as JSON
  userWords = []; // final transcripts
  replies = [];
  interruptions = 0; // by the SDK's own event
  calls = []; // arguments of the function, as often as the SDK called it
  errors = [];

  constructor(record) {
    this.record = record;
  }

  onEvent(event) {
    this.events.push(event);
    this.record(event);
  }

  // The reply that is under way.
  get reply() {
    if (this.replies.at(-1)?.done !== false) this.replies.push(new Reply());
    return this.replies.at(-1);
  }

  endReply() {
    if (this.replies.length > 0) this.replies.at(-1).done = true;
  }

  eventsOf(type, since = 0) {
    return this.events.slice(since).filter((event) => event.type === type);
  }
}

export const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));

// Waits for the condition; its value. The error names what did not come.
export async function until(condition, seconds, what) {
  const end = performance.now() + 1000 * seconds;
  for (;;) {
    const value = condition();
    if (value) return value;
    if (performance.now() > end) throw new Error(`no ${what} within ${seconds} s`);
    await sleep(0.02);
  }
}
