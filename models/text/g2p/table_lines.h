#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace antiphon::models::text {

// Goes through the lines of a tab-separated text held in memory.
class TableLines {
 public:
  TableLines(std::span<const std::byte> bytes, const std::filesystem::path& path)
      : rest_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), path_(&path) {}

  // Moves to the next line; false at the end.
  bool next();
  std::string_view line() const { return line_; }
  // Splits the line into exactly fields.size() fields; throws std::runtime_error that names file and line
  // otherwise.
  void split(std::span<std::string_view> fields) const;
  [[noreturn]] void refuse(std::string_view reason) const;

 private:
  std::string_view rest_;
  std::string_view line_;
  std::size_t number_ = 0;
  const std::filesystem::path* path_;  // outlives the object
};

}  // namespace antiphon::models::text
