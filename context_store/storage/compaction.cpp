#include "context_store/storage/compaction.h"

#include <algorithm>
#include <utility>

#include "context_store/storage/block.h"
#include "context_store/storage/records.h"

namespace antiphon::context_store {
namespace {

constexpr std::size_t kChangesPerStep = 2000;

Ordinal last_turn_of(const Transaction& transaction, UserKey user) {
  const auto state = transaction.payload(RecordKey(user, Record::kUserState, 0));
  return state ? decode_state(*state).last_ordinal[static_cast<std::size_t>(NodeKind::kTurn)] : 0;
}

// The last of a user's turns in the cold segment; 0: none.
Ordinal last_cold_turn(const ColdSegment* cold, UserKey user) {
  if (cold == nullptr) return 0;
  ColdSegment::Walk walk(*cold);
  const RecordKey behind_all = node_key(user, Record::kTurn, NodeKind::kEntity, 0);
  if (!walk.floor(behind_all)) return 0;
  const RecordKey found(walk.key());
  return found.user() == user && found.record() == Record::kTurn ? found.node_id().ordinal : 0;
}

// The last turn before the first turn of an open session. Sessions whose turns all lie in the cold segment
// were closed before.
Ordinal last_closed_turn(const Transaction& transaction, UserKey user, Ordinal cold_until,
                         Timestamp closed_before) {
  Ordinal last_turn = last_turn_of(transaction, user);
  const RecordKey first(user, Record::kSession, 0);
  Cursor cursor(transaction);
  bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
  for (; more && cursor.key().user() == user && cursor.key().record() == Record::kSession;
       more = cursor.next()) {
    const Session session = decode_session(cursor.key().node_id().ordinal, cursor.payload());
    if (session.last_turn <= cold_until) continue;
    const auto last = transaction.payload(node_key(user, Record::kTurn, NodeKind::kTurn, session.last_turn));
    const bool closed = last && decode_turn(session.last_turn, *last).at < closed_before;
    if (!closed) last_turn = std::min(last_turn, session.first_turn - 1);
  }
  return last_turn;
}

}  // namespace

// `next`: the key behind it.
bool Compactor::Line::takes(const RecordKey& key, const std::optional<RecordKey>& next) const {
  switch (key.record()) {
    case Record::kTurn:
    case Record::kVector:
    case Record::kProvenance:
      return key.node_id().ordinal <= last_turn;
    case Record::kForward:
    case Record::kReverse:
      if (key.node_id().kind == NodeKind::kTurn && key.node_id().ordinal <= last_turn) return true;
      [[fallthrough]];
    case Record::kPostings:
      // The last block of a list goes on.
      return next && next->same_list(key) && next->chunk() <= last_turn + 1;
    default:
      return false;
  }
}

std::optional<ColdReference> cold_reference(const Environment& environment) {
  const ReadTransaction transaction(environment);
  const auto payload = transaction.payload(kColdKey);
  if (!payload) return std::nullopt;
  return decode_cold(*payload);
}

ColdShare cold_share(const Environment& environment, Timestamp closed_before) {
  ColdShare share;
  const ReadTransaction transaction(environment);
  Cursor cursor(transaction);
  for (bool more = cursor.seek(""); more;) {
    UserKey user = cursor.key().user();
    if (user.user != 0) {
      const Ordinal cold_until = last_cold_turn(environment.cold(), user);
      share.cold_turns += cold_until;
      if (last_turn_of(transaction, user) > cold_until) {
        const Ordinal closed = last_closed_turn(transaction, user, cold_until, closed_before);
        share.closed_turns += closed > cold_until ? closed - cold_until : 0;
      }
    }
    ++user.user;
    more = cursor.seek(RecordKey(user, Record::kFormat, 0).bytes().substr(0, RecordKey::kUserBytes));
  }
  return share;
}

Compactor::Compactor(Environment& from, const StoreFolder& folder, const Config& config)
    : from_(from),
      folder_(folder),
      config_(config),
      number_(from.cold() != nullptr ? from.cold()->reference().number + 1 : 1) {
  folder.remove_new_graph();
  table_ = std::make_unique<Environment>(folder.new_graph(), config.map_bytes_max, Environment::Mode::kWrite);
  cold_.emplace(folder.cold(number_));
  from_.follow(&changes_);
}

Compactor::~Compactor() {
  from_.follow(nullptr);
  if (taken_) return;
  table_.reset();
  folder_.remove_new_graph();
  folder_.remove_cold_but(number_ - 1);
}

bool Compactor::step() {
  if (cold_) {
    copy_some();
    return true;
  }
  catch_up();
  return !changes_.empty();
}

std::unique_ptr<Environment> Compactor::take() {
  taken_ = true;
  return std::move(table_);
}

void Compactor::copy_some() {
  const ReadTransaction transaction(from_);
  Cursor cursor(transaction);
  std::optional<WriteTransaction> table;
  std::size_t bytes = 0;
  bool more = cursor.seek(next_ ? next_->bytes() : std::string_view());
  while (more && bytes < config_.step_bytes) {
    const RecordKey key = cursor.key();
    const std::string_view payload = cursor.payload();  // a damaged block must not get a second life
    more = cursor.next();
    if (key == kColdKey) continue;
    if (key.user() != line_.user) {
      line_ = {key.user(), last_closed_turn(transaction, key.user(), last_cold_turn(from_.cold(), key.user()),
                                            config_.closed_before)};
    }
    bytes += RecordKey::kBytes + payload.size();
    if (line_.takes(key, more ? std::optional(cursor.key()) : std::nullopt)) {
      cold_->add(key, payload);
      continue;
    }
    if (!table) table.emplace(*table_);
    table->append(key, seal(key, payload));
  }
  if (table) table->commit();
  if (more) {
    next_ = cursor.key();
    changes_.erase(changes_.lower_bound(*next_), changes_.end());  // they will be copied as they are then
  } else {
    end_copying();
  }
}

void Compactor::end_copying() {
  if (!cold_->empty()) {
    const ColdReference reference = cold_->finish(number_);
    WriteTransaction transaction(*table_);
    transaction.put(kColdKey, seal(kColdKey, encode(reference)));
    transaction.commit();
    table_->put_below(std::make_unique<ColdSegment>(folder_.cold(number_), reference));
  }
  cold_.reset();
}

void Compactor::catch_up() {
  if (changes_.empty()) return;
  const ReadTransaction now(from_);
  WriteTransaction table(*table_);
  auto at = changes_.begin();
  for (std::size_t i = 0; i < kChangesPerStep && at != changes_.end(); ++i, ++at) {
    if (const auto payload = now.payload(*at)) {
      table.put(*at, seal(*at, *payload));
    } else {
      table.erase(*at);
    }
  }
  table.commit();
  changes_.erase(changes_.begin(), at);
}

}  // namespace antiphon::context_store
