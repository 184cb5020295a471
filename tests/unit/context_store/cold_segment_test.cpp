// Closed conversations in a file of their own: read as before, changed and forgotten like any other, and
// checked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "context_store/context_store.h"
#include "context_store/recall.h"
#include "context_store/transfer.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

namespace fs = std::filesystem;
using test::moment;
using test::said;
using test::tell;
using testing::HasSubstr;

constexpr int kOldTurns = 600;
constexpr long long kDayMs = 24LL * 3600 * 1000;

class ColdSegmentTest : public testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const fs::path path_ = folder_.file("memory");
  const UserPath user_ = test::user_path("acme", "igor");
  std::optional<ContextStore> store_{std::in_place, ContextStore::Options{.folder = path_}};

  // Thirty closed sessions, and one that goes on two days later.
  void SetUp() override {
    test::commit_for(*store_, user_, [&](WriteLease& lease, const UserPath& user) {
      for (int i = 1; i <= kOldTurns; ++i) {
        const std::string text =
            i == 300 ? "My dog is called Zebulon." : "Anna saw stone " + std::to_string(i);
        EXPECT_TRUE(lease.append_turn(user, said("s" + std::to_string(i / 20), text, i)).ok());
      }
    }).value();
    tell(*store_, user_, said("now", "Anna saw a lake.", 2 * kDayMs)).value();
  }
  void compact() { ASSERT_TRUE(store_->compact(moment(2 * kDayMs)).ok()); }
  void reopen() {
    store_.reset();
    store_.emplace(ContextStore::Options{.folder = path_});
  }
  std::vector<fs::path> segments() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (entry.path().filename().string().starts_with("cold.")) found.push_back(entry.path());
    }
    return found;
  }
  // Everything that can be read, in words.
  std::string everything() const {
    std::string all;
    const ReadSnapshot snapshot = store_->snapshot(Path(), moment(0)).value();
    const UserGraph graph = snapshot.graph(user_).value();
    for (Ordinal turn = 1; turn <= kOldTurns + 1; ++turn) {
      const auto found = graph.turn(turn);
      all += found ? found->text + "\n" : "-\n";
    }
    for (const std::string name : {"Anna", "Zebulon"}) {
      const auto entity = graph.entity(name);
      if (!entity) continue;
      const NodeId node{NodeKind::kEntity, entity->ordinal};
      const auto edges = graph.edges(node, UserGraph::Direction::kReverse).value();
      all += name + ": " + std::to_string(edges.size()) + "\n";
    }
    Recaller recaller;
    const Recall recall = recaller.recall(graph, {.text = "stone 77", .now = kForever}).value();
    for (const RecalledTurn& turn : recall.turns) {
      all += std::to_string(turn.turn.ordinal) + " " + std::to_string(turn.score) + "\n";
    }
    return all;
  }
};

TEST_F(ColdSegmentTest, HoldsWhatIsOverAndIsReadAsBefore) {
  const std::string before = everything();
  const std::uint64_t used_before = store_->figures().used_bytes;
  compact();
  const ContextStore::Figures figures = store_->figures();
  EXPECT_GT(figures.cold_edges, 600U);
  EXPECT_LT(figures.used_bytes + figures.cold_bytes, used_before);
  EXPECT_LT(figures.used_bytes, used_before / 2);
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(test::problems_of(*store_), "");
  reopen();
  EXPECT_EQ(everything(), before);
}

TEST_F(ColdSegmentTest, AClosedSessionThatGoesOnIsOneSession) {
  compact();
  tell(*store_, user_, said("s5", "Anna saw stone 77 again.", 3 * kDayMs)).value();
  EXPECT_EQ(test::problems_of(*store_), "");
  const std::string before = everything();
  compact();
  EXPECT_EQ(everything(), before);
  EXPECT_EQ(test::problems_of(*store_), "");
  EXPECT_EQ(segments().size(), 1U);  // the one before is gone
}

TEST_F(ColdSegmentTest, WhatIsForgottenIsGoneFromTheSegmentToo) {
  compact();
  test::commit_for(*store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_turn(user, 300).ok());
    EXPECT_TRUE(lease.forget_session(user, "s7").ok());
  }).value();
  EXPECT_EQ(test::problems_of(*store_), "");
  const std::string before = everything();
  EXPECT_EQ(before.find("Zebulon"), std::string::npos);
  compact();
  EXPECT_EQ(everything(), before);
  for (const auto& entry : fs::directory_iterator(path_)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(bytes.find("Zebulon"), std::string::npos) << entry.path();
  }
  test::commit_for(*store_, user_, [&](WriteLease& lease, const UserPath& user) {
    EXPECT_TRUE(lease.forget_user(user).ok());
  }).value();
  EXPECT_EQ(test::problems_of(*store_), "");
  compact();
  EXPECT_TRUE(segments().empty());
}

TEST_F(ColdSegmentTest, AFlippedBitInAnyPageIsFound) {
  compact();
  store_.reset();
  const fs::path segment = segments().at(0);
  for (std::uintmax_t place = 100; place < fs::file_size(segment); place += 1000) {
    const auto flip = [&] {
      std::fstream file(segment, std::ios::binary | std::ios::in | std::ios::out);
      file.seekg(static_cast<std::streamoff>(place));
      const char byte = static_cast<char>(file.get() ^ 0x10);
      file.seekp(static_cast<std::streamoff>(place));
      file.put(byte);
    };
    flip();
    store_.emplace(ContextStore::Options{.folder = path_});
    ASSERT_THAT(test::problems_of(*store_), HasSubstr("the checksum is wrong: cold page")) << place;
    ASSERT_EQ(store_->compact(moment(0)).error().kind, StoreError::Kind::kCorrupt);
    store_.reset();
    flip();
  }
}

TEST_F(ColdSegmentTest, AMissingOrShortSegmentIsNamed) {
  compact();
  store_.reset();
  const fs::path segment = segments().at(0);
  fs::resize_file(segment, fs::file_size(segment) - 1);
  try {
    store_.emplace(ContextStore::Options{.folder = path_});
    FAIL() << "a short segment was opened";
  } catch (const std::runtime_error& refused) {
    EXPECT_THAT(refused.what(), HasSubstr(segment.filename().string()));
  }
}

TEST_F(ColdSegmentTest, ASegmentThatNobodyNamesIsRemoved) {
  std::ofstream(path_ / "cold.9") << "left by a crash";
  reopen();
  EXPECT_TRUE(segments().empty());
}

}  // namespace
}  // namespace antiphon::context_store
