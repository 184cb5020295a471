#include "context_store/context_store.h"

#include <stdexcept>
#include <utility>

#include "context_store/storage/block.h"
#include "context_store/storage/compaction.h"
#include "context_store/storage/directory.h"
#include "context_store/storage/graph_restorer.h"
#include "context_store/storage/graph_writer.h"
#include "context_store/storage/store_fault.h"
#include "context_store/storage/store_folder.h"

namespace antiphon::context_store {
namespace {

// Applies one operation to its user's graph.
class Applier {
 public:
  Applier(Batch& batch, const UserPath& user, Timestamp now) : batch_(batch), user_(user), now_(now) {}

  Receipt operator()(const AppendTurn& append) {
    GraphWriter writer(batch_, Directory(batch_).find_or_add(user_), now_);
    return {true, writer.append_turn(append.turn)};
  }
  Receipt operator()(const AddEdge& add) {
    return change([&](GraphWriter& writer) { return writer.add_edge(add.edge); });
  }
  Receipt operator()(const ForgetTurn& forget) {
    return change([&](GraphWriter& writer) { return writer.forget_turn(forget.turn); });
  }
  Receipt operator()(const ForgetSession& forget) {
    return change([&](GraphWriter& writer) { return writer.forget_session(forget.session); });
  }
  Receipt operator()(const MergeEntities& merge) {
    return change([&](GraphWriter& writer) { return writer.merge_entities(merge.from, merge.into); });
  }
  Receipt operator()(const SetVector& set) {
    return change([&](GraphWriter& writer) { return writer.set_vector(set.turn, set.direction); });
  }
  Receipt operator()(const ForgetUser&) {
    const std::optional<UserKey> key = Directory(batch_).find(user_);
    if (!key) return {};
    Directory(batch_).erase(user_);
    batch_.erase_user(*key);
    return {true, 0};
  }

 private:
  template <typename Change>
  Receipt change(Change&& change) {
    const std::optional<UserKey> key = Directory(batch_).find(user_);
    if (!key) return {};
    GraphWriter writer(batch_, *key, now_);
    return {change(writer), 0};
  }

  Batch& batch_;
  const UserPath& user_;
  const Timestamp now_;
};

StoreError read_only_error() {
  return {StoreError::Kind::kReadOnly, "the memory store takes no more writes"};
}

ContextStore::LeaseGrant as_leases(LeaseRegistry::Grant grant) {
  if (auto* conflict = std::get_if<Conflict>(&grant)) return std::move(*conflict);
  std::vector<WriteLease> leases;
  for (Holding& holding : std::get<std::vector<Holding>>(grant)) leases.emplace_back(std::move(holding));
  return leases;
}

void write_format(const Environment& environment) {
  WriteTransaction transaction(environment);
  transaction.put(kFormatKey, seal(kFormatKey, encode(StoreFormat())));
  transaction.commit();
}

void check_format(const Environment& environment) {
  const ReadTransaction transaction(environment);
  const auto payload = transaction.payload(kFormatKey);
  if (!payload) throw StoreFault(StoreError::Kind::kCorrupt, "the file is no memory store");
  static_cast<void>(decode_format(*payload));
}

}  // namespace

ContextStore::ContextStore(const Options& options)
    : options_(options), folder_(std::make_unique<StoreFolder>(options.folder, options.mode)) {
  try {
    create_if_missing();
    open();
  } catch (const StoreFault& fault) {
    throw std::runtime_error("memory store '" + options.folder.string() + "': " + fault.what());
  }
  read_only_ = options.mode == Mode::kRead;
}

ContextStore::~ContextStore() = default;

void ContextStore::create_if_missing() {
  if (options_.mode == Mode::kRead || std::filesystem::exists(folder_->graph())) return;
  folder_->remove_new_graph();
  write_format(Environment(folder_->new_graph(), options_.map_bytes_max, Mode::kWrite));
  folder_->put_new_graph_in_place();
  folder_->sync_names();
}

void ContextStore::open() {
  auto environment = std::make_unique<Environment>(folder_->graph(), options_.map_bytes_max, options_.mode);
  check_format(*environment);
  const std::optional<ColdReference> cold = cold_reference(*environment);
  if (cold) environment->put_below(std::make_unique<ColdSegment>(folder_->cold(cold->number), *cold));
  if (options_.mode == Mode::kWrite) {
    folder_->remove_new_graph();  // of a compaction that was cut off: it may hold what is forgotten since
    folder_->remove_cold_but(cold ? cold->number : 0);
  }
  environment_ = std::move(environment);
}

ContextStore::LeaseGrant ContextStore::try_lease(std::vector<Path> paths, std::string_view holder) {
  return as_leases(leases_.try_acquire(std::move(paths), holder));
}

ContextStore::LeaseGrant ContextStore::lease(std::vector<Path> paths, std::string_view holder,
                                             LeaseRegistry::Deadline deadline) {
  return as_leases(leases_.acquire(std::move(paths), holder, deadline));
}

Result<ReadSnapshot> ContextStore::snapshot(const Path& path, Timestamp now) const {
  return guarded<ReadSnapshot>([&] {
    const std::lock_guard lock(mutex_);
    const auto place = snapshot_times_.insert(now);
    try {
      return ReadSnapshot(environment_, path, [this, place] {
        const std::lock_guard end_lock(mutex_);
        snapshot_times_.erase(place);
      });
    } catch (const StoreFault&) {
      snapshot_times_.erase(place);
      throw;
    }
  });
}

Result<ReadSnapshot> ContextStore::downgrade(WriteLease lease, Timestamp now) const {
  return snapshot(lease.path(), now);
}

std::vector<std::vector<Receipt>> ContextStore::apply(WriteTransaction& transaction,
                                                      std::span<WriteLease* const> leases,
                                                      Timestamp now) const {
  std::vector<std::vector<Receipt>> receipts;
  Batch batch(transaction);
  for (const WriteLease* lease : leases) {
    std::vector<Receipt>& mine = receipts.emplace_back();
    for (const Operation& operation : lease->operations_) {
      mine.push_back(std::visit(Applier(batch, operation.user, now), operation.body));
    }
  }
  batch.flush();
  return receipts;
}

Result<std::vector<std::vector<Receipt>>> ContextStore::commit(std::span<WriteLease* const> leases,
                                                               Timestamp now) {
  using Receipts = std::vector<std::vector<Receipt>>;
  if (read_only_) return read_only_error();
  Result<Receipts> result = guarded<Receipts>([&] {
    WriteTransaction transaction(*environment_);
    Receipts receipts = apply(transaction, leases, now);
    transaction.commit();
    return receipts;
  });
  if (!result) {
    if (result.error().kind == StoreError::Kind::kInputOutput) read_only_ = true;
    return result;
  }
  for (WriteLease* lease : leases) lease->operations_.clear();
  ++commits_;
  return result;
}

// Returns the record behind it.
std::optional<ExportedRecord> ContextStore::restore_user(const WriteLease& lease, const ExportedUser& user,
                                                         const NextRecord& next, Restored& restored) {
  if (!lease.path().covers(user.user.path())) {
    throw StoreFault(StoreError::Kind::kOutside,
                     "the lease of " + lease.path().text() + " does not cover " + user.user.path().text());
  }
  WriteTransaction transaction(*environment_);
  GraphRestorer restorer(transaction, user);
  std::uint64_t turns = 0;
  std::optional<ExportedRecord> record = next();
  for (; record && !std::holds_alternative<ExportedUser>(*record); record = next()) {
    restorer.add(*record);
    turns += std::holds_alternative<Turn>(*record) ? 1 : 0;
  }
  restorer.finish();
  transaction.commit();
  ++commits_;
  ++restored.users;
  restored.turns += turns;
  return record;
}

Result<ContextStore::Restored> ContextStore::restore(const WriteLease& lease, const NextRecord& next) {
  if (read_only_) return read_only_error();
  Result<Restored> result = guarded<Restored>([&] {
    Restored restored;
    for (std::optional<ExportedRecord> record = next(); record;) {
      const auto* user = std::get_if<ExportedUser>(&*record);
      if (user == nullptr) throw StoreFault(StoreError::Kind::kRefused, "a graph begins with its user");
      record = restore_user(lease, ExportedUser(*user), next, restored);
    }
    return restored;
  });
  if (!result && result.error().kind == StoreError::Kind::kInputOutput) read_only_ = true;
  return result;
}

std::uint64_t ContextStore::bytes_on_disk() const {
  const ColdSegment* cold = environment_->cold();
  return std::filesystem::file_size(folder_->graph()) + (cold != nullptr ? cold->reference().file_bytes : 0);
}

ContextStore::Compaction ContextStore::put_new_graph_in_place() {
  Compaction done{bytes_on_disk(), 0};
  folder_->put_new_graph_in_place();
  std::shared_ptr<Environment> other = compactor_->take();
  compactor_.reset();
  {
    const std::lock_guard lock(mutex_);
    environment_.swap(other);
  }
  other.reset();  // snapshots may have it still
  try {
    folder_->sync_names();
  } catch (const std::runtime_error&) {
    read_only_ = true;  // a commit would go to a file that a restart may not find
    throw;
  }
  folder_->remove_cold_but(environment_->cold() != nullptr ? environment_->cold()->reference().number : 0);
  done.bytes_after = bytes_on_disk();
  return done;
}

Result<std::optional<ContextStore::Compaction>> ContextStore::compact_step(Timestamp now) {
  if (read_only_) {
    compactor_.reset();
    return read_only_error();
  }
  try {
    if (!compactor_) {
      compactor_ = std::make_unique<Compactor>(
          *environment_, *folder_,
          Compactor::Config{options_.map_bytes_max, options_.compaction_step_bytes,
                            now - options_.cold_after});
    }
    if (compactor_->step()) return std::optional<Compaction>();
    return std::optional(put_new_graph_in_place());
  } catch (const StoreFault& fault) {
    compactor_.reset();
    return fault.error();
  } catch (const std::runtime_error& error) {
    compactor_.reset();
    return StoreError{StoreError::Kind::kInputOutput, error.what()};
  }
}

Result<ContextStore::Compaction> ContextStore::compact(Timestamp now) {
  for (;;) {
    const auto stepped = compact_step(now);
    if (!stepped) return stepped.error();
    if (*stepped) return **stepped;
  }
}

Result<ColdShare> ContextStore::cold_share(Timestamp now) const {
  return guarded<ColdShare>(
      [&] { return context_store::cold_share(*environment_, now - options_.cold_after); });
}

ContextStore::Figures ContextStore::figures() const {
  const std::lock_guard lock(mutex_);
  const Environment::Pages pages = environment_->pages();
  Figures figures;
  figures.file_bytes = pages.in_file * pages.bytes_each;
  figures.used_bytes = pages.in_use * pages.bytes_each;
  if (const ColdSegment* cold = environment_->cold()) {
    const ColdReference& reference = cold->reference();
    figures.cold_bytes = reference.file_bytes;
    figures.cold_edges = reference.edges;
    for (const Record record : {Record::kForward, Record::kReverse, Record::kProvenance}) {
      figures.cold_edge_bytes += reference.bytes[static_cast<std::size_t>(record)];
    }
  }
  figures.commits = commits_;
  figures.snapshots = snapshot_times_.size();
  figures.read_only = read_only_;
  if (!snapshot_times_.empty()) figures.oldest_snapshot = *snapshot_times_.begin();
  return figures;
}

}  // namespace antiphon::context_store
