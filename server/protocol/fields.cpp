#include "server/protocol/fields.h"

#include <cmath>

namespace antiphon::server::protocol {
namespace json = boost::json;

bool Fields::is_null(std::string_view key) const {
  const json::value* found = object_->if_contains(key);
  return found != nullptr && found->is_null();
}

const json::value* Fields::value(std::string_view key) const {
  const json::value* found = object_->if_contains(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::string> Fields::text(std::string_view key) const {
  const json::value* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) {
    wrong_kind(key, "a string");
    return std::nullopt;
  }
  return std::string(found->get_string());
}

std::optional<bool> Fields::flag(std::string_view key) const {
  const json::value* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_bool()) {
    wrong_kind(key, "true or false");
    return std::nullopt;
  }
  return found->get_bool();
}

std::optional<double> Fields::number(std::string_view key, double min, double max) const {
  const json::value* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_number()) {
    wrong_kind(key, "a number");
    return std::nullopt;
  }
  const double number = found->to_number<double>();
  if (!(number >= min && number <= max)) {
    fail("invalid_value", key,
         "must be between " + json::serialize(json::value(min)) + " and " +
             json::serialize(json::value(max)) + ".");
    return std::nullopt;
  }
  return number;
}

std::optional<int> Fields::integer(std::string_view key, int min, int max) const {
  const json::value* found = value(key);
  if (found == nullptr) return std::nullopt;
  const double number = found->is_number() ? found->to_number<double>() : 0.5;
  if (number != std::floor(number)) {
    wrong_kind(key, "a whole number");
    return std::nullopt;
  }
  if (!(number >= min && number <= max)) {
    fail("invalid_value", key,
         "must be between " + std::to_string(min) + " and " + std::to_string(max) + ".");
    return std::nullopt;
  }
  return static_cast<int>(number);
}

std::optional<pipeline::WireId> Fields::id(std::string_view key) const {
  const std::optional<std::string> name = text(key);
  if (!name) return std::nullopt;
  if (name->empty() || name->size() > pipeline::WireId::kBytesMax) {
    fail("invalid_value", key,
         "must have between 1 and " + std::to_string(pipeline::WireId::kBytesMax) + " bytes.");
    return std::nullopt;
  }
  return pipeline::WireId(*name);
}

std::optional<Fields> Fields::object(std::string_view key) const {
  const json::value* found = value(key);
  if (found == nullptr) return std::nullopt;
  if (!found->is_object()) {
    wrong_kind(key, "an object");
    return std::nullopt;
  }
  return Fields(found->get_object(), path_to(key), *fault_);
}

const json::array* Fields::array(std::string_view key, std::size_t size_max) const {
  const json::value* found = value(key);
  if (found == nullptr) return nullptr;
  if (!found->is_array()) {
    wrong_kind(key, "an array");
    return nullptr;
  }
  if (found->get_array().size() > size_max) {
    fail("invalid_value", key, "has more than " + std::to_string(size_max) + " entries.");
    return nullptr;
  }
  return &found->get_array();
}

std::optional<std::string> Fields::json_text(std::string_view key) const {
  const json::value* found = object_->if_contains(key);
  if (found == nullptr) return std::nullopt;
  return json::serialize(*found);
}

std::optional<Fields> Fields::element(std::string_view key, const json::array& array,
                                      std::size_t index) const {
  const std::string name = std::string(key) + "[" + std::to_string(index) + "]";
  if (!array[index].is_object()) {
    wrong_kind(name, "an object");
    return std::nullopt;
  }
  return Fields(array[index].get_object(), path_to(name), *fault_);
}

void Fields::require(std::string_view key) const {
  if (value(key) == nullptr) fail("missing_required_parameter", key, "is missing.");
}

void Fields::fail(std::string_view code, std::string_view key, const std::string& what) const {
  if (fault_->found()) return;
  fault_->code = code;
  fault_->param = path_to(key);
  fault_->message = "'" + fault_->param + "' " + what;
}

std::string Fields::path_to(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void Fields::wrong_kind(std::string_view key, std::string_view expected) const {
  fail("invalid_value", key, "must be " + std::string(expected) + ".");
}

}  // namespace antiphon::server::protocol
