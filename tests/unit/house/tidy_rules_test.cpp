#include "tests/unit/house/tidy_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/house/source_text.h"

namespace antiphon::house {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

std::vector<std::string> in(const std::string& path, const std::string& text) {
  return tidy_violations({path, text + "\n"});
}

TEST(TidyRules, HoldInThisRepository) {
  for (const SourceFile& file : repository_files()) EXPECT_THAT(tidy_violations(file), IsEmpty());
}

TEST(TidyRules, LimitLinesAndFiles) {
  EXPECT_THAT(in("audio/wav.cpp", std::string(110, 'x')), IsEmpty());
  EXPECT_THAT(in("audio/wav.cpp", std::string(111, 'x')),
              ElementsAre("audio/wav.cpp:1: break the line: at most 110 columns"));
  std::string accents;
  for (int i = 0; i < 110; ++i) accents += "\u00e9";
  EXPECT_THAT(in("audio/wav.cpp", accents), IsEmpty());
  std::string lines;
  for (int i = 0; i < 501; ++i) lines += "x\n";
  EXPECT_THAT(tidy_violations({"audio/wav.cpp", lines}),
              ElementsAre(testing::HasSubstr("at most 500 lines")));
  EXPECT_THAT(tidy_violations({"audio/wav.cpp", lines.substr(2)}), IsEmpty());
}

TEST(TidyRules, RefuseStrayWhiteSpace) {
  EXPECT_THAT(in("scripts/x.sh", "\techo"), ElementsAre("scripts/x.sh:1: spaces instead of a tab"));
  EXPECT_THAT(in("scripts/x.sh", "echo "), SizeIs(1));
  EXPECT_THAT(in("scripts/x.sh", "echo\r"), SizeIs(1));
  EXPECT_THAT(tidy_violations({"scripts/x.sh", "echo"}),
              ElementsAre(testing::HasSubstr("end the last line")));
}

TEST(TidyRules, RefuseNotesToOneself) {
  EXPECT_THAT(in("audio/wav.cpp", std::string("// TO") + "DO later"), SizeIs(1));
  EXPECT_THAT(in("scripts/x.py", std::string("# FIX") + "ME"), SizeIs(1));
}

TEST(TidyRules, BanConstructsWhereTheyDoHarm) {
  EXPECT_THAT(in("models/slot.cpp", "std::cout << 1;"),
              ElementsAre("models/slot.cpp:1: instead of `std::cout`: return data; the commands print"));
  EXPECT_THAT(in("server/main.cpp", "std::cout << 1;"), IsEmpty());
  EXPECT_THAT(in("models/slot.h", "using namespace std;"), SizeIs(1));
  EXPECT_THAT(in("models/slot.cpp", "using namespace std::literals;"), IsEmpty());
  EXPECT_THAT(in("models/slot.cpp", "#define NDEBUG"), SizeIs(1));
  EXPECT_THAT(in("models/slot.cpp", "const auto now = std::chrono::steady_clock::now();"), SizeIs(1));
  EXPECT_THAT(in("pipeline/engine.cpp", "const auto now = std::chrono::steady_clock::now();"), IsEmpty());
  EXPECT_THAT(in("context_store/graph.cpp", "std::thread worker;"), SizeIs(1));
  EXPECT_THAT(in("audio/wav.cpp", "int x = rand();"), SizeIs(1));
}

TEST(TidyRules, LookAtWholeWordsOfCode) {
  EXPECT_THAT(in("audio/wav.cpp", "strand(); int volatile_count;"), IsEmpty());
  EXPECT_THAT(in("audio/wav.cpp", "// std::cout is for the commands"), IsEmpty());
  EXPECT_THAT(in("audio/wav.cpp", "text = \"std::cout\";"), IsEmpty());
  EXPECT_THAT(in("scripts/x.py", "printf()"), IsEmpty());
}

TEST(SourceText, KeepsCodeAndLineEnds) {
  EXPECT_EQ(code_only("a /* b\nc */ d // e\nf"), "a     \n     d     \nf");
  EXPECT_EQ(code_only("x(\"a\\\"b\", 'c', '\\'');"), "x(\"    \", ' ', '  ');");
  EXPECT_EQ(code_only("int n = 1'000; char c = 'x';"), "int n = 1'000; char c = ' ';");
  EXPECT_EQ(code_only("auto s = R\"q(a\n\")q\"; b"), "auto s = R\"q  \n    ; b");
  EXPECT_EQ(code_only("\"open"), "\"    ");
}

}  // namespace
}  // namespace antiphon::house
