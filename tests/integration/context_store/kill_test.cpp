// A killed process loses nothing that it acknowledged.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <random>
#include <thread>

#include "tests/integration/context_store/story.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::test {
namespace {

using context_store::ContextStore;

constexpr std::uint64_t kGroup = 3;
constexpr std::uint64_t kLinesMax = 400;  // then a new store: the check reads all of it

// Writes lines from `first` on and makes closed chapters cold now and then; after each commit the number of
// the last acknowledged line goes into the pipe.
[[noreturn]] void write_until_killed(const std::filesystem::path& folder, std::uint64_t first, int pipe) {
  ContextStore store({.folder = folder, .compaction_step_bytes = 32 * 1024});
  for (std::uint64_t turn = first;; turn += kGroup) {
    if (!tell_lines(store, turn, kGroup).ok()) ::_exit(1);
    const std::uint64_t acknowledged = turn + kGroup - 1;
    if (::write(pipe, &acknowledged, sizeof acknowledged) != sizeof acknowledged) ::_exit(1);
    // Sooner or later a compaction is killed too, anywhere on its way through some of these commits.
    if (!store.compacting() && acknowledged % 20 >= kGroup) continue;
    if (!store.compact_step(cold_moment(acknowledged)).ok()) ::_exit(1);
  }
}

// The last acknowledged line of a writer that was killed after a while. `wait`: the while begins with its
// first acknowledgement, so that also on a slow machine it is killed in the middle of writing.
std::uint64_t run_and_kill(const std::filesystem::path& folder, std::uint64_t told, bool wait,
                           std::chrono::microseconds after) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_ends[0]);
    write_until_killed(folder, told + 1, pipe_ends[1]);
  }
  ::close(pipe_ends[1]);
  std::uint64_t acknowledged = told;
  const auto size = static_cast<ssize_t>(sizeof acknowledged);
  if (wait) {
    EXPECT_EQ(::read(pipe_ends[0], &acknowledged, sizeof acknowledged), size);
  }
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  while (::read(pipe_ends[0], &acknowledged, sizeof acknowledged) == size) {
  }
  ::close(pipe_ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "the writer gave up";
  return acknowledged;
}

std::uint64_t turns_in(const std::filesystem::path& folder) {
  const ContextStore store({.folder = folder});
  const auto snapshot = store.snapshot(context_store::Path(), {});
  const auto graph = snapshot->graph(reader());
  return graph ? graph->state().count(context_store::NodeKind::kTurn) : 0;
}

TEST(Kill, LosesNoAcknowledgedTurn) {
  std::mt19937 random(11);
  std::uniform_int_distribution<int> microseconds(0, 30'000);
  const int kills = repetitions(320);
  std::uint64_t acknowledged_in_all = 0;
  for (int kill = 0; kill < kills;) {
    const TemporaryFolder folder;
    for (std::uint64_t told = 0; told < kLinesMax && kill < kills; ++kill) {
      const auto after = std::chrono::microseconds(microseconds(random));
      const std::uint64_t acknowledged = run_and_kill(folder.file("memory"), told, kill % 2 == 0, after);
      ASSERT_EQ(faults_of_story(folder.file("memory"), acknowledged, acknowledged + kGroup), "")
          << "kill " << kill;
      acknowledged_in_all += acknowledged - told;
      told = turns_in(folder.file("memory"));
    }
  }
  EXPECT_GE(acknowledged_in_all, static_cast<std::uint64_t>(kills / 2));
}

}  // namespace
}  // namespace antiphon::test
