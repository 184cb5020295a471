#pragma once

#include <cstddef>
#include <cstdint>

#include "models/slot.h"

namespace antiphon::models {

// The keys and values of every position of every slot, as 16-bit floats (bit patterns).
//
// Laid out as (slot, layer, keys or values, kv_head, position, head_size): what one head reads lies together.
//
// Owner:  any thread; a slot by one at a time.
// Memory: reserves the address range of all slots at once. The system backs a page (4 KiB) when it is first
//         written; release() gives the pages of a slot back.
// Errors: the constructor throws std::runtime_error if the range can't be reserved.
class KeyValueCache {
 public:
  struct Shape {
    int slots = 0;
    int layers = 0;
    int kv_heads = 0;
    int positions = 0;
    int head_size = 0;
  };

  explicit KeyValueCache(const Shape& shape);
  KeyValueCache(const KeyValueCache&) = delete;
  KeyValueCache& operator=(const KeyValueCache&) = delete;
  ~KeyValueCache();

  // (position, head_size), dense.
  std::uint16_t* keys(Slot slot, int layer, int kv_head) { return stream(slot, layer, 0, kv_head); }
  std::uint16_t* values(Slot slot, int layer, int kv_head) { return stream(slot, layer, 1, kv_head); }

  // Copies the first `positions` of one layer.
  void copy_layer(Slot from, Slot to, int layer, int positions);
  void release(Slot slot);

  std::size_t bytes_per_position() const;

 private:
  std::uint16_t* stream(Slot slot, int layer, int which, int kv_head);
  std::size_t slot_elements() const;

  Shape shape_;
  std::uint16_t* elements_ = nullptr;
};

}  // namespace antiphon::models
