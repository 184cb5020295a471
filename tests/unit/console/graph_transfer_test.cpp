// A graph that is exported and restored is the same graph: what was told, and what was changed by hand after
// it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "context_store/context_store.h"
#include "context_store/graph_names.h"
#include "context_store/recall.h"
#include "context_store/transfer.h"
#include "server/console/memory_lines.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::context_store {
namespace {

using test::moment;
using test::said;
using test::tell;
using testing::HasSubstr;
using Direction = UserGraph::Direction;

std::vector<ExportedRecord> exported(const ContextStore& store) {
  std::vector<ExportedRecord> records;
  const ReadSnapshot snapshot = store.snapshot(Path(), moment(0)).value();
  EXPECT_TRUE(export_graph(snapshot, [&](const ExportedRecord& record) {
                records.push_back(record);
                return true;
              }).ok());
  return records;
}

Result<ContextStore::Restored> restore(ContextStore& store, const std::vector<ExportedRecord>& records) {
  auto grant = store.try_lease({Path()}, "test");
  std::size_t next = 0;
  return store.restore(std::get<std::vector<WriteLease>>(grant).front(),
                       [&]() -> std::optional<ExportedRecord> {
                         if (next == records.size()) return std::nullopt;
                         return records[next++];
                       });
}

class TransferTest : public testing::Test {
 protected:
  const test::TemporaryFolder folder_;
  const UserPath user_ = test::user_path("acme", "igor");
  const UserPath other_ = test::user_path("acme", "olga");
  ContextStore store_{{.folder = folder_.file("memory")}};
  ContextStore copy_{{.folder = folder_.file("copy")}};

  Ordinal must_tell(std::string session, std::string speaker, std::string text, long long at) {
    NewTurn turn = said(std::move(session), std::move(text), at);
    turn.speaker = std::move(speaker);
    return tell(store_, user_, std::move(turn)).value();
  }
  Ordinal entity(const char* name) const {
    const ReadSnapshot snapshot = store_.snapshot(Path(), moment(0)).value();
    return snapshot.graph(user_)->entity(name)->ordinal;
  }
  void change(const std::function<void(WriteLease&)>& prepare) {
    test::commit_for(
        store_, user_, [&](WriteLease& lease, const UserPath&) { prepare(lease); }, 9000)
        .value();
  }
  // A life with everything that a graph may have been through.
  void live() {
    must_tell("s1", "user", "My name is Igor and I live in Prague.", 1000);
    const Ordinal gone = must_tell("s1", "user", "I live in Graz.", 2000);
    must_tell("s1", "Mel", "My dog is called Rex. I love plums.", 3000);
    must_tell("s2", "Melanie", "My dog is called Bello. I love plums.", 4000);
    const Ordinal last = must_tell("s2", "user", "I moved to Vienna, said Melanie to Anna.", 5000);
    tell(store_, other_, said("s1", "I like tea.", 100)).value();
    const Ordinal mel = entity("Mel");
    const Ordinal melanie = entity("Melanie");
    change([&](WriteLease& lease) {
      EXPECT_TRUE(lease.forget_turn(user_, gone).ok());
      EXPECT_TRUE(lease.merge_entities(user_, mel, melanie).ok());
      EXPECT_TRUE(lease
                      .add_edge(user_, {.type = EdgeType::kAbout,
                                        .from = {NodeKind::kEntity, melanie},
                                        .to = {NodeKind::kEntity, entity("Anna")},
                                        .valid_from = moment(10),
                                        .valid_to = moment(20),
                                        .source_turn = last})
                      .ok());
      EXPECT_TRUE(lease.set_vector(user_, last, std::vector<float>{0.5F, -1, 0.25F}).ok());
    });
  }
  static std::string recalled(const ContextStore& store, const UserPath& user, std::string_view text) {
    const ReadSnapshot snapshot = store.snapshot(Path(), moment(0)).value();
    Recaller recaller;
    const std::vector<float> direction = {0.4F, -0.9F, 0};
    const Recall found =
        recaller.recall(snapshot.graph(user).value(), {.text = text, .now = kForever, .direction = direction})
            .value();
    std::string all;
    for (const RecalledTurn& turn : found.turns) {
      all +=
          std::to_string(turn.turn.ordinal) + " " + std::to_string(turn.score) + " " + turn.turn.text + "\n";
    }
    for (const RecalledFact& fact : found.facts) {
      all += std::to_string(fact.score) + " " + fact.fact.relation + " " + fact.fact.object + "\n";
    }
    return all;
  }
};

TEST_F(TransferTest, ARestoredStoreExportsAndRecallsTheSame) {
  live();
  const std::vector<ExportedRecord> records = exported(store_);
  const auto restored = restore(copy_, records).value();
  EXPECT_EQ(restored.users, 2U);
  EXPECT_EQ(restored.turns, 5U);
  EXPECT_EQ(test::problems_of(copy_), "");
  const auto lines = [](const std::vector<ExportedRecord>& all) {
    std::string text;
    for (const ExportedRecord& record : all) text += server::memory_line(record) + "\n";
    return text;
  };
  EXPECT_EQ(lines(exported(copy_)), lines(records));
  for (const std::string_view text : {"what is the dog called", "Vienna", "who loves plums", "Melanie"}) {
    EXPECT_EQ(recalled(copy_, user_, text), recalled(store_, user_, text)) << text;
    EXPECT_NE(recalled(copy_, user_, text), "") << text;
  }
  // And it goes on alike: numbers are not used again, and what is forgotten takes the same with it.
  for (ContextStore* store : {&store_, &copy_}) {
    EXPECT_EQ(tell(*store, user_, said("s2", "I moved to Linz.", 7000)).value(), 6U);
    test::commit_for(*store, user_, [&](WriteLease& lease, const UserPath& user) {
      EXPECT_TRUE(lease.forget_turn(user, 4).ok());
    }).value();
    EXPECT_EQ(test::problems_of(*store), "");
  }
  EXPECT_EQ(lines(exported(copy_)), lines(exported(store_)));
}

TEST_F(TransferTest, AMergeTakesSpeakersAndFactsAlong) {
  live();
  const ReadSnapshot snapshot = store_.snapshot(Path(), moment(0)).value();
  const UserGraph graph = snapshot.graph(user_).value();
  const NodeId melanie{NodeKind::kEntity, entity("Melanie")};
  EXPECT_EQ(graph.turn(3)->speaker, melanie);
  std::vector<std::string> dogs;
  for (const Fact& fact : graph.facts(moment(6000)).value()) {
    if (fact.relation == "dog") dogs.push_back(fact.object);
    EXPECT_TRUE(fact.subject == kUserNode || fact.subject == melanie);
  }
  EXPECT_THAT(dogs, testing::ElementsAre("Bello"));  // what was said of her under both names, in its order
  EXPECT_EQ(test::problems_of(store_), "");
}

TEST_F(TransferTest, RefusesWhatMakesNoGraphAndStoresNothingOfIt) {
  live();
  const std::vector<ExportedRecord> whole = exported(store_);
  EXPECT_THAT(restore(store_, whole).error().what, HasSubstr("something is stored of /acme/igor already"));
  const auto fault_with = [&](const ExportedRecord& added) {
    std::vector<ExportedRecord> records;
    for (const ExportedRecord& record : whole) {
      if (std::holds_alternative<ExportedUser>(record) && !records.empty()) break;
      records.push_back(record);
    }
    records.push_back(added);
    const auto restored = restore(copy_, records);
    EXPECT_FALSE(restored.ok());
    EXPECT_TRUE(exported(copy_).empty());
    return restored.ok() ? "" : restored.error().what;
  };
  const auto node = [](NodeKind kind, Ordinal ordinal) { return NodeId{kind, ordinal}; };
  EXPECT_THAT(fault_with(Session{9, "s9", 0, 0, 0, {}}), HasSubstr("session:9 has a number beyond"));
  EXPECT_THAT(fault_with(Session{1, "s9", 0, 0, 0, {}}), HasSubstr("session:1 is there twice"));
  EXPECT_THAT(fault_with(Turn{2, 7, kUserNode, {}, {}, "", ""}), HasSubstr("turn:2 is in no session"));
  EXPECT_THAT(fault_with(Turn{2, 1, node(NodeKind::kEntity, 99), {}, {}, "", ""}),
              HasSubstr("turn:2 is spoken by nobody"));
  EXPECT_THAT(fault_with(Turn{2, 1, kUserNode, {}, {}, "", ""}), HasSubstr("after a later turn"));
  EXPECT_THAT(fault_with(ExportedVector{2, {1}}), HasSubstr("turn:2 has a vector"));
  EXPECT_THAT(
      fault_with(Edge{EdgeType::kNext, node(NodeKind::kTurn, 1), node(NodeKind::kTurn, 3), {}, {}, {}, 3}),
      HasSubstr("follows from its turn"));
  EXPECT_THAT(fault_with(Edge{
                  EdgeType::kAbout, node(NodeKind::kFact, 1), node(NodeKind::kEntity, 99), {}, {}, {}, 3}),
              HasSubstr("entity:99 has an edge and is not there"));
  ExportedUser huge{user_, {}};
  huge.last_ordinal[static_cast<std::size_t>(NodeKind::kTurn)] = 4'000'000'000;
  EXPECT_THAT(restore(copy_, {huge}).error().what, HasSubstr("at most 100000000"));
  EXPECT_EQ(restore(copy_, {whole[1]}).error().what, "a graph begins with its user");
  EXPECT_EQ(test::problems_of(copy_), "");
}

TEST_F(TransferTest, ASessionWithoutTurnsIsRefused) {
  ExportedUser user{user_, {}};
  user.last_ordinal[static_cast<std::size_t>(NodeKind::kSession)] = 1;
  EXPECT_EQ(restore(copy_, {user, Session{1, "s1", 0, 0, 0, {}}}).error().what, "session:1 has no turns");
}

}  // namespace
}  // namespace antiphon::context_store
