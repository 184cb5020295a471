// `antiphon memory`, run as a user would.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view kLines =
    R"({"tenant":"acme","user":"igor","session":"s1","speaker":"user","at":1683554160000,)"
    R"("text":"My dog is called Biscuit.","recorded":1683554161000})"
    "\n"
    R"({"tenant":"acme","user":"igor","session":"s2","speaker":"user","at":1683554260000,)"
    R"("text":"The lake was frozen.","recorded":1683554261000})"
    "\n"
    R"({"tenant":"acme","user":"olga","session":"s1","speaker":"user","at":1683554360000,)"
    R"("text":"I live in Prague.","recorded":1683554361000})"
    "\n";

class MemoryCommand : public testing::Test {
 protected:
  test::ProgramResult memory(std::vector<std::string> arguments, std::string_view input = "",
                             const char* store = "memory") const {
    std::vector<std::string> command = {ANTIPHON_PROGRAM, "memory"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    command.insert(command.end(), {"--store", folder_.file(store).string()});
    return test::run_program(command, input);
  }
  void SetUp() override { ASSERT_EQ(memory({"import"}, kLines).out, "3 turns imported\n"); }

 private:
  const test::TemporaryFolder folder_;
};

TEST_F(MemoryCommand, ExportsWhatItImported) {
  EXPECT_EQ(memory({"export", "--turns"}).out, kLines);
  const std::string_view igor = kLines.substr(0, kLines.find(R"({"tenant":"acme","user":"olga")"));
  EXPECT_EQ(memory({"export", "--turns", "--tenant", "acme", "--user", "igor"}).out, igor);
}

TEST_F(MemoryCommand, AWholeExportMakesTheSameStoreElsewhere) {
  const std::string whole = memory({"export"}).out;
  EXPECT_EQ(memory({"import"}, whole, "copy").out, "2 users with 3 turns imported\n");
  EXPECT_EQ(memory({"export"}, "", "copy").out, whole);
  EXPECT_THAT(memory({"check"}, "", "copy").out, HasSubstr(": whole"));
  EXPECT_THAT(memory({"import"}, whole).err, HasSubstr("something is stored of /acme/igor already"));
  EXPECT_THAT(memory({"import"}, std::string(kLines) + whole, "mixed").err,
              HasSubstr("line 4: told turns and whole graphs are in one file"));
}

TEST_F(MemoryCommand, RecallsByMeaning) {
  EXPECT_EQ(memory({"embed", "--tenant", "acme", "--user", "igor"}).out, "2 turns embedded\n");
  EXPECT_EQ(memory({"embed"}).out, "1 turns embedded\n");
  EXPECT_EQ(memory({"embed"}).out, "0 turns embedded\n");
  EXPECT_THAT(memory({"stats"}).out, HasSubstr("vector"));
  std::vector<std::string> ask = {"recall", "--tenant", "acme", "--user", "igor", "winter ice"};
  EXPECT_EQ(memory(ask).out, "");  // no word of it was said
  ask.emplace_back("--by-meaning");
  EXPECT_THAT(memory(ask).out, HasSubstr("The lake was frozen."));
}

TEST_F(MemoryCommand, ShowsAndChecks) {
  const auto stats = memory({"stats"});
  EXPECT_THAT(stats.out, HasSubstr("/acme/igor: 2 turns, 2 sessions"));
  EXPECT_THAT(stats.out, HasSubstr("/acme/olga: 1 turns"));
  EXPECT_THAT(memory({"stats", "--tenant", "acme", "--user", "olga"}).out, Not(HasSubstr("igor")));
  const auto check = memory({"check"});
  EXPECT_EQ(check.exit_code, 0);
  EXPECT_THAT(check.out, HasSubstr("2 users, 3 turns"));
  EXPECT_THAT(check.out, HasSubstr(": whole"));
}

TEST_F(MemoryCommand, RecallsAndForgets) {
  const std::vector<std::string> ask = {"recall", "--tenant", "acme",
                                        "--user", "igor",     "what is my dog called?"};
  EXPECT_THAT(memory(ask).out, HasSubstr("dog: Biscuit (from turn 1)"));
  const auto forgotten = memory({"forget", "--tenant", "acme", "--user", "igor", "--session", "s1"});
  EXPECT_EQ(forgotten.exit_code, 0) << forgotten.err;
  EXPECT_THAT(memory(ask).out, Not(HasSubstr("Biscuit")));
  EXPECT_EQ(memory({"forget", "--tenant", "acme", "--user", "igor", "--turn", "2"}).exit_code, 0);
  EXPECT_EQ(memory({"forget", "--tenant", "acme", "--user", "olga"}).exit_code, 0);
  EXPECT_EQ(memory({"compact"}).exit_code, 0);
  EXPECT_EQ(memory({"export", "--turns"}).out, "");
}

TEST_F(MemoryCommand, NamesWhatIsWrong) {
  EXPECT_THAT(memory({"import"}, "{}\n").err, HasSubstr("line 1: 'tenant' must be a string"));
  EXPECT_THAT(memory({"stats", "--user", "igor"}).err, HasSubstr("--user needs --tenant"));
  const auto unknown = memory({"embed", "--embedding", "nothing"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("--embedding"));
  const auto nobody = memory({"recall", "--tenant", "acme", "--user", "ivan", "x"});
  EXPECT_EQ(nobody.exit_code, 2);
  EXPECT_THAT(nobody.err, HasSubstr("nothing is stored of /acme/ivan"));
  EXPECT_THAT(memory({"forget", "--tenant", "acme", "--user", "igor", "--turn", "99"}).err,
              HasSubstr("nothing like that"));
}

}  // namespace
}  // namespace antiphon::server
