#include "context_store/storage/compaction.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "context_store/storage/block.h"
#include "context_store/storage/cold_writer.h"
#include "context_store/storage/records.h"

namespace antiphon::context_store {
namespace {

constexpr std::size_t kBytesPerCommit = std::size_t{64} << 20;  // they are held in memory

// Which of one user's blocks are cold.
class ColdLine {
 public:
  ColdLine(const Transaction& transaction, UserKey user, Timestamp closed_before) : user_(user) {
    if (user.user == 0) return;
    const auto state = transaction.payload(RecordKey(user, Record::kUserState, 0));
    if (state) last_turn_ = decode_state(*state).last_ordinal[static_cast<std::size_t>(NodeKind::kTurn)];
    const RecordKey first(user, Record::kSession, 0);
    Cursor cursor(transaction);
    bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
    for (; more && cursor.key().user() == user && cursor.key().record() == Record::kSession;
         more = cursor.next()) {
      const Session session = decode_session(cursor.key().node_id().ordinal, cursor.payload());
      const auto last =
          transaction.payload(node_key(user, Record::kTurn, NodeKind::kTurn, session.last_turn));
      const bool closed = last && decode_turn(session.last_turn, *last).at < closed_before;
      if (!closed) last_turn_ = std::min(last_turn_, session.first_turn - 1);
    }
  }

  UserKey user() const { return user_; }

  // `next`: the key behind it.
  bool takes(const RecordKey& key, const std::optional<RecordKey>& next) const {
    switch (key.record()) {
      case Record::kTurn:
      case Record::kVector:
      case Record::kProvenance:
        return key.node_id().ordinal <= last_turn_;
      case Record::kForward:
      case Record::kReverse:
        if (key.node_id().kind == NodeKind::kTurn && key.node_id().ordinal <= last_turn_) return true;
        [[fallthrough]];
      case Record::kPostings:
        // The last block of a list goes on.
        return next && next->same_list(key) && next->chunk() <= last_turn_ + 1;
      default:
        return false;
    }
  }

 private:
  UserKey user_;
  Ordinal last_turn_ = 0;
};

// The new table, in transactions of bounded size.
class TableWriter {
 public:
  TableWriter(const std::filesystem::path& file, std::size_t map_bytes_max)
      : environment_(file, map_bytes_max, Environment::Mode::kWrite),
        transaction_(std::in_place, environment_) {}

  void append(const RecordKey& key, std::string_view payload) {
    const std::string block = seal(key, payload);
    transaction_->append(key, block);
    bytes_ += block.size();
    if (bytes_ < kBytesPerCommit) return;
    transaction_->commit();
    transaction_.emplace(environment_);
    bytes_ = 0;
  }
  void finish(const std::optional<ColdReference>& cold) {
    if (cold) transaction_->put(kColdKey, seal(kColdKey, encode(*cold)));
    transaction_->commit();
  }

 private:
  const Environment environment_;
  std::optional<WriteTransaction> transaction_;
  std::size_t bytes_ = 0;
};

}  // namespace

std::optional<ColdReference> cold_reference(const Environment& environment) {
  const ReadTransaction transaction(environment);
  const auto payload = transaction.payload(kColdKey);
  if (!payload) return std::nullopt;
  return decode_cold(*payload);
}

void copy_store(const Environment& from, const StoreFolder& folder, std::size_t map_bytes_max,
                Timestamp closed_before) {
  folder.remove_new_graph();
  const std::uint32_t number = from.cold() != nullptr ? from.cold()->reference().number + 1 : 1;
  TableWriter table(folder.new_graph(), map_bytes_max);
  ColdWriter cold(folder.cold(number));
  const ReadTransaction transaction(from);
  Cursor cursor(transaction);
  ColdLine line(transaction, {}, closed_before);
  for (bool more = cursor.seek(""); more;) {
    const RecordKey key = cursor.key();
    const std::string_view payload = cursor.payload();  // a damaged block must not get a second life
    more = cursor.next();
    if (key == kColdKey) continue;
    if (key.user() != line.user()) line = ColdLine(transaction, key.user(), closed_before);
    const std::optional<RecordKey> next = more ? std::optional(cursor.key()) : std::nullopt;
    if (line.takes(key, next)) {
      cold.add(key, payload);
    } else {
      table.append(key, payload);
    }
  }
  if (cold.empty()) {
    table.finish(std::nullopt);
  } else {
    table.finish(cold.finish(number));
  }
}

}  // namespace antiphon::context_store
