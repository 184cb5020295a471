#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace antiphon::models::kernels {

// Zeroed bytes for a matrix, aligned to cache lines. Large ones come from the kernel in huge pages where it
// grants them: weights are read from end to end, and a page's look-up costs as much as reading some of it.
class TileBuffer {
 public:
  TileBuffer() = default;
  // Throws std::bad_alloc.
  explicit TileBuffer(std::size_t bytes);

  std::uint8_t* data() { return data_.get(); }
  const std::uint8_t* data() const { return data_.get(); }
  std::size_t size() const { return bytes_; }

 private:
  struct Release {
    std::size_t mapped;  // bytes from data() on that were mapped; 0: from the heap
    void operator()(std::uint8_t* data) const;
  };

  std::size_t bytes_ = 0;
  std::unique_ptr<std::uint8_t, Release> data_{nullptr, Release{0}};
};

}  // namespace antiphon::models::kernels
