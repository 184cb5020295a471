// Stands between this process and its files: every write, sync, cut and rename of files below one folder goes
// through here, to be recorded or to fail. It defines the C library's own functions in the test program, so
// that libraries call it too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace antiphon::test {

// What happened to the files, in order.
struct DiskWrite {
  std::string file;
  std::uint64_t offset = 0;
  std::string bytes;
  bool durable = false;  // through a descriptor opened with O_DSYNC
};
struct DiskSync {
  std::string file;
};
struct DiskRename {
  std::string from;
  std::string to;
};
struct DiskTruncate {
  std::string file;
  std::uint64_t size = 0;
};
struct DiskMark {  // the test's own: everything up to `number` was acknowledged
  std::uint64_t number = 0;
};
using DiskEvent = std::variant<DiskWrite, DiskSync, DiskRename, DiskTruncate, DiskMark>;

enum class DiskFault : std::uint8_t { kInputOutput, kNoSpace, kShortWrite, kInterrupted };

// Watches one folder from its construction to its end. One at a time; the calls of all threads count.
class DiskShim {
 public:
  struct Plan {
    std::uint64_t fail_at = 0;  // the n-th call from now on fails, once; 0: none
    DiskFault fault = DiskFault::kInputOutput;
    bool skip_data_syncs = false;  // fdatasync() does nothing, and says that it did
    bool record = false;
  };
  DiskShim(const std::filesystem::path& folder, const Plan& plan);
  ~DiskShim();
  DiskShim(const DiskShim&) = delete;
  DiskShim& operator=(const DiskShim&) = delete;

  void mark(std::uint64_t number);
  std::uint64_t calls() const;
  bool fired() const;  // the planned fault happened
  const std::vector<DiskEvent>& events() const;
};

}  // namespace antiphon::test
