#include "context_store/storage/cold_segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

#include "context_store/storage/hash.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

// The page below that `key` belongs to: the last whose first key is not behind it.
std::size_t index_of(std::string_view page, std::string_view key) {
  std::size_t low = 0;
  for (std::size_t high = page_entries(page); high - low > 1;) {
    const std::size_t middle = (low + high) / 2;
    (page_entry_key(page, middle) <= key ? low : high) = middle;
  }
  return low;
}

}  // namespace

std::string encode(const ColdReference& reference) {
  std::string bytes;
  for (const std::uint64_t number :
       {std::uint64_t{reference.number}, reference.file_bytes, std::uint64_t{reference.levels},
        reference.root.offset, reference.root.bytes, reference.root.checksum, reference.edges}) {
    put_varint(bytes, number);
  }
  for (const std::uint64_t size : reference.bytes) put_varint(bytes, size);
  return bytes;
}

ColdReference decode_cold(std::string_view bytes) {
  ByteReader reader(bytes);
  ColdReference reference;
  reference.number = reader.small_varint();
  reference.file_bytes = reader.varint();
  reference.levels = reader.small_varint();
  for (std::uint64_t* number : {&reference.root.offset, &reference.root.bytes, &reference.root.checksum}) {
    *number = reader.varint();
  }
  reference.edges = reader.varint();
  for (std::uint64_t& size : reference.bytes) size = reader.varint();
  if (reference.levels <= kColdLevelsMax) return reference;
  throw StoreFault(StoreError::Kind::kCorrupt, "the cold segment has too many levels");
}

ColdSegment::ColdSegment(const std::filesystem::path& file, const ColdReference& reference)
    : reference_(reference) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw std::runtime_error("cannot open '" + file.string() + "'");
  struct stat found{};
  const bool whole = ::fstat(descriptor, &found) == 0 &&
                     static_cast<std::uint64_t>(found.st_size) == reference.file_bytes &&
                     reference.file_bytes > 0;
  void* bytes = MAP_FAILED;
  if (whole) bytes = ::mmap(nullptr, reference.file_bytes, PROT_READ, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  if (!whole) throw std::runtime_error("'" + file.string() + "' is not as long as it was written");
  if (bytes == MAP_FAILED) throw std::runtime_error("cannot map '" + file.string() + "'");
  ::madvise(bytes, reference.file_bytes, MADV_RANDOM);
  bytes_ = static_cast<const char*>(bytes);
}

ColdSegment::~ColdSegment() {
  ::munmap(const_cast<char*>(bytes_), reference_.file_bytes);
}

std::string_view ColdSegment::page(const PagePlace& place) const {
  if (place.offset <= reference_.file_bytes && place.bytes <= reference_.file_bytes - place.offset) {
    const std::string_view found(bytes_ + place.offset, place.bytes);
    if (hash64(found, place.offset) == place.checksum) return found;
  }
  throw StoreFault(StoreError::Kind::kCorrupt,
                   "the checksum is wrong: cold page at byte " + std::to_string(place.offset));
}

std::optional<std::string_view> ColdSegment::find(const RecordKey& key) const {
  Walk walk(*this);
  if (!walk.floor(key) || walk.key() != key.bytes()) return std::nullopt;
  return walk.payload();
}

void ColdSegment::Walk::open_leaf(const PagePlace& place) {
  leaf_ = segment_->page(place);
  rest_ = ByteReader(leaf_);
}

// To the leaf that the key belongs to, before its first entry.
void ColdSegment::Walk::descend(std::string_view key) {
  depth_ = 0;
  PagePlace place = segment_->reference_.root;
  for (std::uint32_t level = 0; level < segment_->reference_.levels; ++level) {
    const std::string_view page = segment_->page(place);
    const std::size_t index = index_of(page, key);
    above_[depth_++] = {page, index};
    place = page_entry_place(page, index);
  }
  open_leaf(place);
}

bool ColdSegment::Walk::next_leaf() {
  const auto last = [](const Level& level) { return level.index + 1 == page_entries(level.page); };
  while (depth_ > 0 && last(above_[depth_ - 1])) --depth_;
  if (depth_ == 0) return false;
  Level& level = above_[depth_ - 1];
  PagePlace place = page_entry_place(level.page, ++level.index);
  while (depth_ < segment_->reference_.levels) {
    above_[depth_] = {segment_->page(place), 0};
    place = page_entry_place(above_[depth_++].page, 0);
  }
  open_leaf(place);
  return true;
}

bool ColdSegment::Walk::read() {
  if (rest_.done()) return false;
  payload_ = next_cold_entry(rest_, key_);
  return true;
}

bool ColdSegment::Walk::seek(std::string_view key_prefix) {
  descend(key_prefix);
  while (next()) {
    if (key() >= key_prefix) return true;
  }
  return false;
}

bool ColdSegment::Walk::floor(const RecordKey& wanted) {
  descend(wanted.bytes());
  if (!read() || key() > wanted.bytes()) return false;
  for (;;) {
    const ByteReader behind = rest_;
    const auto found_key = key_;
    const std::string_view found = payload_;
    if (read() && key() <= wanted.bytes()) continue;
    rest_ = behind;
    key_ = found_key;
    payload_ = found;
    return true;
  }
}

bool ColdSegment::Walk::next() {
  return read() || (next_leaf() && read());
}

}  // namespace antiphon::context_store
