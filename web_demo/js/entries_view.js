// The captions of both sides, as they are spoken.

const NEAR_END_PX = 80; // a reader who has scrolled up further than that is left in peace

export class EntriesView {
  constructor() {
    this.list = document.getElementById("entries");
    this.empty = document.getElementById("empty");
    this.scroll = document.getElementById("scroll");
    this.rows = new Map(); // id -> {row, shown}
  }

  // `changed`: the one whose text or state changed; none: the list itself.
  show(entries, changed) {
    const { scrollHeight, scrollTop, clientHeight } = this.scroll;
    const follows = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (!changed) this.showList(entries);
    for (const entry of changed ? [changed] : entries) this.showEntry(entry);
    if (follows) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  showList(entries) {
    const wanted = new Set(entries.map(({ id }) => id));
    for (const [id, { row }] of this.rows) {
      if (wanted.has(id)) continue;
      row.remove();
      this.rows.delete(id);
    }
    for (const entry of entries) {
      if (!this.rows.has(entry.id)) this.add(entry);
    }
    this.empty.hidden = entries.length > 0;
  }

  add({ id, role }) {
    const row = document.createElement("li");
    row.className = `entry ${role}`;
    const who = document.createElement("span");
    who.className = "who";
    who.textContent = role === "user" ? "You" : "Antiphon";
    row.append(who, document.createElement("p"));
    this.list.append(row);
    this.rows.set(id, { row, shown: "" });
  }

  showEntry(entry) {
    const kept = this.rows.get(entry.id);
    if (!kept) return;
    const { row } = kept;
    const text = row.querySelector("p");
    row.dataset.state = entry.state;
    if (entry.state === "interrupted") {
      this.showInterrupted(row, text, entry);
    } else if (kept.shown && entry.text.startsWith(kept.shown)) {
      const more = entry.text.slice(kept.shown.length);
      if (more) text.append(span("new", more));
    } else if (entry.text) {
      text.replaceChildren(span(kept.shown ? "" : "new", entry.text));
    } else {
      text.replaceChildren(span("dots", "···"));
    }
    kept.shown = entry.text;
  }

  showInterrupted(row, text, { text: words, heard }) {
    let begin = Math.max(0, words.indexOf(heard)) + heard.length;
    while (words[begin] === " ") ++begin;
    const unheard = document.createElement("s");
    unheard.textContent = words.slice(begin);
    text.replaceChildren(span("", words.slice(0, begin)), unheard);
    row.querySelector(".note")?.remove();
    row.querySelector(".who").append(span("note", heard ? "interrupted" : "withdrawn"));
  }
}

function span(className, text) {
  const element = document.createElement("span");
  element.className = className;
  element.textContent = text;
  return element;
}
