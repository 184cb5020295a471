// What is forgotten is gone from the disk; what is exported makes the same graph again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "context_store/context_store.h"
#include "context_store/transfer.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using test::moment;
using test::said;
using test::tell;
using testing::HasSubstr;
using testing::Not;

std::string bytes_of_all_files(const std::filesystem::path& folder) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    bytes.append(std::istreambuf_iterator<char>(file), {});
  }
  return bytes;
}

class CompactionTest : public testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_.file("memory");
  const UserPath user_ = test::user_path("acme", "igor");
  const UserPath other_ = test::user_path("acme", "olga");
};

TEST_F(CompactionTest, TheBytesOfAForgottenTurnAreGone) {
  ContextStore store({.folder = path_});
  tell(store, user_, said("s1", "Good morning to Gwendolyn.")).value();
  for (int i = 0; i < 50; ++i) tell(store, user_, said("s1", "line " + std::to_string(i))).value();
  const Ordinal secret = tell(store, user_, said("s1", "My dog is called Zebulon.")).value();
  test::commit_for(store, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_turn(user, secret).ok());
  }).value();
  const auto compaction = store.compact(moment(0)).value();
  EXPECT_LT(compaction.bytes_after, compaction.bytes_before);
  const std::string bytes = bytes_of_all_files(path_);
  EXPECT_THAT(bytes, HasSubstr("Gwendolyn"));
  EXPECT_EQ(bytes.find("Zebulon"), std::string::npos);
  EXPECT_EQ(test::problems_of(store), "");
  tell(store, user_, said("s1", "And on it goes.")).value();
}

TEST_F(CompactionTest, AForgottenUserLeavesNothingNotEvenTheName) {
  ContextStore store({.folder = path_});
  tell(store, user_, said("chat", "My name is Igor.")).value();
  tell(store, other_, said("chat", "My name is Olga.")).value();
  test::commit_for(store, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_user(user).ok());
  }).value();
  store.compact(moment(0)).value();
  const std::string bytes = bytes_of_all_files(path_);
  EXPECT_EQ(bytes.find("igor"), std::string::npos);
  EXPECT_EQ(bytes.find("Igor"), std::string::npos);
  EXPECT_NE(bytes.find("Olga"), std::string::npos);
  EXPECT_EQ(test::problems_of(store), "");
}

TEST_F(CompactionTest, AnExportMakesTheSameGraphAgain) {
  std::vector<ExportedTurn> exported;
  UserState state;
  {
    ContextStore store({.folder = path_});
    tell(store, user_, said("s1", "My name is Igor and I live in Prague.", 1000)).value();
    const Ordinal gone = tell(store, user_, said("s1", "Never mind.", 2000)).value();
    NewTurn turn = said("s2", "Hello from Anna.", 3000);
    turn.speaker = "Anna";
    turn.hint = "a photo of a lake";
    tell(store, user_, turn).value();
    tell(store, other_, said("s1", "I moved to Vienna.", 4000)).value();
    test::commit_for(store, user_, [&](WriteLease& lease, const UserPath& user) {
      EXPECT_TRUE(lease.forget_turn(user, gone).ok());
    }).value();
    const ReadSnapshot snapshot = store.snapshot(Path(), moment(0)).value();
    EXPECT_TRUE(export_turns(snapshot, [&](const ExportedTurn& line) {
                  exported.push_back(line);
                  return true;
                }).ok());
    state = snapshot.graph(user_)->state();
  }
  ASSERT_EQ(exported.size(), 3U);
  EXPECT_EQ(exported[1].turn.speaker, "Anna");
  EXPECT_EQ(exported[1].turn.hint, "a photo of a lake");

  ContextStore copy({.folder = folder_.file("copy")});
  for (const ExportedTurn& line : exported) tell(copy, line.user, line.turn).value();
  const ReadSnapshot snapshot = copy.snapshot(Path(), moment(0)).value();
  const UserGraph graph = snapshot.graph(user_).value();
  EXPECT_EQ(graph.state().nodes, state.nodes);
  EXPECT_EQ(graph.state().edges, state.edges);
  EXPECT_EQ(graph.state().turn_words, state.turn_words);
  EXPECT_EQ(graph.turn(1)->recorded, moment(1000));
  EXPECT_EQ(test::problems_of(copy), "");
}

TEST_F(CompactionTest, OneProcessWritesAtATime) {
  {
    const ContextStore store({.folder = path_});
    EXPECT_THROW(ContextStore({.folder = path_}), std::runtime_error);
    EXPECT_THROW(ContextStore({.folder = path_, .mode = ContextStore::Mode::kRead}), std::runtime_error);
  }
  ContextStore reader({.folder = path_, .mode = ContextStore::Mode::kRead});
  EXPECT_EQ(tell(reader, user_, said("s1", "x")).error().kind, StoreError::Kind::kReadOnly);
  EXPECT_EQ(reader.compact(moment(0)).error().kind, StoreError::Kind::kReadOnly);
}

TEST_F(CompactionTest, WhatIsNoStoreIsRefused) {
  EXPECT_THROW(ContextStore({.folder = path_, .mode = ContextStore::Mode::kRead}), std::runtime_error);
  std::filesystem::create_directories(path_);
  std::ofstream(path_ / "graph.mdb") << std::string(8192, 'x');
  EXPECT_THROW(ContextStore({.folder = path_}), std::runtime_error);
}

TEST_F(CompactionTest, AFullMapRefusesAndGoesOn) {
  ContextStore store({.folder = path_, .map_bytes_max = 256 * 1024});
  tell(store, user_, said("s1", "Hello.")).value();
  const auto full = tell(store, user_, said("s1", std::string(240'000, 'x')));
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().kind, StoreError::Kind::kFull);
  EXPECT_FALSE(store.figures().read_only);
  EXPECT_TRUE(tell(store, user_, said("s1", "Hello again.")).ok());
  EXPECT_EQ(test::problems_of(store), "");
}

}  // namespace
}  // namespace antiphon::context_store
