#include "context_store/storage/directory.h"

#include "context_store/storage/store_fault.h"
#include "context_store/storage/varint.h"

namespace antiphon::context_store {
namespace {

constexpr std::string_view kMagic = "antiphon memory";

}  // namespace

std::string encode(const StoreFormat& format) {
  std::string bytes;
  put_text(bytes, kMagic);
  put_varint(bytes, format.version);
  put_varint(bytes, format.last_tenant);
  put_varint(bytes, format.last_user);
  return bytes;
}

StoreFormat decode_format(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.text() != kMagic) throw StoreFault(StoreError::Kind::kCorrupt, "the file is no memory store");
  StoreFormat format;
  format.version = reader.small_varint();
  if (format.version != 1) {
    throw StoreFault(StoreError::Kind::kCorrupt,
                     "the store's format is version " + std::to_string(format.version) + ", not 1");
  }
  format.last_tenant = reader.small_varint();
  format.last_user = reader.small_varint();
  return format;
}

std::optional<UserKey> Directory::find(const UserPath& user) {
  const auto tenant = batch_.number_of({}, Record::kTenantName, user.tenant());
  if (!tenant) return std::nullopt;
  const auto number = batch_.number_of({*tenant, 0}, Record::kUserName, user.user());
  if (!number) return std::nullopt;
  return UserKey{*tenant, *number};
}

UserKey Directory::find_or_add(const UserPath& user) {
  if (const std::optional<UserKey> found = find(user)) return *found;
  const auto stored = batch_.payload(kFormatKey);
  if (!stored) throw StoreFault(StoreError::Kind::kCorrupt, "the file does not say what it is");
  StoreFormat format = decode_format(*stored);
  auto tenant = batch_.number_of({}, Record::kTenantName, user.tenant());
  if (!tenant) {
    tenant = ++format.last_tenant;
    batch_.put_number({}, Record::kTenantName, user.tenant(), *tenant);
  }
  const UserKey key{*tenant, ++format.last_user};
  batch_.put_number({*tenant, 0}, Record::kUserName, user.user(), key.user);
  batch_.put(kFormatKey, encode(format));
  batch_.state(key).last_ordinal[static_cast<std::size_t>(NodeKind::kUser)] = 1;
  return key;
}

void Directory::erase(const UserPath& user) {
  const auto tenant = batch_.number_of({}, Record::kTenantName, user.tenant());
  if (tenant) batch_.erase_name({*tenant, 0}, Record::kUserName, user.user());
}

}  // namespace antiphon::context_store
