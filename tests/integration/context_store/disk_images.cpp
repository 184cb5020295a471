#include "tests/integration/context_store/disk_images.h"

#include <algorithm>
#include <fstream>
#include <utility>

namespace antiphon::test {

void DiskState::put(Files& files, const DiskWrite& write, std::size_t bytes) {
  std::string& file = files[write.file];
  if (file.size() < write.offset + bytes) file.resize(write.offset + bytes, '\0');
  std::copy_n(write.bytes.begin(), bytes, file.begin() + static_cast<std::ptrdiff_t>(write.offset));
}

void DiskState::apply(const DiskEvent& event) {
  if (const auto* mark = std::get_if<DiskMark>(&event)) acknowledged_ = mark->number;
  if (const auto* rename = std::get_if<DiskRename>(&event)) renames_.push_back(*rename);
  if (const auto* cut = std::get_if<DiskTruncate>(&event)) safe_[cut->file].resize(cut->size, '\0');
  if (const auto* write = std::get_if<DiskWrite>(&event)) {
    if (write->durable) {
      put(safe_, *write, write->bytes.size());
    } else {
      waiting_.push_back(*write);
    }
  }
  const auto* sync = std::get_if<DiskSync>(&event);
  if (sync == nullptr) return;
  if (sync->file == ".") {
    for (const DiskRename& rename : std::exchange(renames_, {})) {
      safe_[rename.to] = std::move(safe_[rename.from]);
      safe_.erase(rename.from);
    }
    return;
  }
  for (const DiskWrite& write : waiting_) {
    if (write.file == sync->file) put(safe_, write, write.bytes.size());
  }
  std::erase_if(waiting_, [&](const DiskWrite& write) { return write.file == sync->file; });
}

void DiskState::write_image(Cut cut, std::mt19937& random, const std::filesystem::path& folder) const {
  Files files = safe_;
  const auto any = [&](std::size_t below) {
    return std::uniform_int_distribution<std::size_t>(0, below)(random);
  };
  const std::size_t kept = cut == Cut::kSubset ? waiting_.size() : any(waiting_.size());
  for (std::size_t i = 0; i < kept; ++i) {
    if (cut == Cut::kSubset && any(1) == 0) continue;
    const std::size_t size = waiting_[i].bytes.size();
    const bool torn = cut == Cut::kTorn && i + 1 == kept;
    put(files, waiting_[i], torn ? std::min(size, any(size / 512) * 512) : size);
  }
  for (const DiskRename& rename : renames_) {
    if (any(1) == 0) break;
    files[rename.to] = std::move(files[rename.from]);
    files.erase(rename.from);
  }
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, bytes] : files) {
    std::ofstream(folder / name, std::ios::binary)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
}

}  // namespace antiphon::test
