#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::context_store {

// Where something lies: the root, a tenant, a tenant's user, or a part of a user's graph. A path covers
// itself and everything below it; permissions, scans and "forget me" are given by path.
class Path {
 public:
  static constexpr std::size_t kNameBytesMax = 200;

  Path() = default;  // the root

  // None if a name is empty, longer than kNameBytesMax or holds a zero byte.
  static std::optional<Path> of(const std::vector<std::string_view>& names);
  std::optional<Path> child(std::string_view name) const;

  bool covers(const Path& other) const { return other.bytes_.starts_with(bytes_); }
  bool overlaps(const Path& other) const { return covers(other) || other.covers(*this); }

  std::vector<std::string> names() const;
  std::string text() const;  // "/tenant/user", for people
  // Each name with a zero byte behind it: a prefix in bytes is an ancestor.
  const std::string& bytes() const { return bytes_; }

  friend auto operator<=>(const Path&, const Path&) = default;

 private:
  std::string bytes_;
};

// A person, within the tenant of the key that speaks for them.
class UserPath {
 public:
  // None where Path::of() gives none.
  static std::optional<UserPath> of(std::string_view tenant, std::string_view user);

  const std::string& tenant() const { return tenant_; }
  const std::string& user() const { return user_; }
  const Path& path() const { return path_; }

  friend auto operator<=>(const UserPath&, const UserPath&) = default;

 private:
  UserPath() = default;
  std::string tenant_;
  std::string user_;
  Path path_;
};

}  // namespace antiphon::context_store
