#include "context_store/storage/store_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace antiphon::context_store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kColdPrefix = "cold.";

[[noreturn]] void fail(const char* doing, const fs::path& path) {
  throw std::runtime_error(std::string("cannot ") + doing + " '" + path.string() +
                           "': " + std::strerror(errno));
}

void sync(const fs::path& path, int flags) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  if (file < 0) fail("open", path);
  const int result = ::fsync(file);
  ::close(file);
  if (result != 0) fail("sync", path);
}

fs::path lock_table_of(const fs::path& graph) {
  return graph.string() + "-lock";
}

}  // namespace

StoreFolder::StoreFolder(const fs::path& folder, Environment::Mode mode) : folder_(folder) {
  const bool writes = mode == Environment::Mode::kWrite;
  if (!writes && !fs::exists(graph()))
    throw std::runtime_error("'" + folder.string() + "' is no memory store");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw std::runtime_error("cannot make '" + folder.string() + "': " + error.message());
  const fs::path file = folder / "owner.lock";
  lock_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) fail("open", file);
  if (::flock(lock_, (writes ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return;
  ::close(lock_);
  throw std::runtime_error("another process uses the memory store '" + folder.string() + "'");
}

StoreFolder::~StoreFolder() {
  ::close(lock_);
}

void StoreFolder::remove_new_graph() const {
  std::error_code ignored;  // if it stays, opening it says why
  fs::remove(new_graph(), ignored);
  fs::remove(lock_table_of(new_graph()), ignored);
}

fs::path StoreFolder::cold(std::uint32_t number) const {
  return folder_ / (std::string(kColdPrefix) + std::to_string(number));
}

void StoreFolder::remove_cold_but(std::uint32_t number) const {
  std::error_code ignored;
  std::vector<fs::path> others;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with(kColdPrefix) && entry.path() != cold(number)) others.push_back(entry.path());
  }
  for (const fs::path& other : others) fs::remove(other, ignored);
}

void StoreFolder::put_new_graph_in_place() const {
  sync(new_graph(), O_RDWR);
  sync(folder_, O_RDONLY | O_DIRECTORY);  // a segment must have its name before a graph names it
  if (std::rename(new_graph().c_str(), graph().c_str()) != 0) fail("rename", new_graph());
  std::error_code ignored;  // other processes are kept out by a lock of their own
  fs::remove(lock_table_of(new_graph()), ignored);
}

void StoreFolder::sync_names() const {
  sync(folder_, O_RDONLY | O_DIRECTORY);
}

}  // namespace antiphon::context_store
