#include "tests/support/memory_store.h"

#include <chrono>
#include <utility>

#include "context_store/integrity.h"

namespace antiphon::test {

using namespace context_store;

Timestamp moment(long long ms) {
  constexpr std::chrono::sys_days kDay{std::chrono::year(2023) / 5 / 8};
  return Timestamp(kDay) + std::chrono::milliseconds(ms);
}

UserPath user_path(std::string_view tenant, std::string_view user) {
  return UserPath::of(tenant, user).value();
}

NewTurn said(std::string session, std::string text, long long at_ms) {
  return {std::move(session), std::string(kUserSpeaker), moment(at_ms), std::move(text), "", {}};
}

Result<Ordinal> tell(ContextStore& store, const UserPath& user, NewTurn turn) {
  const long long at_ms = (turn.at - moment(0)).count();
  Status kept = std::monostate();
  const auto receipts = commit_for(
      store, user,
      [&](WriteLease& lease, const UserPath& path) { kept = lease.append_turn(path, std::move(turn)); },
      at_ms);
  if (!kept) return kept.error();
  if (!receipts) return receipts.error();
  return receipts->front().front().turn;
}

std::string problems_of(const ContextStore& store) {
  const Result<ReadSnapshot> snapshot = store.snapshot(Path(), moment(0));
  if (!snapshot) return snapshot.error().what;
  std::string all;
  for (const std::string& problem : check_integrity(*snapshot).problems) all += problem + "\n";
  return all;
}

}  // namespace antiphon::test
