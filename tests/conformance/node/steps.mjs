// The steps that every setup takes, whatever its SDK, in Node and in a browser. python/steps.py is its twin.
import { sleep, until } from "./conversation.mjs";
import { Microphone } from "./microphone.mjs";

const stepSecondsMax = 150;
const replySeconds = 60;
const playedSeconds = 4; // of the long reply before the user speaks into it

const words = (text) => text.toLowerCase().replaceAll("-", " ").match(/[a-z0-9']+/g) ?? [];

function check(condition, why) {
  if (!condition) throw new Error(why);
}

function checkAny(expected, text) {
  check(expected.some((word) => words(text).includes(word)), `none of ${expected} in '${text}'`);
}

function limited(promise) {
  return Promise.race([
    promise,
    sleep(stepSecondsMax).then(() => Promise.reject(new Error(`not over within ${stepSecondsMax} s`))),
  ]);
}

export class Steps {
  // `speech` holds the sound of each turn, `hear` transcribes sound, `report` takes a step's outcome.
  constructor(setup, told, { script, speech, hear, report }) {
    Object.assign(this, { setup, told, script, speech, hear, report });
    this.microphone = new Microphone((audio) => setup.sendAudio(audio));
  }

  async run() {
    if (!(await this.#step("connect", () => this.connect()))) return;
    await this.#step("session update", () => this.update());
    await this.#step("transcript", () => this.transcript());
    await this.#step("spoken reply", () => this.spokenReply());
    await this.#step("second turn", () => this.secondTurn());
    await this.#step("barge-in", () => this.bargeIn());
    await this.#step("tool call", () => this.toolCall());
    await this.#step("text turn", () => this.textTurn());
    await this.#step("clean close", () => this.close());
  }

  async #step(name, step) {
    try {
      await limited(step());
    } catch (error) {
      console.error(error.stack ?? error);
      await this.report(name, false, String(error));
      return false;
    }
    await this.report(name, true, "");
    return true;
  }

  async connect() {
    await this.setup.connect();
    await until(() => this.told.eventsOf("session.created").length > 0, 20, "session.created");
    this.microphone.open();
  }

  async update() {
    const text = this.script.instructions;
    await this.setup.instruct(text);
    const obeyed = () =>
      this.told.eventsOf("session.updated").filter(({ session }) => session.instructions.includes(text));
    const updated = await until(() => obeyed().at(-1), 20, "session.updated with the instructions");
    const detection = updated.session.audio.input.turn_detection;
    check(detection.interrupt_response === true, JSON.stringify(detection));
  }

  say(turn) {
    this.microphone.say(this.speech[turn]);
  }

  // The first whole reply with words after the `known` ones.
  async nextReply(known) {
    const whole = () => this.told.replies.slice(known).find((reply) => reply.done && reply.text);
    const reply = await until(whole, replySeconds, "reply");
    await sleep(0.5); // the last of its sound is still to be played
    return reply;
  }

  // That the SDK gives a transcript of the turn, after the `known` ones.
  async checkHeard(turn, known) {
    await until(() => this.told.userWords.length > known, 30, "transcript");
    const text = this.told.userWords.slice(known).join(" ");
    for (const word of this.script[turn].heard) {
      check(words(text).includes(word), `'${word}' is not in '${text}'`);
    }
  }

  // That the reply's sound says what its text says.
  async checkAudible(reply) {
    const heard = words(await this.hear(reply.audio));
    const written = words(reply.text);
    const common = written.filter((word) => heard.includes(word)).length;
    check(written.length >= 3 && common >= 0.6 * written.length, `heard ${heard}, written ${written}`);
  }

  async transcript() {
    this.repliesKnown = this.told.replies.length;
    this.say("first");
    await this.checkHeard("first", 0);
  }

  async spokenReply() {
    const reply = await this.nextReply(this.repliesKnown);
    checkAny(this.script.first.answer, reply.text);
    await this.checkAudible(reply);
  }

  async secondTurn() {
    const heard = this.told.userWords.length;
    const replies = this.told.replies.length;
    this.say("second");
    await this.checkHeard("second", heard);
    const reply = await this.nextReply(replies);
    checkAny(this.script.second.answer, reply.text);
    await this.checkAudible(reply);
  }

  async bargeIn() {
    const { told } = this;
    const known = told.replies.length;
    this.say("long");
    const playing = () => told.replies.slice(known).find((reply) => reply.seconds > playedSeconds);
    const long = await until(playing, replySeconds, "long reply");
    check(!long.done, `the story is too short to interrupt: '${long.text}'`);
    const [events, heard, interruptions] = [told.events.length, told.userWords.length, told.interruptions];
    this.say("interruption");
    await until(() => told.interruptions > interruptions, 15, "interruption by the SDK's own event");
    const played = long.seconds;
    await this.checkHeard("interruption", heard);
    await this.nextReply(told.replies.indexOf(long) + 1);
    check(long.seconds - played < 0.5, `${long.seconds - played} s more after the interruption`);
    const cancelled = told
      .eventsOf("response.done", events)
      .find(({ response }) => response.status === "cancelled");
    check(cancelled?.response.status_details.reason === "turn_detected", "not cancelled");
    check(told.eventsOf("conversation.item.truncated", events).length > 0, "not truncated");
    await this.#checkCut(long, await this.setup.historyOf(long));
  }

  // That the SDK's history keeps of the reply what was heard of it.
  async #checkCut(reply, history) {
    const kept = words(history);
    const written = words(reply.text);
    const heard = words(await this.hear(reply.audio));
    const same = kept.length > 0 && kept.every((word, i) => word === written[i]);
    check(same, `history has ${kept}, the reply was ${written}`);
    const apart = Math.abs(kept.length - heard.length);
    check(apart <= Math.max(5, 0.5 * heard.length), `history ${kept}, heard ${heard}`);
  }

  async toolCall() {
    await this.setup.offerFunction(this.script.function);
    await sleep(1);
    const known = this.told.replies.length;
    const heard = this.told.userWords.length;
    this.say("tool");
    const call = await until(() => this.told.calls.at(-1), 30, "call of the function");
    check(String(call.city).toLowerCase().includes(this.script.tool.argument), JSON.stringify(call));
    check(this.told.userWords.length > heard, "no transcript");
    checkAny(this.script.tool.answer, (await this.nextReply(known)).text);
  }

  async textTurn() {
    const known = this.told.replies.length;
    await this.setup.write(this.script.text.write);
    checkAny(this.script.text.answer, (await this.nextReply(known)).text);
  }

  async close() {
    this.microphone.close();
    await this.setup.close();
    check(this.told.errors.length === 0, this.told.errors.join("; "));
  }
}
