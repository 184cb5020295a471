// The words of the graph. Each user has one of their own; nodes are numbered within it and edges never leave
// it.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace antiphon::context_store {

// Wall-clock time: what was said is dated, and a restart must not change the dates.
using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;
inline constexpr Timestamp kForever = Timestamp::max();

enum class NodeKind : std::uint8_t { kUser = 1, kSession = 2, kTurn = 3, kEntity = 4, kFact = 5 };
inline constexpr int kNodeKinds = 5;

using Ordinal = std::uint32_t;  // counts the nodes of one kind of one user, from 1; never used again

struct NodeId {
  NodeKind kind = NodeKind::kUser;
  Ordinal ordinal = 0;

  friend constexpr auto operator<=>(const NodeId&, const NodeId&) = default;
};
inline constexpr NodeId kUserNode{NodeKind::kUser, 1};

enum class EdgeType : std::uint8_t {
  kNext = 1,        // turn -> the turn after it in its session
  kInSession = 2,   // turn -> session
  kSpokenBy = 3,    // turn -> user or entity
  kMentions = 4,    // turn -> entity
  kAbout = 5,       // fact -> user or entity
  kSupersedes = 6,  // fact -> the fact that it replaced
};
inline constexpr int kEdgeTypes = 6;

// Bi-temporal: when it held in the world, and when the store learnt of it.
struct Edge {
  EdgeType type = EdgeType::kNext;
  NodeId from = {};
  NodeId to = {};
  Timestamp valid_from = {};
  Timestamp valid_to = kForever;  // exclusive
  Timestamp recorded = {};
  Ordinal source_turn = 0;  // the turn that it came from

  friend bool operator==(const Edge&, const Edge&) = default;
};

struct Turn {
  Ordinal ordinal = 0;
  Ordinal session = 0;
  NodeId speaker;
  Timestamp at;
  Timestamp recorded;
  std::string text;
  std::string hint;  // searched like the text, never shown as said: what a shown picture was of

  friend bool operator==(const Turn&, const Turn&) = default;
};

struct Session {
  Ordinal ordinal = 0;
  std::string name;  // as the caller names it
  Ordinal first_turn = 0;
  Ordinal last_turn = 0;
  std::uint32_t turns = 0;
  Timestamp started;

  friend bool operator==(const Session&, const Session&) = default;
};

struct Entity {
  Ordinal ordinal = 0;
  std::string name;  // as first seen

  friend bool operator==(const Entity&, const Entity&) = default;
};

// subject / relation / object, such as user / dog / Biscuit.
struct Fact {
  Ordinal ordinal = 0;
  NodeId subject;  // user or entity
  std::string relation;
  std::string object;
  Timestamp valid_from;
  Timestamp valid_to = kForever;  // exclusive; a later fact of the same relation ends it
  Timestamp recorded;
  Timestamp end_recorded = kForever;  // when the store learnt of the end
  Ordinal source_turn = 0;

  friend bool operator==(const Fact&, const Fact&) = default;
};

}  // namespace antiphon::context_store

template <>
struct std::hash<antiphon::context_store::NodeId> {
  std::size_t operator()(const antiphon::context_store::NodeId& id) const noexcept {
    return std::hash<std::uint64_t>()((static_cast<std::uint64_t>(id.kind) << 32) | id.ordinal);
  }
};
