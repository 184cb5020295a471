// Which pages may talk to the server: browsers name the page in `Origin`, other programs send none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace antiphon::server {

// A list of origins ("https://talk.example.org", "null" for local files), "local" for every page that this
// machine serves itself (localhost, 127.0.0.1, [::1], any port), or "*" for all.
//
// Owner: any thread; immutable.
class OriginList {
 public:
  // Parted by commas. Throws std::runtime_error that names the entry that is no origin.
  explicit OriginList(std::string_view text);

  // REQUIRES: the value of an Origin field.
  bool allows(std::string_view origin) const;

 private:
  std::vector<std::string> origins_;
  bool local_ = false;
  bool all_ = false;
};

// Whether the origin is this host's own page: "https://talk.example.org" and "talk.example.org".
bool is_page_of(std::string_view origin, std::string_view host);

}  // namespace antiphon::server
