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
