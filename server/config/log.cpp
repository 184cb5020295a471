#include "server/config/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>

namespace antiphon::server {

void start_log(const LogConfig& config) {
  auto log = std::make_shared<spdlog::logger>("antiphon", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  log->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
  log->set_level(spdlog::level::from_str(config.level));
  log->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(log));
}

void log_config(const Config& config) {
  Config copy = config;
  std::string line;
  for (const ConfigKey& key : config_keys(copy)) line += " " + key.full_name() + "=" + key.value_text();
  spdlog::info("config:{}", line);
}

}  // namespace antiphon::server
