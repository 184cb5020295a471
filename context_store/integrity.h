#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "context_store/read_snapshot.h"
#include "context_store/result.h"

namespace antiphon::context_store {

struct IntegrityReport {
  static constexpr std::size_t kProblemsMax = 20;

  std::uint64_t blocks = 0;
  std::uint64_t users = 0;
  std::uint64_t turns = 0;
  std::uint64_t edges = 0;
  std::vector<std::string> problems;  // the first kProblemsMax, one sentence each

  bool whole() const { return problems.empty(); }
};

// Reads every block of the store once and proves, for each user: checksums; every edge is in both lists and
// its ends are there; every turn is in a session, has a speaker and exactly the postings of its words; names
// lead to their nodes; turns follow each other in order; counts and bytes are what they claim.
//
// Memory: a few sums for a user: equal multisets are proved by sums of hashes, not by collecting them.
IntegrityReport check_integrity(const ReadSnapshot& snapshot);

}  // namespace antiphon::context_store
