#include "server/config/reload.h"

#include <spdlog/spdlog.h>

namespace antiphon::server {
namespace {

constexpr const char* kLogLevel = "log.level";

}  // namespace

ConfigChanges changes(Config before, Config after) {
  ConfigChanges all;
  const std::vector<ConfigKey> old_keys = config_keys(before);
  const std::vector<ConfigKey> new_keys = config_keys(after);
  for (std::size_t i = 0; i < old_keys.size(); ++i) {
    if (old_keys[i].value_text() == new_keys[i].value_text()) continue;
    const std::string name = old_keys[i].full_name();
    (name == kLogLevel ? all.at_once : all.after_restart).push_back(name);
  }
  return all;
}

void take_over(const Config& fresh, Config* running) {
  const ConfigChanges all = changes(*running, fresh);
  for (const std::string& name : all.after_restart) spdlog::warn("reload: {} changes after a restart", name);
  if (all.at_once.empty()) {
    spdlog::info("reload: nothing to change at once");
    return;
  }
  running->log = fresh.log;
  spdlog::set_level(spdlog::level::from_str(fresh.log.level));
  spdlog::info("reload: log.level={}", fresh.log.level);
}

}  // namespace antiphon::server
