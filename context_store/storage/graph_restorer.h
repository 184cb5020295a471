#pragma once

#include <cstddef>
#include <optional>

#include "context_store/exported_graph.h"
#include "context_store/storage/batch.h"
#include "context_store/storage/environment.h"

namespace antiphon::context_store {

// Makes one user's graph of exported records, in one transaction: all of it or nothing.
//
// Memory: some hundred records; the transaction's pages (the system's cache beyond 512 MiB).
// Errors: StoreFault; kRefused where the records make no graph. The transaction is then worth nothing.
class GraphRestorer {
 public:
  // kRefused: something is stored of this user already.
  GraphRestorer(WriteTransaction& transaction, const ExportedUser& user);

  // REQUIRES: no ExportedUser.
  void add(const ExportedRecord& record);
  void finish();

 private:
  WriteTransaction& transaction_;
  Batch batch_;
  UserKey user_;
  std::size_t waiting_ = 0;  // records that the batch holds
};

}  // namespace antiphon::context_store
