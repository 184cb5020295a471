// Nothing that was acknowledged is lost, and nothing is half there, wherever the power goes.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <random>
#include <vector>

#include "tests/integration/context_store/disk_images.h"
#include "tests/integration/context_store/disk_shim.h"
#include "tests/integration/context_store/story.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::test {
namespace {

using context_store::ContextStore;

constexpr std::uint64_t kGroup = 2;
constexpr std::uint64_t kLines = 120;

// The record of a store that is made, written in groups, compacted into a cold segment twice while it is
// written, and written again.
std::vector<DiskEvent> record_story(const std::filesystem::path& folder, bool skip_data_syncs) {
  DiskShim shim(folder, {.skip_data_syncs = skip_data_syncs, .record = true});
  ContextStore store({.folder = folder, .compaction_step_bytes = 16 * 1024});
  int compactions = 0;
  for (std::uint64_t turn = 1; turn <= kLines; turn += kGroup) {
    EXPECT_TRUE(tell_lines(store, turn, kGroup).ok());
    shim.mark(turn + kGroup - 1);
    if (!store.compacting() && turn != 41 && turn != 81) continue;
    const auto stepped = store.compact_step(cold_moment(turn - 10));
    EXPECT_TRUE(stepped.ok());
    compactions += stepped.ok() && *stepped ? 1 : 0;
  }
  EXPECT_EQ(compactions, 2);
  return shim.events();
}

// True if a check in a process of its own ends well: a damaged file may end the process.
bool survives(const std::filesystem::path& image, std::uint64_t acknowledged) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(faults_of_story(image, acknowledged, acknowledged + kGroup).empty() ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

DiskState::Cut random_cut(std::mt19937& random) {
  return static_cast<DiskState::Cut>(std::uniform_int_distribution<int>(0, 2)(random));
}

TEST(PowerCut, LeavesEveryAcknowledgedTurnAndNoHalfOne) {
  const TemporaryFolder folder;
  const std::vector<DiskEvent> events = record_story(folder.file("story"), false);
  std::mt19937 random(7);
  DiskState disk;
  const int images_each = std::max<int>(1, repetitions(5400) / static_cast<int>(events.size()) + 1);
  int images = 0;
  for (const DiskEvent& event : events) {
    disk.apply(event);
    for (int i = 0; i < images_each; ++i, ++images) {
      disk.write_image(random_cut(random), random, folder.file("image"));
      ASSERT_EQ(faults_of_story(folder.file("image"), disk.acknowledged(), disk.acknowledged() + kGroup), "")
          << "after " << disk.acknowledged() << " turns, image " << images;
    }
  }
  RecordProperty("images", images);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_GE(images, 5000);
#endif
}

TEST(PowerCut, TheHarnessCatchesACommitThatSkipsItsSync) {
  const TemporaryFolder folder;
  const std::vector<DiskEvent> events = record_story(folder.file("story"), true);
  std::mt19937 random(7);
  DiskState disk;
  int caught = 0;
  int images = 0;
  for (const DiskEvent& event : events) {
    disk.apply(event);
    if (++images % 8 != 0) continue;
    disk.write_image(random_cut(random), random, folder.file("image"));
    caught += survives(folder.file("image"), disk.acknowledged()) ? 0 : 1;
  }
  EXPECT_GT(caught, images / 8 / 10);
}

}  // namespace
}  // namespace antiphon::test
