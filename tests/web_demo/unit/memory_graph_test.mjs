import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, graphOf, layOut } from "../../../web_demo/js/memory_graph.js";

const answer = {
  nodes: [
    { id: "user:1", kind: "user", label: "page-1" },
    { id: "session:1", kind: "session", label: "s" },
    { id: "entity:1", kind: "entity", label: "Biscuit" },
    { id: "turn:1", kind: "turn", label: "My dog is called Biscuit.", at: "2026-11-30T07:00:00.000Z" },
    { id: "entity:2", kind: "entity", label: "assistant" },
    { id: "turn:2", kind: "turn", label: "Good boy.", speaker: "entity:2" },
    { id: "fact:1", kind: "fact", label: "dog: Biscuit", source_turn: "turn:1" },
  ],
  edges: [
    { type: "next", from: "turn:1", to: "turn:2" },
    { type: "in_session", from: "turn:1", to: "session:1" },
    { type: "spoken_by", from: "turn:2", to: "entity:2" },
    { type: "mentions", from: "turn:1", to: "entity:1" },
    { type: "about", from: "fact:1", to: "user:1" },
  ],
};

test("draws people, facts and turns in their order, without sessions", () => {
  const graph = graphOf(answer);
  assert.deepEqual(graph.nodes.map(({ label }) => label),
    ["You", "Biscuit", "My dog is called Biscuit.", "Antiphon", "Good boy.", "dog: Biscuit"]);
  assert.deepEqual(graph.edges.map(({ from, to }) => [from.id, to.id]),
    [["turn:1", "turn:2"], ["turn:2", "entity:2"], ["turn:1", "entity:1"], ["fact:1", "user:1"],
      ["fact:1", "turn:1"]]);
});

test("of many turns only the last are drawn", () => {
  const turns = Array.from({ length: 60 }, (_, i) => ({ id: `turn:${i}`, kind: "turn", label: String(i) }));
  const graph = graphOf({ nodes: turns, edges: [{ type: "mentions", from: "turn:0", to: "turn:59" }] });
  assert.equal(graph.nodes.length, 24);
  assert.equal(graph.nodes.at(-1).label, "59");
  assert.deepEqual(graph.edges, []);
});

const cover = (a, b) =>
  a.left < b.right - 0.5 && b.left < a.right - 0.5 && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;

test("no point or caption covers another, the user is in the middle, the same graph looks the same", () => {
  const graph = graphOf(answer);
  layOut(graph);
  for (const a of graph.nodes) {
    for (const b of graph.nodes) {
      assert.ok(a === b || !cover(boxOf(a), boxOf(b)), `${a.label} and ${b.label}`);
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
