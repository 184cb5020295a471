// LMDB's values and errors in the room's words.
#pragma once

#include <lmdb.h>

#include <cerrno>
#include <string>
#include <string_view>

#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {

inline MDB_val as_value(std::string_view bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}

inline std::string_view as_text(const MDB_val& value) {
  return {static_cast<const char*>(value.mv_data), value.mv_size};
}

inline StoreError::Kind kind_of(int code) {
  switch (code) {
    case MDB_MAP_FULL:
    case MDB_TXN_FULL:
    case MDB_READERS_FULL:
    case ENOSPC:
    case ENOMEM:
    case EDQUOT:
      return StoreError::Kind::kFull;
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
      return StoreError::Kind::kCorrupt;
    default:
      return StoreError::Kind::kInputOutput;
  }
}

inline void check(int code, const char* doing) {
  if (code != MDB_SUCCESS) {
    throw StoreFault(kind_of(code), std::string("cannot ") + doing + ": " + mdb_strerror(code));
  }
}

}  // namespace antiphon::context_store
