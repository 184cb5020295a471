#include "server/console/memory_lines.h"

#include <gtest/gtest.h>

namespace antiphon::server {
namespace {

using context_store::ExportedTurn;

std::string fault_of(std::string_view line) {
  const auto parsed = parse_memory_line(line);
  const auto* fault = std::get_if<std::string>(&parsed);
  return fault == nullptr ? "" : *fault;
}

constexpr std::string_view kLine =
    R"({"tenant":"acme","user":"igor","session":"s1","speaker":"user","at":1683554160000,)"
    R"("text":"Hi \"you\"","recorded":1683554161000,"hint":"a lake"})";

TEST(MemoryLines, ComeBackAsTheyWere) {
  const auto parsed = parse_memory_line(kLine);
  const auto& turn = std::get<ExportedTurn>(parsed);
  EXPECT_EQ(turn.user.path().text(), "/acme/igor");
  EXPECT_EQ(turn.turn.text, "Hi \"you\"");
  EXPECT_EQ(turn.turn.at.time_since_epoch().count(), 1683554160000);
  EXPECT_EQ(memory_line(turn), kLine);
}

TEST(MemoryLines, OfAGraphComeBackAsTheyWere) {
  for (const std::string_view line : {
           R"({"kind":"user","tenant":"acme","user":"igor",)"
           R"("last":{"session":1,"turn":2,"entity":3,"fact":4}})",
           R"({"kind":"session","number":1,"name":"s1","started":1683554160000})",
           R"({"kind":"entity","number":3,"name":"Anna"})",
           R"({"kind":"turn","number":2,"session":1,"speaker":"entity:3","at":1,)"
           R"("recorded":2,"text":"Hi","hint":"x"})",
           R"({"kind":"vector","turn":2,"components":[-128,0,127]})",
           R"({"kind":"fact","number":4,"subject":"user:1","relation":"dog","object":"Rex","only_one":true,)"
           R"("valid_from":1,"recorded":2,"source_turn":2,"valid_to":5,"end_recorded":6})",
           R"({"kind":"edge","type":"about","from":"fact:4","to":"user:1","valid_from":1,)"
           R"("recorded":2,"source_turn":2})",
       }) {
    const auto parsed = parse_memory_line(line);
    ASSERT_TRUE(std::holds_alternative<context_store::ExportedRecord>(parsed)) << fault_of(line);
    EXPECT_EQ(memory_line(std::get<context_store::ExportedRecord>(parsed)), line);
  }
}

TEST(MemoryLines, OfAGraphNameTheFieldThatIsWrong) {
  EXPECT_EQ(fault_of(R"({"kind":"verb"})"),
            "'kind' must be user, session, entity, turn, vector, fact or edge");
  EXPECT_EQ(fault_of(R"({"kind":"user","tenant":"a","user":"b"})"), "'last' must be an object");
  EXPECT_EQ(fault_of(R"({"kind":"entity","number":-1,"name":"x"})"), "'number' is out of range");
  EXPECT_EQ(fault_of(R"({"kind":"vector","turn":1,"components":[200]})"),
            "'components' must be whole numbers from -128 to 127");
  EXPECT_EQ(fault_of(R"({"kind":"edge","type":"likes"})"), "'type' must be a type of edges");
  EXPECT_EQ(fault_of(R"({"kind":"edge","type":"about","from":"fact"})"),
            "'from' must be a node, like entity:3");
}

TEST(MemoryLines, NameTheFieldThatIsWrong) {
  EXPECT_EQ(fault_of("{"), "it is no JSON object");
  EXPECT_EQ(fault_of("[]"), "it is no JSON object");
  EXPECT_EQ(fault_of(R"({"tenant":"a"})"), "'user' must be a string");
  EXPECT_EQ(fault_of(R"({"tenant":"","user":"b"})"),
            "'tenant' and 'user' have 1 to 200 bytes and no zero byte");
  EXPECT_EQ(fault_of(R"({"tenant":"a","user":"b","session":"s","speaker":"user","at":"now","text":""})"),
            "'at' must be a whole number");
  EXPECT_EQ(fault_of(R"({"tenant":"a","user":"b","session":"s","speaker":"user","at":1,"text":5})"),
            "'text' must be a string");
}

}  // namespace
}  // namespace antiphon::server
