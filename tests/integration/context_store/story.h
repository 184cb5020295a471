// A workload whose every state can be recognised: turn n says the n-th line of a story.
#pragma once

#include <cstdint>
#include <string>

#include "context_store/context_store.h"

namespace antiphon::test {

context_store::UserPath reader();

std::string story_line(std::uint64_t turn);  // from 1

// When a compaction finds the chapters up to this line closed, and makes them cold.
context_store::Timestamp cold_moment(std::uint64_t turn);

// Commits the next lines as one group. Returns the error, if any.
context_store::Status tell_lines(context_store::ContextStore& store, std::uint64_t first,
                                 std::uint64_t count);

// What is wrong with a store that acknowledged `acknowledged` lines while `at_most` were told: damage, a lost
// line, a line that was never told. Empty: nothing.
std::string faults_of_story(const std::filesystem::path& folder, std::uint64_t acknowledged,
                            std::uint64_t at_most);

// How often a long test repeats itself: a hundredth under a sanitizer; ANTIPHON_SOAK multiplies.
int repetitions(int usual);

}  // namespace antiphon::test
