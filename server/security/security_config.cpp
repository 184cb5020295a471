#include "server/security/security_config.h"

#include <cstdlib>
#include <stdexcept>

namespace antiphon::server {

Access load_access(const SecurityConfig& config) {
  const bool own = config.keys_file != SecurityConfig{}.keys_file;
  if (!own && std::getenv("HOME") == nullptr) return {config, {}};
  const std::filesystem::path file = expanded(config.keys_file);
  if (own && !std::filesystem::exists(file)) {
    throw std::runtime_error("Config: security.keys_file = \"" + config.keys_file +
                             "\": there is no such file; `antiphon key add NAME` makes it.");
  }
  return {config, read_keys(file)};
}

}  // namespace antiphon::server
