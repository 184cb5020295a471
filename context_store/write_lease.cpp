#include "context_store/write_lease.h"

#include <cassert>

namespace antiphon::context_store {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= NewTurn::kNameBytesMax;
}

StoreError refused(std::string what) {
  return {StoreError::Kind::kRefused, std::move(what)};
}

}  // namespace

Status WriteLease::keep(Operation operation) {
  if (!path().covers(operation.user.path())) {
    return StoreError{StoreError::Kind::kOutside,
                      "the lease of " + path().text() + " does not cover " + operation.user.path().text()};
  }
  operations_.push_back(std::move(operation));
  return std::monostate();
}

Status WriteLease::append_turn(const UserPath& user, NewTurn turn) {
  if (!is_name(turn.session)) return refused("a session's name has 1 to 200 bytes");
  if (!is_name(turn.speaker)) return refused("a speaker's name has 1 to 200 bytes");
  if (turn.text.size() > NewTurn::kTextBytesMax) return refused("a turn's text has at most 256 KiB");
  if (turn.hint.size() > NewTurn::kTextBytesMax) return refused("a turn's hint has at most 256 KiB");
  return keep({user, AppendTurn{prepare(std::move(turn))}});
}

Status WriteLease::add_edge(const UserPath& user, const Edge& edge) {
  if (edge.type != EdgeType::kMentions && edge.type != EdgeType::kAbout) {
    return refused("only edges of the types 'mentions' and 'about' can be added");
  }
  return keep({user, AddEdge{edge}});
}

Status WriteLease::set_vector(const UserPath& user, Ordinal turn, std::span<const float> direction) {
  if (direction.empty() || direction.size() > 4096) return refused("a vector has 1 to 4096 components");
  return keep({user, SetVector{turn, {direction.begin(), direction.end()}}});
}

Status WriteLease::merge_entities(const UserPath& user, Ordinal from, Ordinal into) {
  return keep({user, MergeEntities{from, into}});
}

Status WriteLease::forget_turn(const UserPath& user, Ordinal turn) {
  return keep({user, ForgetTurn{turn}});
}

Status WriteLease::forget_session(const UserPath& user, std::string_view session) {
  return keep({user, ForgetSession{std::string(session)}});
}

Status WriteLease::forget_user(const UserPath& user) {
  return keep({user, ForgetUser{}});
}

std::vector<WriteLease> WriteLease::split(const std::vector<std::string>& children) && {
  assert(operations_.empty());
  std::vector<WriteLease> leases;
  for (Holding& holding : std::move(holding_).split(children)) leases.emplace_back(std::move(holding));
  return leases;
}

}  // namespace antiphon::context_store
