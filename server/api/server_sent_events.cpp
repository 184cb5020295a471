#include "server/api/server_sent_events.h"

#include <cassert>

namespace antiphon::server {

std::string server_sent_event(std::string_view data) {
  assert(data.find_first_of("\r\n") == std::string_view::npos);
  return "data: " + std::string(data) + "\n\n";
}

}  // namespace antiphon::server
