#include "context_store/read_snapshot.h"

#include <algorithm>
#include <utility>

#include "context_store/storage/environment.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/names.h"
#include "context_store/storage/packed_list.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

std::optional<std::uint32_t> number_of(const Transaction& transaction, UserKey user, Record names,
                                       std::string_view name) {
  return find_name(user, names, name, [&](const RecordKey& key) { return transaction.payload(key); }).number;
}

// Visits the names of one kind; visit(entry).
template <typename Visitor>
void visit_names(const Transaction& transaction, UserKey user, Record names, Visitor&& visit) {
  const RecordKey first(user, names, 0);
  Cursor cursor(transaction);
  bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
  for (; more && cursor.key().user() == user && cursor.key().record() == names; more = cursor.next()) {
    visit(decode_name(cursor.payload()));
  }
}

}  // namespace

bool holds(const Fact& fact, Timestamp valid_at, Timestamp known_at) {
  const Timestamp end = fact.end_recorded <= known_at ? fact.valid_to : kForever;
  return fact.recorded <= known_at && fact.valid_from <= valid_at && valid_at < end;
}

namespace {

// A node's block, decoded; kNotFound if there is none.
template <typename Node, typename Decode>
Result<Node> read_node(const Transaction& transaction, const RecordKey& key, Decode&& decode) {
  return guarded<Node>([&]() -> Result<Node> {
    const auto payload = transaction.payload(key);
    if (!payload) return StoreError{StoreError::Kind::kNotFound, "there is no " + key.text()};
    return decode(key.node_id().ordinal, *payload);
  });
}

}  // namespace

Result<Turn> UserGraph::turn(Ordinal ordinal) const {
  return read_node<Turn>(*transaction_, node_key(user_, Record::kTurn, NodeKind::kTurn, ordinal),
                         decode_turn);
}

Result<Session> UserGraph::session(Ordinal ordinal) const {
  return read_node<Session>(*transaction_, node_key(user_, Record::kSession, NodeKind::kSession, ordinal),
                            decode_session);
}

Result<Session> UserGraph::session(std::string_view name) const {
  return guarded<Session>([&]() -> Result<Session> {
    const auto number = number_of(*transaction_, user_, Record::kSessionName, name);
    if (number) return session(*number);
    return StoreError{StoreError::Kind::kNotFound, "there is no session '" + std::string(name) + "'"};
  });
}

Result<Entity> UserGraph::entity(Ordinal ordinal) const {
  return read_node<Entity>(*transaction_, node_key(user_, Record::kEntity, NodeKind::kEntity, ordinal),
                           decode_entity);
}

Result<Entity> UserGraph::entity(std::string_view name) const {
  return guarded<Entity>([&]() -> Result<Entity> {
    const auto number = number_of(*transaction_, user_, Record::kEntityName, name);
    if (number) return entity(*number);
    return StoreError{StoreError::Kind::kNotFound, "nothing is called '" + std::string(name) + "'"};
  });
}

Result<Fact> UserGraph::fact(Ordinal ordinal) const {
  return read_node<Fact>(*transaction_, node_key(user_, Record::kFact, NodeKind::kFact, ordinal),
                         decode_fact);
}

Status UserGraph::visit_edges(NodeId node, Direction direction, const EdgeVisitor& visit) const {
  return guarded<std::monostate>([&] {
    const bool forward = direction == Direction::kForward;
    const RecordKey list(user_, forward ? Record::kForward : Record::kReverse, RecordKey::node_number(node));
    Cursor cursor(*transaction_);
    visit_list<ListedEdge>(cursor, list, [&](const ListedEdge& listed) {
      return visit(forward ? forward_edge(node, listed) : reverse_edge(node, listed));
    });
    return std::monostate();
  });
}

Result<std::vector<Edge>> UserGraph::edges(NodeId node, Direction direction) const {
  std::vector<Edge> edges;
  const Status read = visit_edges(node, direction, [&](const Edge& edge) {
    edges.push_back(edge);
    return true;
  });
  if (!read) return read.error();
  return edges;
}

Result<std::vector<Fact>> UserGraph::facts(Timestamp valid_at, Timestamp known_at) const {
  return guarded<std::vector<Fact>>([&] {
    std::vector<Fact> facts;
    const RecordKey first(user_, Record::kFact, 0);
    Cursor cursor(*transaction_);
    bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
    for (; more && cursor.key().user() == user_ && cursor.key().record() == Record::kFact;
         more = cursor.next()) {
      Fact fact = decode_fact(cursor.key().node_id().ordinal, cursor.payload());
      if (holds(fact, valid_at, known_at)) facts.push_back(std::move(fact));
    }
    return facts;
  });
}

ReadSnapshot::ReadSnapshot(std::shared_ptr<const Environment> environment, Path path,
                           std::function<void()> on_end)
    : environment_(std::move(environment)),
      transaction_(std::make_unique<ReadTransaction>(*environment_)),
      path_(std::move(path)),
      on_end_(std::move(on_end)) {}

ReadSnapshot::ReadSnapshot(ReadSnapshot&& other) noexcept
    : environment_(std::move(other.environment_)),
      transaction_(std::move(other.transaction_)),
      path_(std::move(other.path_)),
      on_end_(std::exchange(other.on_end_, nullptr)) {}

ReadSnapshot::~ReadSnapshot() {
  transaction_.reset();
  if (on_end_) on_end_();
}

Result<UserGraph> ReadSnapshot::graph(const UserPath& user) const {
  if (!path_.covers(user.path())) {
    return StoreError{StoreError::Kind::kOutside,
                      "the snapshot of " + path_.text() + " does not cover " + user.path().text()};
  }
  return guarded<UserGraph>([&]() -> Result<UserGraph> {
    const auto tenant = number_of(*transaction_, {}, Record::kTenantName, user.tenant());
    if (tenant) {
      const auto number = number_of(*transaction_, {*tenant, 0}, Record::kUserName, user.user());
      if (number) {
        const UserKey key{*tenant, *number};
        const auto state = transaction_->payload(RecordKey(key, Record::kUserState, 0));
        if (state) return UserGraph(*transaction_, key, decode_state(*state));
      }
    }
    return StoreError{StoreError::Kind::kNotFound, "nothing is stored of " + user.path().text()};
  });
}

Result<std::vector<UserPath>> ReadSnapshot::users() const {
  return guarded<std::vector<UserPath>>([&] {
    std::vector<UserPath> users;
    visit_names(*transaction_, {}, Record::kTenantName, [&](const NameEntry& tenant) {
      visit_names(*transaction_, {tenant.number, 0}, Record::kUserName, [&](const NameEntry& name) {
        const std::optional<UserPath> user = UserPath::of(tenant.name, name.name);
        if (user && path_.covers(user->path())) users.push_back(*user);
      });
    });
    std::ranges::sort(users);
    return users;
  });
}

}  // namespace antiphon::context_store
