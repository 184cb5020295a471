#include "models/native/key_value_cache.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>

namespace antiphon::models {
namespace {

constexpr std::size_t kPageBytes = 4096;

}  // namespace

KeyValueCache::KeyValueCache(const Shape& shape) : shape_(shape) {
  const std::size_t bytes = slot_elements() * sizeof(std::uint16_t) * static_cast<std::size_t>(shape.slots);
  void* range =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) {
    throw std::runtime_error(
        "cannot reserve " + std::to_string(bytes >> 20) +
        " MiB for the language model's cache: " + std::generic_category().message(errno));
  }
  // A huge page would back positions that are never written.
  ::madvise(range, bytes, MADV_NOHUGEPAGE);
  elements_ = static_cast<std::uint16_t*>(range);
}

KeyValueCache::~KeyValueCache() {
  ::munmap(elements_, slot_elements() * sizeof(std::uint16_t) * static_cast<std::size_t>(shape_.slots));
}

std::size_t KeyValueCache::bytes_per_position() const {
  return sizeof(std::uint16_t) * 2 * static_cast<std::size_t>(shape_.layers) *
         static_cast<std::size_t>(shape_.kv_heads) * static_cast<std::size_t>(shape_.head_size);
}

// Whole pages, so that releasing one slot never touches another.
std::size_t KeyValueCache::slot_elements() const {
  const std::size_t bytes = bytes_per_position() * static_cast<std::size_t>(shape_.positions);
  return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes / sizeof(std::uint16_t);
}

std::uint16_t* KeyValueCache::stream(Slot slot, int layer, int which, int kv_head) {
  const int number = (layer * 2 + which) * shape_.kv_heads + kv_head;
  const std::size_t stream_elements =
      static_cast<std::size_t>(shape_.positions) * static_cast<std::size_t>(shape_.head_size);
  return elements_ + static_cast<std::size_t>(index(slot)) * slot_elements() +
         static_cast<std::size_t>(number) * stream_elements;
}

void KeyValueCache::copy_layer(Slot from, Slot to, int layer, int positions) {
  const std::size_t bytes = sizeof(std::uint16_t) * static_cast<std::size_t>(positions) *
                            static_cast<std::size_t>(shape_.head_size);
  for (int which = 0; which < 2; ++which) {
    for (int head = 0; head < shape_.kv_heads; ++head) {
      std::memcpy(stream(to, layer, which, head), stream(from, layer, which, head), bytes);
    }
  }
}

void KeyValueCache::release(Slot slot) {
  ::madvise(stream(slot, 0, 0, 0), slot_elements() * sizeof(std::uint16_t), MADV_DONTNEED);
}

}  // namespace antiphon::models
