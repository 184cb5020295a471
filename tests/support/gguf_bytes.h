// Builds the bytes of a small GGUF file (version 3) for tests.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::test {

class GgufBytes {
 public:
  GgufBytes& whole(std::string_view field, std::uint32_t value);
  GgufBytes& number(std::string_view field, float value);
  GgufBytes& boolean(std::string_view field, bool value);
  GgufBytes& text(std::string_view field, std::string_view value);
  GgufBytes& texts(std::string_view field, const std::vector<std::string>& values);
  GgufBytes& wholes(std::string_view field, const std::vector<std::int32_t>& values);
  // A field whose type and value the caller wrote himself.
  GgufBytes& raw(std::string_view field, std::uint32_t type, std::string_view value);
  // `extents` innermost first, as in the file; `type` as the file numbers it.
  GgufBytes& tensor(std::string_view name, const std::vector<std::uint64_t>& extents, std::uint32_t type,
                    std::string_view bytes);
  GgufBytes& f32(std::string_view name, const std::vector<std::uint64_t>& extents,
                 std::span<const float> values);

  std::string bytes() const;

  // Little-endian bytes of a number.
  template <class Number>
  static std::string of(Number value) {
    return {reinterpret_cast<const char*>(&value), sizeof value};
  }
  static std::string length_and(std::string_view text) { return of<std::uint64_t>(text.size()) += text; }

 private:
  std::uint64_t fields_ = 0;
  std::uint64_t tensors_ = 0;
  std::string directory_fields_;
  std::string directory_tensors_;
  std::string data_;
};

}  // namespace antiphon::test
