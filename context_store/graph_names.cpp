#include "context_store/graph_names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace antiphon::context_store {
namespace {

constexpr std::array<std::string_view, kNodeKinds + 1> kKinds = {"",     "user",   "session",
                                                                 "turn", "entity", "fact"};
constexpr std::array<std::string_view, kEdgeTypes + 1> kEdges = {
    "", "next", "in_session", "spoken_by", "mentions", "about", "supersedes"};

// The place of a name that is not the first; 0: it is not there.
template <std::size_t size>
std::size_t index_of(const std::array<std::string_view, size>& names, std::string_view name) {
  const auto at = std::ranges::find(names.begin() + 1, names.end(), name);
  return at == names.end() ? 0 : static_cast<std::size_t>(at - names.begin());
}

}  // namespace

std::string_view name_of(NodeKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::string_view name_of(EdgeType type) {
  return kEdges[static_cast<std::size_t>(type)];
}

std::string text_of(NodeId node) {
  return std::string(name_of(node.kind)) + ":" + std::to_string(node.ordinal);
}

std::optional<NodeId> node_of(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::size_t kind = index_of(kKinds, text.substr(0, colon));
  const std::string_view number = text.substr(colon + 1);
  Ordinal ordinal = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), ordinal);
  const bool whole = error == std::errc() && end == number.data() + number.size();
  if (kind == 0 || !whole || ordinal == 0) return std::nullopt;
  return NodeId{static_cast<NodeKind>(kind), ordinal};
}

std::optional<EdgeType> edge_type_of(std::string_view name) {
  const std::size_t type = index_of(kEdges, name);
  if (type == 0) return std::nullopt;
  return static_cast<EdgeType>(type);
}

}  // namespace antiphon::context_store
