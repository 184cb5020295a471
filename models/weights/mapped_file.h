#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace antiphon::models {

// A whole file, mapped read-only.
//
// Owner:  any thread; immutable after construction.
// Errors: the constructor throws std::runtime_error that names the file (a start-up problem).
class MappedFile {
 public:
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  // Valid as long as this object lives, also after it was moved.
  std::span<const std::byte> bytes() const { return bytes_; }
  const std::filesystem::path& path() const { return path_; }

  // Tells the kernel that the pages' contents were copied elsewhere and need not stay resident.
  void release_pages() const;

 private:
  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
};

}  // namespace antiphon::models
