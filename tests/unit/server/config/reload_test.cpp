#include "server/config/reload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace antiphon::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Reload, KnowsWhatIsSafeToChange) {
  const ConfigChanges all = changes(
      parse_config("", {}), parse_config("[log]\nlevel = \"debug\"\n[engine]\nsessions_max = 3\n", {}));
  EXPECT_THAT(all.at_once, ElementsAre("log.level"));
  EXPECT_THAT(all.after_restart, ElementsAre("engine.sessions_max"));
}

TEST(Reload, WhoMayComeInIsSafeToChange) {
  const ConfigChanges all = changes(
      parse_config("", {}),
      parse_config("[security]\nallowed_origins = \"*\"\nkey_sessions_max = 3\n[server]\nport = 1234\n", {}));
  EXPECT_THAT(all.at_once, ElementsAre("security.allowed_origins", "security.key_sessions_max"));
  EXPECT_THAT(all.after_restart, ElementsAre("server.port"));
  Config running = parse_config("", {});
  take_over(parse_config("[security]\nkey_sessions_max = 3\n", {}), &running);
  EXPECT_EQ(running.security.key_limits.sessions_max, 3);
}

TEST(Reload, TakesOverOnlyWhatIsSafe) {
  Config running = parse_config("", {});
  take_over(parse_config("[log]\nlevel = \"warn\"\n[engine]\nsessions_max = 3\n", {}), &running);
  EXPECT_EQ(running.log.level, "warn");
  EXPECT_EQ(running.engine.sessions_max, 0);
  take_over(parse_config("", {}), &running);
  EXPECT_EQ(running.log.level, "info");
  const ConfigChanges none = changes(running, parse_config("", {}));
  EXPECT_THAT(none.at_once, IsEmpty());
  EXPECT_THAT(none.after_restart, IsEmpty());
}

}  // namespace
}  // namespace antiphon::server
