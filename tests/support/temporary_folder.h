#pragma once

#include <filesystem>
#include <string_view>

namespace antiphon::test {

// A new, empty folder of this test's own, removed with the object. Tests run in several processes at once, so
// a fixed path would be shared.
class TemporaryFolder {
 public:
  TemporaryFolder();  // throws std::system_error if there is no room for one
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path file(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace antiphon::test
