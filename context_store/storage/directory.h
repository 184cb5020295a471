#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "context_store/path.h"
#include "context_store/storage/batch.h"

namespace antiphon::context_store {

// The block that says what the file is, and which numbers were given away.
struct StoreFormat {
  std::uint32_t version = 1;
  std::uint32_t last_tenant = 0;
  std::uint32_t last_user = 0;
};
inline const RecordKey kFormatKey{{}, Record::kFormat, 0};

std::string encode(const StoreFormat& format);
StoreFormat decode_format(std::string_view bytes);  // throws StoreFault

// The numbers of tenants and users, within a batch.
class Directory {
 public:
  explicit Directory(Batch& batch) : batch_(batch) {}

  std::optional<UserKey> find(const UserPath& user);
  UserKey find_or_add(const UserPath& user);
  void erase(const UserPath& user);  // its name; a tenant's stays

 private:
  Batch& batch_;
};

}  // namespace antiphon::context_store
