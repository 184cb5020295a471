// Who may write where, when somebody else already does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <type_traits>

#include "context_store/context_store.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::SizeIs;
using Holdings = std::vector<Holding>;

Path path(const std::vector<std::string_view>& names) {
  return Path::of(names).value();
}

bool granted(const LeaseRegistry::Grant& grant) {
  return std::holds_alternative<Holdings>(grant);
}

LeaseRegistry::Deadline in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}

// What does not compile, said as traits: only a lease has mutators, and it has one owner.
template <typename T>
concept Writes = requires(T& writer, UserPath user, NewTurn turn) { writer.append_turn(user, turn); };
static_assert(Writes<WriteLease>);
static_assert(!Writes<const WriteLease>);
static_assert(!Writes<ReadSnapshot> && !Writes<UserGraph> && !Writes<ContextStore> && !Writes<Holding>);
static_assert(!std::is_copy_constructible_v<WriteLease> && !std::is_copy_assignable_v<WriteLease>);
static_assert(!std::is_copy_constructible_v<ReadSnapshot> && !std::is_copy_constructible_v<Holding>);
static_assert(std::is_move_constructible_v<WriteLease> && std::is_move_constructible_v<ReadSnapshot>);
static_assert(!std::is_default_constructible_v<WriteLease> && !std::is_default_constructible_v<Holding>);
static_assert(!std::is_constructible_v<WriteLease, Path> && !std::is_constructible_v<Holding, Path>);
template <typename T>
concept SplitsInPlace = requires(T& lease) { lease.split({"a"}); };
static_assert(!SplitsInPlace<WriteLease>);  // only a lease that is given up can be split

TEST(Lease, ThePermissionTableOverAllPairsOfShortPaths) {
  std::vector<Path> paths = {Path()};
  for (std::size_t at = 0; at < paths.size() && paths.size() < 40; ++at) {
    for (const char* name : {"a", "b", "ab"}) paths.push_back(paths[at].child(name).value());
  }
  for (const Path& held : paths) {
    for (const Path& wanted : paths) {
      LeaseRegistry registry;
      const auto first = registry.try_acquire({held}, "first");
      ASSERT_TRUE(granted(first));
      const auto second = registry.try_acquire({wanted}, "second");
      // Overlap by the names themselves.
      const auto mine = held.names();
      const auto theirs = wanted.names();
      const std::size_t common = std::min(mine.size(), theirs.size());
      const bool overlap =
          std::equal(mine.begin(), mine.begin() + static_cast<std::ptrdiff_t>(common), theirs.begin());
      ASSERT_EQ(granted(second), !overlap) << held.text() << " and " << wanted.text();
      if (!overlap) continue;
      EXPECT_EQ(std::get<Conflict>(second).holder, "first");
      EXPECT_EQ(std::get<Conflict>(second).held, held);
      EXPECT_EQ(std::get<Conflict>(second).wanted, wanted);
    }
  }
}

TEST(Lease, PathsRefuseNamesThatCouldReachElsewhere) {
  EXPECT_FALSE(Path::of({""}).has_value());
  EXPECT_FALSE(Path::of({std::string_view("a\0b", 3)}).has_value());
  EXPECT_FALSE(Path::of({std::string(201, 'x')}).has_value());
  EXPECT_FALSE(path({"a"}).covers(path({"ab"})));
  EXPECT_EQ(path({"a", "b"}).text(), "/a/b");
}

TEST(Lease, SeveralPathsAreGivenTogetherOrNotAtAll) {
  LeaseRegistry registry;
  const auto held = registry.try_acquire({path({"b"})}, "first");
  EXPECT_FALSE(granted(registry.try_acquire({path({"a"}), path({"b", "x"})}, "second")));
  EXPECT_EQ(registry.counts().held, 1U);
  const auto rest = registry.try_acquire({path({"c", "x"}), path({"a"}), path({"c"})}, "third");
  ASSERT_TRUE(granted(rest));
  EXPECT_THAT(std::get<Holdings>(rest), SizeIs(2));  // c covers c/x
}

TEST(Lease, AWaiterIsServedWhenItsPathIsFree) {
  LeaseRegistry registry;
  auto held = registry.try_acquire({path({"a"})}, "first");
  auto waiter = std::async(std::launch::async,
                           [&] { return granted(registry.acquire({path({"a", "x"})}, "second", in(60s))); });
  while (registry.counts().waiting == 0) std::this_thread::yield();
  std::get<Holdings>(held).clear();
  EXPECT_TRUE(waiter.get());
  EXPECT_EQ(registry.counts().held, 0U);
}

TEST(Lease, NobodyOvertakesAWaiter) {
  LeaseRegistry registry;
  auto held = registry.try_acquire({path({"a", "x"})}, "first");
  auto waiter = std::async(std::launch::async,
                           [&] { return granted(registry.acquire({path({"a"})}, "second", in(60s))); });
  while (registry.counts().waiting == 0) std::this_thread::yield();
  const auto later = registry.try_acquire({path({"a", "y"})}, "third");
  ASSERT_FALSE(granted(later));
  EXPECT_TRUE(std::get<Conflict>(later).waiting);
  EXPECT_EQ(std::get<Conflict>(later).holder, "second");
  EXPECT_TRUE(granted(registry.try_acquire({path({"b"})}, "fourth")));  // not in its way
  std::get<Holdings>(held).clear();
  EXPECT_TRUE(waiter.get());
}

TEST(Lease, AWaitEndsAtItsDeadlineAndLetsOthersPass) {
  LeaseRegistry registry;
  const auto held = registry.try_acquire({path({"a", "x"})}, "first");
  std::atomic<bool> second_ended = false;
  auto second = std::async(std::launch::async, [&] {
    const auto grant = registry.acquire({path({"a"})}, "second", in(30ms));
    second_ended = true;
    return granted(grant) ? "" : std::get<Conflict>(grant).holder;
  });
  while (registry.counts().waiting == 0 && !second_ended) std::this_thread::yield();
  EXPECT_TRUE(granted(registry.acquire({path({"a", "y"})}, "third", in(60s))));  // when the second gave up
  EXPECT_EQ(second.get(), "first");
  EXPECT_EQ(registry.counts().waiting, 0U);
}

TEST(Lease, SplitsIntoDisjointParts) {
  LeaseRegistry registry;
  auto held = registry.try_acquire({path({"a"})}, "first");
  Holding whole = std::move(std::get<Holdings>(held).front());
  EXPECT_THAT(std::move(whole).split({"x", "x"}), IsEmpty());
  EXPECT_FALSE(granted(registry.try_acquire({path({"a"})}, "second")));
  const auto parts = std::move(whole).split({"x", "y"});  // NOLINT(bugprone-use-after-move): it stays
  ASSERT_THAT(parts, SizeIs(2));
  EXPECT_FALSE(granted(registry.try_acquire({path({"a", "x", "deep"})}, "second")));
  EXPECT_TRUE(granted(registry.try_acquire({path({"a", "z"})}, "second")));
}

TEST(Lease, ManyThreadsNeverShareAPath) {
  LeaseRegistry registry;
  std::array<int, 4> counters{};  // each guarded by the lease of its path, nothing else
  std::vector<std::future<void>> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.push_back(std::async(std::launch::async, [&, thread] {
      for (int i = 0; i < 300; ++i) {
        const std::size_t mine = static_cast<std::size_t>(i + thread) % counters.size();
        const bool all = i % 10 == 0;
        const Path wanted = all ? path({"t"}) : path({"t", std::to_string(mine)});
        const auto grant = registry.acquire({wanted}, "thread", in(60s));
        ASSERT_TRUE(granted(grant));
        if (!all) ++counters[mine];
        for (std::size_t other = 0; all && other < counters.size(); ++other) ++counters[other];
      }
    }));
  }
  for (auto& thread : threads) thread.get();
  EXPECT_EQ(counters[0] + counters[1] + counters[2] + counters[3], 4 * 270 + 4 * 30 * 4);
}

TEST(Lease, DowngradesToAReaderOfItsPath) {
  const test::TemporaryFolder folder;
  ContextStore store({.folder = folder.file("memory")});
  const UserPath user = test::user_path("acme", "igor");
  test::tell(store, user, test::said("s1", "Hello.")).value();
  auto grant = store.try_lease({user.path()}, "writer");
  const ReadSnapshot snapshot =
      store.downgrade(std::move(std::get<std::vector<WriteLease>>(grant).front()), test::moment(0)).value();
  EXPECT_EQ(snapshot.path(), user.path());
  EXPECT_EQ(store.leases().counts().held, 0U);
  EXPECT_EQ(snapshot.graph(user)->state().count(NodeKind::kTurn), 1U);
}

}  // namespace
}  // namespace antiphon::context_store
