#include "context_store/storage/cold_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "context_store/storage/file_permissions.h"
#include "context_store/storage/hash.h"
#include "context_store/storage/listed_edge.h"
#include "context_store/storage/packed_list.h"
#include "context_store/storage/store_fault.h"

namespace antiphon::context_store {
namespace {

constexpr std::size_t kWriteBytes = std::size_t{1} << 20;

[[noreturn]] void fail(const char* doing, const std::filesystem::path& file) {
  throw StoreFault(StoreError::Kind::kInputOutput,
                   std::string("cannot ") + doing + " '" + file.string() + "': " + std::strerror(errno));
}

}  // namespace

ColdWriter::ColdWriter(std::filesystem::path file) : file_(std::move(file)) {
  descriptor_ = ::open(file_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFilePermissions);
  if (descriptor_ < 0) fail("make", file_);
}

ColdWriter::~ColdWriter() {
  ::close(descriptor_);
}

void ColdWriter::write_out() {
  for (std::string_view rest = waiting_; !rest.empty();) {
    const ssize_t taken = ::write(descriptor_, rest.data(), rest.size());
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) fail("write", file_);
    rest.remove_prefix(static_cast<std::size_t>(taken));
  }
  waiting_.clear();
}

PagePlace ColdWriter::put_page(std::string_view page) {
  const PagePlace place{written_, page.size(), hash64(page, written_)};
  waiting_ += page;
  written_ += page.size();
  if (waiting_.size() >= kWriteBytes) {
    write_out();
    // In portions: at the end there would be so much that everybody who syncs waits for it.
    if (::fdatasync(descriptor_) != 0) fail("sync", file_);
  }
  return place;
}

void ColdWriter::end_page(std::size_t level) {
  const Level ended = std::exchange(levels_[level], {});
  const PagePlace place = put_page(ended.page);
  if (level + 1 == levels_.size()) levels_.emplace_back();
  Level& above = levels_[level + 1];
  if (above.first_key.empty()) above.first_key = ended.first_key;
  put_page_entry(above.page, ended.first_key, place);
  if (above.page.size() + kPageEntryBytes > kColdPageBytes) end_page(level + 1);
}

void ColdWriter::add(const RecordKey& key, std::string_view payload) {
  if (levels_.front().page.size() + payload.size() > kColdPageBytes && !levels_.front().page.empty()) {
    end_page(0);
  }
  Level& leaf = levels_.front();
  const std::size_t before = leaf.page.size();
  if (leaf.page.empty()) leaf.first_key = key.bytes();
  put_cold_entry(leaf.page, key.bytes(), before == 0 ? std::string_view() : last_key_, payload);
  last_key_ = key.bytes();
  reference_.bytes[static_cast<std::size_t>(key.record())] += leaf.page.size() - before;
  if (key.record() == Record::kForward) {
    unpack_each<ListedEdge>(payload, [this](const ListedEdge&) { ++reference_.edges; });
  }
}

ColdReference ColdWriter::finish(std::uint32_t number) {
  assert(!empty());
  // Ends all pages but the topmost, which is the root: a level above with one entry would lead nowhere else.
  for (std::size_t level = 0; level + 1 < levels_.size(); ++level) {
    if (!levels_[level].page.empty()) end_page(level);
  }
  Level& top = levels_.back();
  if (levels_.size() > 1 && page_entries(top.page) == 1) {
    reference_.root = page_entry_place(top.page, 0);
    reference_.levels = static_cast<std::uint32_t>(levels_.size() - 2);
  } else {
    reference_.root = put_page(top.page);
    reference_.levels = static_cast<std::uint32_t>(levels_.size() - 1);
  }
  write_out();
  if (::fsync(descriptor_) != 0) fail("sync", file_);
  reference_.number = number;
  reference_.file_bytes = written_;
  return reference_;
}

}  // namespace antiphon::context_store
