// What a server's event says in a field. Pure; anything may come.
#pragma once

#include <boost/json.hpp>

#include <string_view>

namespace antiphon::server {

// "" for what is not there or no text. Valid as long as the object.
inline std::string_view text(const boost::json::object& object, std::string_view key) {
  const boost::json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return "";
  return value->get_string();
}

// Empty for what is not there or no object.
inline const boost::json::object& object(const boost::json::object& parent, std::string_view key) {
  static const boost::json::object none;
  const boost::json::value* value = parent.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : none;
}

}  // namespace antiphon::server
