// An independent, plain check of a JSON value against the subset of JSON Schema that tool calls use.
#pragma once

#include <algorithm>
#include <nlohmann/json.hpp>

namespace antiphon::test {

inline bool fits_schema(const nlohmann::json& value, const nlohmann::json& schema);

inline bool fits_type(const nlohmann::json& value, const std::string& type, const nlohmann::json& schema) {
  if (type == "string") return value.is_string();
  if (type == "number") return value.is_number();
  if (type == "integer") return value.is_number_integer();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  if (type == "array") {
    return value.is_array() && value.size() >= schema.value("minItems", 0u) &&
           value.size() <= schema.value("maxItems", 65535u) &&
           std::ranges::all_of(value, [&](const auto& item) {
             return !schema.contains("items") || fits_schema(item, schema["items"]);
           });
  }
  if (!value.is_object()) return false;
  for (const auto& name : schema.value("required", nlohmann::json::array())) {
    if (!value.contains(name.get<std::string>())) return false;
  }
  for (const auto& [name, item] : value.items()) {
    if (schema.contains("properties")) {
      if (!schema["properties"].contains(name) || !fits_schema(item, schema["properties"][name]))
        return false;
    } else if (schema.contains("additionalProperties") &&
               !fits_schema(item, schema["additionalProperties"])) {
      return false;
    }
  }
  return true;
}

inline bool fits_schema(const nlohmann::json& value, const nlohmann::json& schema) {
  if (schema.is_boolean()) return schema.get<bool>();
  if (schema.contains("enum")) return std::ranges::find(schema["enum"], value) != schema["enum"].end();
  if (schema.contains("const")) return value == schema["const"];
  if (schema.contains("anyOf")) {
    return std::ranges::any_of(schema["anyOf"], [&](const auto& one) { return fits_schema(value, one); });
  }
  if (!schema.contains("type")) return true;
  if (schema["type"].is_string()) return fits_type(value, schema["type"].get<std::string>(), schema);
  return std::ranges::any_of(schema["type"], [&](const auto& one) {
    return fits_type(value, one.template get<std::string>(), schema);
  });
}

}  // namespace antiphon::test
