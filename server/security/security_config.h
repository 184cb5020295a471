#pragma once

#include <string>

#include "server/security/key_file.h"

namespace antiphon::server {

struct SecurityConfig {
  std::string keys_file = "~/.config/antiphon/keys.toml";  // kept by `antiphon key`; no file: no keys
  std::string allowed_origins = "local";                   // see OriginList
  KeyLimits key_limits;                                    // of each key that has none of its own
};

// Who may come in.
struct Access {
  SecurityConfig config = {};
  std::vector<KeyRecord> keys = {};  // none: anybody, which only a loopback address allows
};

// With the keys of the config's file. The default file need not be there. Throws std::runtime_error that
// names the file otherwise, or what is wrong in it.
Access load_access(const SecurityConfig& config);

}  // namespace antiphon::server
