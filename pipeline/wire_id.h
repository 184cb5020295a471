#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace antiphon::pipeline {

// A name that travels over the wire ("item_...", "resp_...", "call_..."), ours or the client's. Held in
// place, so that events of the frame path copy it without allocating.
class WireId {
 public:
  static constexpr std::size_t kBytesMax = 63;  // the protocol refuses longer ones from clients

  constexpr WireId() = default;
  // REQUIRES: text.size() <= kBytesMax.
  constexpr explicit WireId(std::string_view text) : size_(static_cast<std::uint8_t>(text.size())) {
    assert(text.size() <= kBytesMax);
    std::copy(text.begin(), text.end(), bytes_.begin());
  }

  constexpr std::string_view view() const { return {bytes_.data(), size_}; }  // valid as long as the id
  constexpr bool empty() const { return size_ == 0; }

  friend constexpr bool operator==(const WireId& a, const WireId& b) { return a.view() == b.view(); }
  friend constexpr auto operator<=>(const WireId& a, const WireId& b) { return a.view() <=> b.view(); }

 private:
  std::array<char, kBytesMax> bytes_{};
  std::uint8_t size_ = 0;
};

}  // namespace antiphon::pipeline
