#include "server/config/reload.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace antiphon::server {
namespace {

bool safe(const ConfigKey& key) {
  return key.section == "security" || (key.section == "log" && key.name == "level");
}

}  // namespace

ConfigChanges changes(Config before, Config after) {
  ConfigChanges all;
  const std::vector<ConfigKey> old_keys = config_keys(before);
  const std::vector<ConfigKey> new_keys = config_keys(after);
  for (std::size_t i = 0; i < old_keys.size(); ++i) {
    if (old_keys[i].value_text() == new_keys[i].value_text()) continue;
    const std::string name = old_keys[i].full_name();
    (safe(new_keys[i]) ? all.at_once : all.after_restart).push_back(name);
  }
  return all;
}

void take_over(const Config& fresh, Config* running) {
  const ConfigChanges all = changes(*running, fresh);
  for (const std::string& name : all.after_restart) spdlog::warn("reload: {} changes after a restart", name);
  running->log = fresh.log;
  running->security = fresh.security;
  spdlog::set_level(spdlog::level::from_str(fresh.log.level));
  for (const ConfigKey& key : config_keys(*running)) {
    if (std::ranges::find(all.at_once, key.full_name()) == all.at_once.end()) continue;
    spdlog::info("reload: {}={}", key.full_name(), key.value_text());
  }
}

}  // namespace antiphon::server
