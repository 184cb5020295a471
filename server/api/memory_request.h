// The endpoints below /v1/memory/: what they ask, and their answers as JSON. Pure.
//   GET    /v1/memory/USER?turns=40&around=entity:3    a part of the graph, for a picture
//   POST   /v1/memory/USER/recall                      what was said that bears on a text
//   DELETE /v1/memory/USER, .../turns/N, .../facts/N   forgets the user, a turn, what a fact came from
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "context_store/neighbourhood.h"
#include "context_store/recall.h"
#include "server/net/http_fault.h"

namespace antiphon::server {

struct MemoryTarget {
  enum class What : std::uint8_t { kUser, kRecall, kTurn, kFact };
  What what = What::kUser;
  std::string user;
  context_store::Ordinal ordinal = 0;  // of kTurn and kFact
};
// None: there is nothing at this path.
std::optional<MemoryTarget> memory_target(std::string_view path);

struct GraphRequest {
  context_store::NodeId around = context_store::kUserNode;
  context_store::NeighbourhoodLimits limits;
};
std::variant<GraphRequest, HttpFault> graph_request(std::string_view target);
std::string graph_answer(const std::string& user, const context_store::Neighbourhood& part,
                         const context_store::UserState& state);

struct RecallRequest {
  std::string text;
  int turns_max = 10;
  int facts_max = 5;
  std::optional<context_store::Timestamp> as_of;  // what was known and true then; none: now
};
std::variant<RecallRequest, HttpFault> recall_request(std::string_view body);
std::string recall_answer(const context_store::Recall& recall);

// The turns that were forgotten; of a whole user none is named.
std::string forgotten_answer(const std::vector<context_store::Ordinal>& turns);

}  // namespace antiphon::server
