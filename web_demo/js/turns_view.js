// How long the answers took: the last one large, its stages as a waterfall, all of them as a strip of bars.
import { duration, median, waterfall } from "./turn_times.js";

const at = (id) => document.getElementById(id);
const STRIP_FULL_MS = 400; // at least what a full bar stands for

export class TurnsView {
  constructor() {
    this.chosen = null; // by the user; null: the last
  }

  // `changed`: one of them; it becomes the one that is shown if it is the last.
  show(turns, changed) {
    const measured = turns.filter(({ stages }) => stages !== null);
    if (measured.length === 0) return;
    const last = measured.at(-1);
    if (changed === last) this.chosen = null;
    this.showFigure(measured);
    this.showTurn(this.chosen ?? last);
    this.showStrip(measured, this.chosen ?? last);
  }

  showFigure(turns) {
    const figures = turns.map(({ voiceToVoiceMs }) => voiceToVoiceMs).filter((ms) => ms !== null);
    if (figures.length === 0) return;
    const [value, unit] = duration(figures.at(-1)).split(" ");
    const unitText = document.createElement("small");
    unitText.textContent = unit;
    at("latency").replaceChildren(value, unitText);
    at("latency-median").hidden = figures.length < 2;
    at("latency-median").textContent = `middle of ${figures.length} turns: ${duration(median(figures))}`;
  }

  showTurn(turn) {
    at("turn-empty").hidden = true;
    at("turn-picture").hidden = false;
    at("turn-title").textContent = this.chosen ? `Turn ${turn.number}` : "Last turn";
    const rows = waterfall(turn);
    const end = Math.max(1, ...rows.map(({ to }) => to));
    at("waterfall").replaceChildren(...rows.map((row) => waterfallRow(row, end)));
    const begin = turn.speechEndMs === null ? "you sent your text" : "your last word";
    const early = turn.speculated ? "The answer was begun before your turn was certainly over. " : "";
    at("turn-note").textContent = `${early}Milliseconds since ${begin}.`;
  }

  showStrip(turns, shown) {
    at("turns-empty").hidden = true;
    at("strip").hidden = false;
    const full = Math.max(STRIP_FULL_MS, ...turns.map(({ voiceToVoiceMs }) => voiceToVoiceMs ?? 0));
    at("strip").replaceChildren(...turns.map((turn) => this.bar(turn, full, turn === shown, turns)));
  }

  bar(turn, full, isShown, turns) {
    const item = document.createElement("li");
    const button = document.createElement("button");
    const bar = document.createElement("span");
    const cut = turn.interrupted ? ", interrupted" : "";
    button.type = "button";
    button.className = turn.interrupted ? "cut" : "";
    button.title = `Turn ${turn.number}: ${duration(turn.voiceToVoiceMs)}${cut}`;
    button.setAttribute("aria-label", button.title);
    button.setAttribute("aria-current", String(isShown));
    button.addEventListener("click", () => {
      this.chosen = turn;
      this.show(turns);
      at("strip").querySelector("[aria-current=true]").focus();
    });
    bar.style.height = `${((turn.voiceToVoiceMs ?? 0) / full) * 100}%`;
    button.append(bar);
    item.append(button);
    return item;
  }
}

function waterfallRow({ label, help, kind, from, to }, end) {
  const row = document.createElement("li");
  const name = document.createElement("span");
  const track = document.createElement("span");
  const bar = document.createElement("span");
  const ms = document.createElement("span");
  row.title = help;
  name.textContent = label;
  track.className = `track ${kind}`;
  bar.style.left = `${(from / end) * 100}%`;
  bar.style.width = `${((to - from) / end) * 100}%`;
  track.append(bar);
  ms.className = "ms";
  ms.textContent = duration(to);
  row.append(name, track, ms);
  return row;
}
