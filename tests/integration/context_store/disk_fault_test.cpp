// A disk that fails once, at every call that it could fail at.
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

#include "tests/integration/context_store/disk_shim.h"
#include "tests/integration/context_store/story.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::test {
namespace {

using context_store::ContextStore;
using Kind = context_store::StoreError::Kind;

class DiskFaults : public testing::TestWithParam<DiskFault> {};

// Tells lines 5 to 20 in groups of four; the last acknowledged one.
std::uint64_t go_on_telling(ContextStore& store) {
  std::uint64_t acknowledged = 4;
  bool read_only = false;
  for (std::uint64_t turn = 5; turn <= 20; turn += 4) {
    if (turn != acknowledged + 1) break;
    const auto told = tell_lines(store, turn, 4);
    if (told) {
      EXPECT_FALSE(read_only);
      acknowledged = turn + 3;
    } else if (told.error().kind == Kind::kInputOutput) {
      read_only = true;
      EXPECT_EQ(tell_lines(store, turn, 4).error().kind, Kind::kReadOnly);
    }
  }
  EXPECT_EQ(store.figures().read_only, read_only);
  return acknowledged;
}

TEST_P(DiskFaults, InACommitLoseNothingThatWasAcknowledged) {
  bool fired = true;
  int points = 0;
  for (std::uint64_t call = 1; fired; ++call, ++points) {
    const TemporaryFolder folder;
    std::uint64_t acknowledged = 0;
    {
      ContextStore store({.folder = folder.file("memory")});
      ASSERT_TRUE(tell_lines(store, 1, 4).ok());
      const DiskShim shim(folder.file("memory"), {.fail_at = call, .fault = GetParam()});
      acknowledged = go_on_telling(store);
      fired = shim.fired();
      EXPECT_GE(acknowledged, fired ? 4U : 20U);
    }
    ASSERT_EQ(faults_of_story(folder.file("memory"), acknowledged, 20), "") << "call " << call;
  }
  EXPECT_GT(points, 8);  // four commits: pages, a sync and the root, each
}

TEST_P(DiskFaults, InTheMakingOfAStoreLeaveNoneOrAWholeOne) {
  bool fired = true;
  for (std::uint64_t call = 1; fired; ++call) {
    const TemporaryFolder folder;
    const std::filesystem::path path = folder.file("memory");
    {
      std::filesystem::create_directories(path);
      const DiskShim shim(path, {.fail_at = call, .fault = GetParam()});
      try {
        const ContextStore store({.folder = path});
      } catch (const std::runtime_error& refused) {
        EXPECT_NE(std::string(refused.what()).find(path.string()), std::string::npos) << refused.what();
      }
      fired = shim.fired();
    }
    ContextStore store({.folder = path});
    EXPECT_TRUE(tell_lines(store, 1, 2).ok());
  }
}

TEST_P(DiskFaults, InACompactionLeaveTheOldStoreOrTheNewOne) {
  bool fired = true;
  for (std::uint64_t call = 1; fired; ++call) {
    const TemporaryFolder folder;
    {
      ContextStore store({.folder = folder.file("memory")});
      ASSERT_TRUE(tell_lines(store, 1, 20).ok());
      const DiskShim shim(folder.file("memory"), {.fail_at = call, .fault = GetParam()});
      try {
        const bool compacted = store.compact(cold_moment(16)).ok();
        EXPECT_TRUE(compacted || shim.fired());
      } catch (const std::runtime_error& refused) {
        EXPECT_NE(std::string(refused.what()), "");
      }
      fired = shim.fired();
    }
    ASSERT_EQ(faults_of_story(folder.file("memory"), 20, 20), "") << "call " << call;
  }
}

INSTANTIATE_TEST_SUITE_P(All, DiskFaults,
                         testing::Values(DiskFault::kInputOutput, DiskFault::kNoSpace, DiskFault::kShortWrite,
                                         DiskFault::kInterrupted));

}  // namespace
}  // namespace antiphon::test
