#include "models/kernels/tile_buffer.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

namespace antiphon::models::kernels {
namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;
// Kernels ask for lines somewhat beyond what they use; that never faults, so nothing is added for it.

std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

// Maps at a huge page's boundary and gives back what was only for the alignment.
std::uint8_t* map(std::size_t bytes) {
  const std::size_t reserved = bytes + kHugePage;
  void* found = ::mmap(nullptr, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::uint8_t*>(found);
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  const std::size_t before = round_up(address, kHugePage) - address;
  if (before > 0) ::munmap(begin, before);
  if (before < kHugePage) ::munmap(begin + before + bytes, kHugePage - before);
  ::madvise(begin + before, bytes, MADV_HUGEPAGE);  // a wish
  return begin + before;
}

}  // namespace

void TileBuffer::Release::operator()(std::uint8_t* data) const {
  if (mapped > 0) {
    ::munmap(data, mapped);
  } else {
    ::operator delete(data, std::align_val_t{kLine});
  }
}

TileBuffer::TileBuffer(std::size_t bytes) : bytes_(bytes) {
  constexpr std::size_t kPage = 4096;
  if (bytes >= kHugePage) {
    const std::size_t mapped = round_up(bytes, kPage);
    data_ = {map(mapped), Release{mapped}};
    return;
  }
  data_ = {static_cast<std::uint8_t*>(::operator new(bytes, std::align_val_t{kLine})), Release{0}};
  std::memset(data_.get(), 0, bytes);
}

}  // namespace antiphon::models::kernels
