// What the server remembers of this user, as a picture: a click shows the words, and forgets them.
import { RADII, boxOf, caption, graphOf, layOut } from "./memory_graph.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN = 4;
const ASK_AFTER_MS = [1500, 6000]; // a turn is on the disk soon after it has ended, on a busy machine later
const FORGETTABLE = ["turn", "fact"];

const at = (id) => document.getElementById(id);

export class MemoryView {
  // remembers(): whether the server has a memory at all.
  // request(path, method): of the user's memory; resolves to a Response. path: "", "/turns/3", "/facts/2".
  constructor({ remembers, request }) {
    Object.assign(this, { remembers, request });
    this.timers = [];
    this.drawn = ""; // the answer that is seen
    this.shown = null; // the node whose words are shown
  }

  // Something was said.
  askSoon() {
    this.timers.forEach(clearTimeout);
    if (!this.remembers()) return;
    this.timers = ASK_AFTER_MS.map((ms) => setTimeout(() => this.ask(), ms));
  }

  // A server that does not remember this user yet answers 404: then there is no picture.
  async ask() {
    const response = await this.request("", "GET").catch(() => null);
    at("memory").hidden = !response?.ok;
    if (response?.ok) this.show(await response.text());
  }

  // What has not changed stays as it is, and keeps the focus.
  show(answer) {
    if (answer === this.drawn) return;
    this.drawn = answer;
    this.draw(JSON.parse(answer));
  }

  draw(answer) {
    const graph = graphOf(answer);
    layOut(graph);
    this.graph = graph;
    const picture = element("svg", { viewBox: boxAround(graph.nodes), role: "group" });
    picture.setAttribute("aria-label", "What is remembered of you");
    for (const { from, to, type } of graph.edges) {
      picture.append(element("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: type }));
    }
    for (const node of graph.nodes) picture.append(this.point(node));
    at("memory-picture").replaceChildren(picture);
    this.showWords(graph.nodes.find(({ id }) => id === this.shown?.id) ?? null);
  }

  point(node) {
    const point = element("g", { class: `node ${node.kind}`, tabindex: 0, role: "button" });
    point.setAttribute("transform", `translate(${node.x.toFixed(1)} ${node.y.toFixed(1)})`);
    point.setAttribute("aria-label", `${node.kind}: ${node.label}`);
    point.append(element("circle", { r: RADII[node.kind] }));
    const label = element("text", { y: RADII[node.kind] + 14 });
    label.textContent = caption(node);
    point.append(label);
    point.addEventListener("click", () => this.showWords(node));
    point.addEventListener("keydown", (event) => {
      if (event.code !== "Enter" && event.code !== "Space") return;
      event.preventDefault();
      event.stopPropagation();
      this.showWords(node);
    });
    return point;
  }

  // Null: none.
  showWords(node) {
    this.shown = node;
    at("memory-words").hidden = !node;
    if (!node) return;
    const said = node.at ?? node.valid_from;
    const source = this.graph.nodes.find(({ id }) => id === node.source_turn);
    at("memory-text").textContent = [
      node.kind === "turn" ? "" : node.label, node.kind === "turn" ? quoted(node) : source && quoted(source),
    ].filter(Boolean).join(", from ");
    at("memory-date").textContent = said ? new Date(said).toLocaleString() : "";
    at("memory-forget").hidden = !FORGETTABLE.includes(node.kind) && node.kind !== "user";
    at("memory-forget").textContent = node.kind === "user" ? "Forget all of it" : "Forget this";
    at("memory-forget").onclick = () => this.forget(node);
  }

  async forget({ id, kind }) {
    const path = kind === "user" ? "" : `/${kind}s/${id.split(":")[1]}`;
    await this.request(path, "DELETE");
    this.timers.forEach(clearTimeout);
    this.shown = null;
    this.showWords(null);
    if (kind === "user") at("memory").hidden = true;
    else await this.ask();
    if (at("memory").hidden) at("text").focus();
  }
}

function quoted({ label }) {
  return `“${label}”`;
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

function boxAround(nodes) {
  const boxes = nodes.map(boxOf);
  const left = Math.min(...boxes.map((box) => box.left)) - MARGIN;
  const top = Math.min(...boxes.map((box) => box.top)) - MARGIN;
  const width = Math.max(...boxes.map(({ right }) => right)) + MARGIN - left;
  const height = Math.max(...boxes.map(({ bottom }) => bottom)) + MARGIN - top;
  return [left, top, width, height].map((value) => value.toFixed(1)).join(" ");
}
