// One flipped bit in any kind of block is found and named, and never read as data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "context_store/context_store.h"
#include "context_store/recall.h"
#include "context_store/storage/block.h"
#include "context_store/storage/environment.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using test::moment;
using test::said;
using test::user_path;
using testing::HasSubstr;

constexpr std::size_t kMapBytes = std::size_t{1} << 30;

class CorruptionTest : public testing::TestWithParam<Record> {
 protected:
  const test::TemporaryFolder folder_;
  const UserPath user_ = user_path("acme", "igor");

  std::unique_ptr<ContextStore> open() const {
    return std::make_unique<ContextStore>(ContextStore::Options{.folder = folder_.file("memory")});
  }

  void SetUp() override {
    const auto store = open();
    const std::vector<float> direction = {0.5F, -1, 0.25F};
    ASSERT_TRUE(test::commit_for(*store, user_, [&](WriteLease& lease, const UserPath& user) {
                  EXPECT_TRUE(
                      lease.append_turn(user, said("s1", "My name is Igor and I live in Prague.", 1)).ok());
                  EXPECT_TRUE(lease.append_turn(user, said("s1", "I moved to Vienna.", 2)).ok());
                  EXPECT_TRUE(lease.set_vector(user, 1, direction).ok());
                }).ok());
  }

  // The first block of a kind, whole.
  std::pair<RecordKey, std::string> first_block(Record record) const {
    const Environment environment(graph(), kMapBytes, Environment::Mode::kRead);
    const ReadTransaction transaction(environment);
    Cursor cursor(transaction);
    bool more = cursor.seek("");
    while (more && cursor.key().record() != record) more = cursor.next();
    EXPECT_TRUE(more);
    return {cursor.key(), seal(cursor.key(), cursor.payload())};
  }
  void write(const RecordKey& key, std::string_view block) const {
    const Environment environment(graph(), kMapBytes, Environment::Mode::kWrite);
    WriteTransaction transaction(environment);
    transaction.put(key, block);
    transaction.commit();
  }
  std::filesystem::path graph() const { return folder_.file("memory") / "graph.mdb"; }

  // Reads through all that the public interface has; the first error.
  StoreError read_everything(ContextStore& store) const {
    const ReadSnapshot snapshot = store.snapshot(Path(), moment(0)).value();
    const auto users = snapshot.users();
    if (!users) return users.error();
    const auto graph = snapshot.graph(user_);
    if (!graph) return graph.error();
    for (Ordinal ordinal = 1; ordinal <= 2; ++ordinal) {
      if (const auto turn = graph->turn(ordinal); !turn) return turn.error();
      const auto edges = graph->edges({NodeKind::kTurn, ordinal}, UserGraph::Direction::kForward);
      if (!edges) return edges.error();
      if (const auto entity = graph->entity(ordinal); !entity) return entity.error();
    }
    for (const NodeId node : {kUserNode, NodeId{NodeKind::kTurn, 2}}) {
      const auto edges = graph->edges(node, UserGraph::Direction::kReverse);
      if (!edges) return edges.error();
    }
    for (const char* name : {"Igor", "Prague", "Vienna"}) {
      if (const auto entity = graph->entity(name); !entity) return entity.error();
    }
    if (const auto session = graph->session("s1"); !session) return session.error();
    if (const auto facts = graph->facts(moment(5)); !facts) return facts.error();
    Recaller recaller;
    const std::vector<float> direction = {1, 1, 1};
    const auto found = recaller.recall(
        *graph,
        {.text = "My name, Igor, live moved Prague Vienna May 8 2023 called home city town address place",
         .now = moment(9),
         .direction = direction});
    if (!found) return found.error();
    const auto forgotten = test::commit_for(store, user_, [](WriteLease& lease, const UserPath& user) {
      EXPECT_TRUE(lease.forget_session(user, "s1").ok());
    });
    return forgotten ? StoreError{StoreError::Kind::kRefused, "nothing found"} : forgotten.error();
  }
};

TEST_P(CorruptionTest, IsFoundByTheCheckerAndByReading) {
  for (const std::size_t bit : {3U, 77U}) {
    const auto [key, whole] = first_block(GetParam());
    std::string damaged = whole;
    damaged[bit / 8 % damaged.size()] ^= static_cast<char>(1 << bit % 8);
    write(key, damaged);
    const std::string name(name_of(GetParam()));
    if (GetParam() == Record::kFormat) {
      EXPECT_THROW(open(), std::runtime_error);
    } else {
      const auto store = open();
      EXPECT_THAT(test::problems_of(*store), HasSubstr("the checksum is wrong: " + name));
      const StoreError error = read_everything(*store);
      EXPECT_EQ(error.kind, StoreError::Kind::kCorrupt) << error.what;
      EXPECT_THAT(error.what, HasSubstr(name + " of tenant"));
      EXPECT_EQ(store->compact(moment(0)).error().kind, StoreError::Kind::kCorrupt);
    }
    write(key, whole);
    EXPECT_EQ(test::problems_of(*open()), "");
  }
}

INSTANTIATE_TEST_SUITE_P(EveryKind, CorruptionTest,
                         testing::Values(Record::kFormat, Record::kTenantName, Record::kUserName,
                                         Record::kUserState, Record::kSessionName, Record::kSession,
                                         Record::kTurn, Record::kEntityName, Record::kEntity,
                                         Record::kFactSlot, Record::kFact, Record::kForward, Record::kReverse,
                                         Record::kProvenance, Record::kPostings, Record::kFactPostings,
                                         Record::kVector));

}  // namespace
}  // namespace antiphon::context_store
