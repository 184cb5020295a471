// What the server remembers of a user, as points and lines to draw. No browser in it.

const ROUNDS = 220; // of the layout
const TURNS_SHOWN = 24; // the last ones
const WISHED = 60; // length of a line
const HALF_WIDTH = 135; // of the picture
const HALF_HEIGHT = 92;

const RINGS = { user: 0, assistant: 1, entity: 1, fact: 1, turn: 2 }; // what is drawn, how far out it begins
export const RADII = { user: 15, assistant: 12, entity: 10, fact: 8, turn: 5 };
const LABEL_MAX = 22; // letters
const LETTER = 7.8; // its width, with a wide font
const LABEL_HEIGHT = 16;
const SEPARATING_ROUNDS = 120;

// What is written beside a point; nothing beside a turn, whose words are long.
export function caption({ kind, label }) {
  if (kind === "turn") return "";
  return label.length > LABEL_MAX ? `${label.slice(0, LABEL_MAX)}…` : label;
}

// {nodes, edges} of the server's answer, and a line from each fact to the turn that told it. Sessions, and
// all but the last turns, are left out.
export function graphOf({ nodes = [], edges = [] }) {
  const turns = nodes.filter(({ kind }) => kind === "turn");
  const hidden = new Set(turns.slice(0, -TURNS_SHOWN).map(({ id }) => id));
  const shown = nodes.filter(({ id, kind }) => kind in RINGS && !hidden.has(id));
  const speakers = new Set(turns.map(({ speaker }) => speaker));
  const named = (node) => {
    if (node.kind === "user") return { ...node, label: "You" };
    const speaks = node.kind === "entity" && speakers.has(node.id);
    if (speaks) return { ...node, kind: "assistant", label: "Antiphon" };
    return { ...node };
  };
  const byId = new Map(shown.map((node) => [node.id, named(node)]));
  const told = shown.filter((node) => node.source_turn);
  const lines = [...edges, ...told.map(({ id, source_turn: to }) => ({ from: id, to, type: "told_in" }))]
    .map(({ from, to, type }) => ({ from: byId.get(from), to: byId.get(to), type }))
    .filter(({ from, to }) => from && to);
  return { nodes: [...byId.values()], edges: lines };
}

// Gives every node its place around the origin: the same graph always looks the same.
export function layOut({ nodes, edges }) {
  nodes.forEach((node, i) => {
    const ring = RINGS[node.kind];
    const angle = i * 2.399963; // the golden angle spreads any number of them
    node.x = Math.cos(angle) * WISHED * ring;
    node.y = Math.sin(angle) * WISHED * ring;
  });
  for (let round = 0; round < ROUNDS; ++round) relax(nodes, edges, 1 - round / ROUNDS);
  const fit = (key, half) => {
    const extent = Math.max(1, ...nodes.map((node) => Math.abs(node[key])));
    for (const node of nodes) node[key] *= half / extent;
  };
  fit("x", HALF_WIDTH);
  fit("y", HALF_HEIGHT);
  for (let round = 0; round < SEPARATING_ROUNDS; ++round) separate(nodes);
}

// What a node covers, its caption included.
export function boxOf(node) {
  const radius = RADII[node.kind] + 3;
  const text = caption(node);
  const half = Math.max(radius, (text.length * LETTER) / 2);
  return {
    left: node.x - half, right: node.x + half,
    top: node.y - radius, bottom: node.y + radius + (text ? LABEL_HEIGHT : 0),
  };
}

// Pushes those apart that cover each other, the shorter way.
function separate(nodes) {
  for (const a of nodes) {
    for (const b of nodes) {
      if (a === b || b.kind === "user") continue;
      const one = boxOf(a);
      const other = boxOf(b);
      const x = Math.min(one.right - other.left, other.right - one.left);
      const y = Math.min(one.bottom - other.top, other.bottom - one.top);
      if (x <= 0 || y <= 0) continue;
      if (x < y) b.x += b.x < a.x ? -x / 2 : x / 2;
      else b.y += b.y < a.y ? -y / 2 : y / 2;
    }
  }
}

function relax(nodes, edges, heat) {
  const push = new Map(nodes.map((node) => [node, { x: -node.x * 0.02, y: -node.y * 0.02 }]));
  for (const a of nodes) {
    for (const b of nodes) {
      if (a === b) continue;
      const x = a.x - b.x || 0.01;
      const y = a.y - b.y || 0.01;
      const force = Math.min(1, (WISHED * WISHED) / (x * x + y * y) / 4);
      push.get(a).x += x * force;
      push.get(a).y += y * force;
    }
  }
  for (const { from, to } of edges) {
    const x = to.x - from.x;
    const y = to.y - from.y;
    const pull = (Math.hypot(x, y) - WISHED) / Math.max(1, Math.hypot(x, y)) / 4;
    push.get(from).x += x * pull;
    push.get(from).y += y * pull;
    push.get(to).x -= x * pull;
    push.get(to).y -= y * pull;
  }
  for (const [node, { x, y }] of push) {
    if (node.kind === "user") continue; // the middle
    const length = Math.hypot(x, y) || 1;
    const step = Math.min(length, 20 * heat + 0.5);
    node.x += (x / length) * step;
    node.y += (y / length) * step;
  }
}
