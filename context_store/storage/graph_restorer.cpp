#include "context_store/storage/graph_restorer.h"

#include <variant>

#include "context_store/graph_names.h"
#include "context_store/storage/directory.h"
#include "context_store/storage/graph_writer.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

constexpr std::size_t kRecordsPerFlush = 1024;

}  // namespace

GraphRestorer::GraphRestorer(WriteTransaction& transaction, const ExportedUser& user)
    : transaction_(transaction), batch_(transaction) {
  Directory directory(batch_);
  if (directory.find(user.user)) {
    throw StoreFault(StoreError::Kind::kRefused,
                     "something is stored of " + user.user.path().text() + " already");
  }
  user_ = directory.find_or_add(user.user);
  GraphWriter(batch_, user_, {}).restore(user);
}

void GraphRestorer::add(const ExportedRecord& record) {
  GraphWriter writer(batch_, user_, {});
  std::visit([&](const auto& one) { writer.restore(one); }, record);
  if (++waiting_ < kRecordsPerFlush) return;
  batch_.flush();
  waiting_ = 0;
}

void GraphRestorer::finish() {
  batch_.flush();
  const RecordKey first(user_, Record::kSession, 0);
  Cursor cursor(transaction_);
  bool more = cursor.seek(first.bytes().substr(0, RecordKey::kRecordBytes));
  for (; more && cursor.key().user() == user_ && cursor.key().record() == Record::kSession;
       more = cursor.next()) {
    const NodeId node = cursor.key().node_id();
    if (decode_session(node.ordinal, cursor.payload()).turns > 0) continue;
    throw StoreFault(StoreError::Kind::kRefused, text_of(node) + " has no turns");
  }
}

}  // namespace antiphon::context_store
