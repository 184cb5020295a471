#include "tests/integration/context_store/story.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <string_view>

#include "tests/support/memory_store.h"

namespace antiphon::test {

using namespace context_store;

UserPath reader() {
  return user_path("acme", "reader");
}

std::string story_line(std::uint64_t turn) {
  static constexpr std::array<std::string_view, 6> kLines = {
      "My name is Igor and this is line",        "Yesterday Anna came to Prague with letter",
      "My dog is called Biscuit, in chapter",    "I moved to Vienna on day",
      "The lake was frozen and I counted stone", "I love plum cake, piece"};
  return std::string(kLines[turn % kLines.size()]) + " " + std::to_string(turn);
}

Timestamp cold_moment(std::uint64_t turn) {
  return moment(static_cast<long long>(turn) * 1000 + 1) + ContextStore::Options().cold_after;
}

Status tell_lines(ContextStore& store, std::uint64_t first, std::uint64_t count) {
  Status kept = std::monostate();
  const auto receipts = commit_for(store, reader(), [&](WriteLease& lease, const UserPath& user) {
    for (std::uint64_t turn = first; turn < first + count; ++turn) {
      kept = lease.append_turn(user, said("chapter " + std::to_string(turn / 20), story_line(turn),
                                          static_cast<long long>(turn) * 1000));
    }
  });
  if (!kept) return kept;
  if (!receipts) return receipts.error();
  return std::monostate();
}

std::string faults_of_story(const std::filesystem::path& folder, std::uint64_t acknowledged,
                            std::uint64_t at_most) try {
  const ContextStore store({.folder = folder});
  std::string problems = problems_of(store);
  if (!problems.empty()) return problems;
  const Result<ReadSnapshot> snapshot = store.snapshot(Path(), moment(0));
  if (!snapshot) return snapshot.error().what;
  const Result<UserGraph> graph = snapshot->graph(reader());
  if (!graph) return acknowledged == 0 ? "" : graph.error().what;
  const std::uint64_t found = graph->state().count(NodeKind::kTurn);
  if (found < acknowledged) {
    return std::to_string(acknowledged - found) + " acknowledged turns are lost";
  }
  if (found > at_most) return "a turn that was never told";
  for (std::uint64_t turn = 1; turn <= found; ++turn) {
    const Result<Turn> read = graph->turn(static_cast<Ordinal>(turn));
    if (!read) return read.error().what;
    if (read->text != story_line(turn)) return "turn " + std::to_string(turn) + " says something else";
  }
  return "";
} catch (const std::exception& error) {
  return error.what();
}

int repetitions(int usual) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  usual = std::max(usual / 100, 3);
#endif
  int factor = 1;
  if (const char* soak = std::getenv("ANTIPHON_SOAK")) {
    const std::string_view text = soak;
    std::from_chars(text.data(), text.data() + text.size(), factor);
  }
  return usual * std::max(factor, 1);
}

}  // namespace antiphon::test
