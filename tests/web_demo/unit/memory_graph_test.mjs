import assert from "node:assert/strict";
import { test } from "node:test";
import { graphOf, layOut } from "../../../web_demo/js/memory_graph.js";

const answer = {
  nodes: [
    { id: "user:1", kind: "user", label: "page-1" },
    { id: "session:1", kind: "session", label: "s" },
    { id: "entity:1", kind: "entity", label: "Biscuit" },
    { id: "turn:1", kind: "turn", label: "My dog is called Biscuit.", at: "2026-11-30T07:00:00.000Z" },
    { id: "turn:2", kind: "turn", label: "Good boy." },
    { id: "fact:1", kind: "fact", label: "dog: Biscuit", source_turn: "turn:1" },
  ],
  edges: [
    { type: "next", from: "turn:1", to: "turn:2" },
    { type: "in_session", from: "turn:1", to: "session:1" },
    { type: "mentions", from: "turn:1", to: "entity:1" },
    { type: "about", from: "fact:1", to: "user:1" },
  ],
};

test("draws people, facts and turns, without sessions and the order of turns", () => {
  const graph = graphOf(answer);
  assert.deepEqual(graph.nodes.map(({ label }) => label),
    ["You", "Biscuit", "My dog is called Biscuit.", "Good boy.", "dog: Biscuit"]);
  assert.deepEqual(graph.edges.map(({ from, to }) => [from.id, to.id]),
    [["turn:1", "entity:1"], ["fact:1", "user:1"], ["fact:1", "turn:1"]]);
});

test("of many turns only the last are drawn", () => {
  const turns = Array.from({ length: 60 }, (_, i) => ({ id: `turn:${i}`, kind: "turn", label: String(i) }));
  const graph = graphOf({ nodes: turns, edges: [{ type: "mentions", from: "turn:0", to: "turn:59" }] });
  assert.equal(graph.nodes.length, 24);
  assert.equal(graph.nodes.at(-1).label, "59");
  assert.deepEqual(graph.edges, []);
});

test("points keep apart, the user is in the middle, and the same graph looks the same", () => {
  const graph = graphOf(answer);
  layOut(graph);
  for (const a of graph.nodes) {
    for (const b of graph.nodes) {
      assert.ok(a === b || Math.hypot(a.x - b.x, a.y - b.y) > 30, `${a.label} and ${b.label}`);
    }
  }
  assert.deepEqual([graph.nodes[0].x, graph.nodes[0].y], [0, 0]);
  const again = graphOf(answer);
  layOut(again);
  assert.deepEqual(again.nodes.map(({ x, y }) => [x, y]), graph.nodes.map(({ x, y }) => [x, y]));
});

test("an empty answer is an empty graph", () => {
  const graph = graphOf({});
  layOut(graph);
  assert.deepEqual(graph, { nodes: [], edges: [] });
});
