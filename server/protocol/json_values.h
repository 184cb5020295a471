// Values that several writers of JSON need. Pure.
#pragma once

#include <boost/json.hpp>

#include <string>

#include "pipeline/wire_id.h"

namespace antiphon::server::protocol {

// Valid as long as the id.
inline boost::json::string_view text(const pipeline::WireId& id) {
  return {id.view().data(), id.view().size()};
}

inline boost::json::value text_or_null(const std::string& text) {
  return text.empty() ? boost::json::value(nullptr) : boost::json::value(text);
}

}  // namespace antiphon::server::protocol
