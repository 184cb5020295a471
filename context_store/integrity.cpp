#include "context_store/integrity.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "context_store/storage/environment.h"
#include "context_store/storage/hash.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/packed_list.h"
#include "context_store/storage/posting.h"
#include "context_store/storage/store_fault.h"
#include "context_store/text/terms.h"

namespace antiphon::context_store {
namespace {

// A multiset, as count and sum of its members' hashes.
struct MultisetSum {
  std::uint64_t count = 0;
  std::uint64_t sum = 0;

  void add(std::string_view member) {
    ++count;
    sum += hash64(member);
  }
  friend bool operator==(const MultisetSum&, const MultisetSum&) = default;
};

std::string member_of(const Edge& edge) {
  std::string bytes;
  pack(bytes, listed_forward(edge), {});
  put_varint(bytes, RecordKey::node_number(edge.from));
  return bytes;
}

std::string member_of(std::uint64_t stem, const Posting& posting) {
  std::string bytes;
  put_varint(bytes, stem);
  pack(bytes, posting, {});
  return bytes;
}

std::string member_of(std::uint32_t number, std::string_view name) {
  return encode(NameEntry{number, std::string(name)});
}

struct SessionTurns {
  std::uint32_t claimed = 0;
  std::uint32_t found = 0;
};

// What one user's blocks amount to.
struct Sums {
  UserState counted;
  std::optional<UserState> claimed;
  MultisetSum forward, reverse;
  MultisetSum turn_words, postings, fact_words, fact_postings;
  MultisetSum session_names, sessions, entity_names, entities;
  std::uint64_t in_session = 0;
  std::uint64_t spoken_by = 0;
  std::uint64_t next = 0;
  std::map<Ordinal, SessionTurns> session_turns;
};

class Checker {
 public:
  explicit Checker(const ReadTransaction& transaction) : transaction_(transaction), cursor_(transaction) {}

  IntegrityReport run() {
    try {
      for (bool more = cursor_.seek(""); more; more = cursor_.next()) {
        const RecordKey key = cursor_.key();
        if (key.user() != user_) change_user(key.user());
        ++report_.blocks;
        check_block(key);
      }
      change_user({});
    } catch (const StoreFault& fault) {
      problem(fault.what());
    }
    return std::move(report_);
  }

 private:
  void problem(std::string what) {
    if (report_.problems.size() < IntegrityReport::kProblemsMax) report_.problems.push_back(std::move(what));
  }

  void change_user(UserKey next) {
    if (user_.user != 0) finish_user();
    user_ = next;
    sums_ = Sums();
  }

  // A damaged block is a problem, not the end: the others are checked too.
  void check_block(const RecordKey& key) {
    try {
      const std::string_view payload = cursor_.payload();
      if (key.user().user == 0) return;
      count_bytes(key);
      check_payload(key, payload);
    } catch (const StoreFault& fault) {
      problem(fault.what());
    }
  }

  void count_bytes(const RecordKey& key) {
    const auto record = static_cast<std::size_t>(key.record());
    if (key.record() == Record::kUserState || record >= kRecordsMax) return;
    sums_.counted.block_bytes[record] += RecordKey::kBytes + cursor_.block_bytes();
  }

  void check_payload(const RecordKey& key, std::string_view payload) {
    switch (key.record()) {
      case Record::kUserState:
        sums_.claimed = decode_state(payload);
        return;
      case Record::kSessionName:
        return add_name(sums_.session_names, payload);
      case Record::kEntityName:
        return add_name(sums_.entity_names, payload);
      case Record::kSession:
        return check_session(decode_session(key.node_id().ordinal, payload));
      case Record::kTurn:
        return check_turn(decode_turn(key.node_id().ordinal, payload));
      case Record::kEntity:
        return check_entity(decode_entity(key.node_id().ordinal, payload));
      case Record::kFact:
        return check_fact(decode_fact(key.node_id().ordinal, payload));
      case Record::kFactSlot:
        return check_slot(key, decode_slot(payload));
      case Record::kForward:
        return check_forward(key, payload);
      case Record::kReverse:
        return check_reverse(key, payload);
      case Record::kPostings:
        return check_postings(key, payload, sums_.postings);
      case Record::kFactPostings:
        return check_postings(key, payload, sums_.fact_postings);
      case Record::kProvenance:
        check_list<ListedEdge>(key, payload, [](const ListedEdge&) {});
        return;
      case Record::kVector:
        must_exist(key.node_id(), key);
        return;
      default:
        problem("a block of an unknown kind: " + key.text());
    }
  }

  static void add_name(MultisetSum& names, std::string_view payload) {
    const NameEntry entry = decode_name(payload);
    names.add(member_of(entry.number, entry.name));
  }

  void count_node(NodeKind kind) { ++sums_.counted.nodes[static_cast<std::size_t>(kind)]; }

  void check_session(const Session& session) {
    count_node(NodeKind::kSession);
    sums_.sessions.add(member_of(session.ordinal, session.name));
    sums_.session_turns[session.ordinal].claimed = session.turns;
  }

  void check_turn(const Turn& turn) {
    count_node(NodeKind::kTurn);
    ++report_.turns;
    ++sums_.session_turns[turn.session].found;
    const TermList terms = terms_of_turn(turn.text, turn.hint, turn.at);
    sums_.counted.turn_words += terms.length;
    add_terms(terms, turn.ordinal, sums_.turn_words);
  }

  void check_entity(const Entity& entity) {
    count_node(NodeKind::kEntity);
    sums_.entities.add(member_of(entity.ordinal, entity.name));
  }

  void check_fact(const Fact& fact) {
    count_node(NodeKind::kFact);
    if (fact.valid_to < fact.valid_from)
      problem("fact " + std::to_string(fact.ordinal) + " ends before it begins");
    const TermList terms = terms_of_fact(fact);
    sums_.counted.fact_words += terms.length;
    add_terms(terms, fact.ordinal, sums_.fact_words);
  }

  static void add_terms(const TermList& terms, Ordinal document, MultisetSum& words) {
    const std::uint32_t length = std::min(terms.length, Posting::kLengthMax);
    for (const Term& term : terms.terms) {
      words.add(member_of(term.stem, {document, std::min(term.count, Posting::kCountMax), length}));
    }
  }

  void check_slot(const RecordKey& key, const std::vector<Ordinal>& facts) {
    for (const Ordinal fact : facts) must_exist({NodeKind::kFact, fact}, key);
  }

  // Visits the entries of a packed block and checks their order.
  template <typename Entry, typename Visitor>
  void check_list(const RecordKey& key, std::string_view payload, Visitor&& visit) {
    Ordinal least = key.chunk();
    const bool goes_on = last_list_ && last_list_->same_list(key);
    if (goes_on && last_order_ >= key.chunk()) problem("blocks overlap: " + key.text());
    unpack_each<Entry>(payload, [&](const Entry& entry) {
      if (entry.order() < least) problem("entries are not in order: " + key.text());
      least = entry.order();
      visit(entry);
    });
    last_list_ = key;
    last_order_ = least;
  }

  void check_forward(const RecordKey& key, std::string_view payload) {
    check_list<ListedEdge>(key, payload, [&](const ListedEdge& listed) {
      const Edge edge = forward_edge(key.node_id(), listed);
      sums_.forward.add(member_of(edge));
      ++sums_.counted.edges;
      ++report_.edges;
      sums_.in_session += edge.type == EdgeType::kInSession;
      sums_.spoken_by += edge.type == EdgeType::kSpokenBy;
      sums_.next += edge.type == EdgeType::kNext;
      if (edge.type == EdgeType::kNext && edge.to <= edge.from)
        problem("a turn follows itself: " + key.text());
      must_exist(edge.from, key);
      must_exist(edge.to, key);
    });
  }

  void check_reverse(const RecordKey& key, std::string_view payload) {
    check_list<ListedEdge>(key, payload, [&](const ListedEdge& listed) {
      sums_.reverse.add(member_of(reverse_edge(key.node_id(), listed)));
    });
  }

  void check_postings(const RecordKey& key, std::string_view payload, MultisetSum& postings) {
    check_list<Posting>(key, payload,
                        [&](const Posting& posting) { postings.add(member_of(key.node(), posting)); });
  }

  void must_exist(NodeId node, const RecordKey& named_by) {
    Record record = Record::kFact;
    switch (node.kind) {
      case NodeKind::kUser:
        return;
      case NodeKind::kSession:
        record = Record::kSession;
        break;
      case NodeKind::kTurn:
        record = Record::kTurn;
        break;
      case NodeKind::kEntity:
        record = Record::kEntity;
        break;
      case NodeKind::kFact:
        break;
    }
    if (!transaction_.contains(node_key(user_, record, node.kind, node.ordinal))) {
      problem("a node is named that is not there: " + named_by.text());
    }
  }

  void equal(const MultisetSum& left, const MultisetSum& right, const char* what) {
    if (left == right) return;
    problem("user " + std::to_string(user_.user) + ": " + what + " (" + std::to_string(left.count) + " and " +
            std::to_string(right.count) + ")");
  }

  void equal(std::uint64_t left, std::uint64_t right, const char* what) {
    equal(MultisetSum{left, 0}, MultisetSum{right, 0}, what);
  }

  void finish_user() {
    ++report_.users;
    equal(sums_.forward, sums_.reverse, "forward and reverse edges differ");
    equal(sums_.turn_words, sums_.postings, "words of turns and their postings differ");
    equal(sums_.fact_words, sums_.fact_postings, "words of facts and their postings differ");
    equal(sums_.sessions, sums_.session_names, "sessions and their names differ");
    equal(sums_.entities, sums_.entity_names, "entities and their names differ");
    const std::uint64_t turns = sums_.counted.count(NodeKind::kTurn);
    const std::uint64_t sessions = sums_.counted.count(NodeKind::kSession);
    equal(turns, sums_.in_session, "turns and edges to their sessions differ");
    equal(turns, sums_.spoken_by, "turns and edges to their speakers differ");
    equal(turns - sessions, sums_.next, "turns with one before them and edges to those differ");
    for (const auto& [session, count] : sums_.session_turns) {
      equal(count.claimed, count.found, "claimed and found turns of a session differ");
    }
    if (!sums_.claimed) return problem("user " + std::to_string(user_.user) + " has no state");
    sums_.counted.last_ordinal = sums_.claimed->last_ordinal;
    if (!(sums_.counted == *sums_.claimed)) {
      problem("the state of user " + std::to_string(user_.user) + " does not count what is there");
    }
  }

  const ReadTransaction& transaction_;
  Cursor cursor_;
  IntegrityReport report_;
  UserKey user_;
  Sums sums_;
  std::optional<RecordKey> last_list_;
  Ordinal last_order_ = 0;
};

}  // namespace

IntegrityReport check_integrity(const ReadSnapshot& snapshot) {
  return Checker(snapshot.transaction()).run();
}

}  // namespace antiphon::context_store
