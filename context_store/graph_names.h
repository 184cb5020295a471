// The graph's words as people and files write them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "context_store/graph_types.h"

namespace antiphon::context_store {

std::string_view name_of(NodeKind kind);  // "user", "session", "turn", "entity", "fact"
std::string_view name_of(EdgeType type);  // "next", "in_session", "spoken_by", ...
std::string text_of(NodeId node);         // "entity:3"

// None: it names nothing.
std::optional<NodeId> node_of(std::string_view text);
std::optional<EdgeType> edge_type_of(std::string_view name);

}  // namespace antiphon::context_store
