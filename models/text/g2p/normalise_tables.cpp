#include "models/text/g2p/normalise_tables.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace antiphon::models::text {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(const std::string& field) {
  throw std::runtime_error("normalisation tables: field '" + field + "' is missing or has the wrong type");
}

const Json& field(const Json& all, const char* name, bool object) {
  const auto found = all.find(name);
  if (found == all.end() || found->is_object() != object || found->is_array() == object) refuse(name);
  return *found;
}

std::string string_in(const Json& value, const char* name) {
  if (!value.is_string()) refuse(name);
  return value.get<std::string>();
}

std::vector<NormaliseTables::Entry> entries(const Json& all, const char* name) {
  std::vector<NormaliseTables::Entry> out;
  for (const auto& [key, value] : field(all, name, true).items())
    out.emplace_back(key, string_in(value, name));
  return out;
}

std::vector<NormaliseTables::Counted> counted(const Json& all, const char* name) {
  std::vector<NormaliseTables::Counted> out;
  for (const auto& [key, value] : field(all, name, true).items()) {
    if (!value.is_array() || value.size() != 2) refuse(name);
    out.push_back({key, string_in(value[0], name), string_in(value[1], name)});
  }
  return out;
}

std::vector<std::string> words(const Json& all, const char* name) {
  std::vector<std::string> out;
  for (const Json& value : field(all, name, false)) out.push_back(string_in(value, name));
  return out;
}

}  // namespace

NormaliseTables NormaliseTables::parse(std::string_view json) {
  const Json all = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!all.is_object()) throw std::runtime_error("normalisation tables: not a JSON object");
  NormaliseTables tables;
  tables.months = entries(all, "months");
  if (tables.months.size() != 12) refuse("months");
  tables.titles = entries(all, "titles");
  tables.abbreviations = entries(all, "abbreviations");
  tables.symbols = entries(all, "symbols");
  tables.units = counted(all, "units");
  tables.currencies = counted(all, "currency");
  for (const char* sign : {"$", "£", "€", "¢", "USD", "EUR", "GBP"}) {
    if (std::ranges::find(tables.currencies, sign, &Counted::sign) == tables.currencies.end())
      refuse("currency");
  }
  tables.before_cardinal = words(all, "roman_cardinal");
  tables.before_ordinal = words(all, "roman_ordinal");
  return tables;
}

const NormaliseTables::Counted& NormaliseTables::currency(std::string_view sign) const {
  const auto found = std::ranges::find(currencies, sign, &Counted::sign);
  assert(found != currencies.end());
  return *found;
}

const std::string* value_of(const std::vector<NormaliseTables::Entry>& entries, std::string_view key) {
  const auto found = std::ranges::find(entries, key, &NormaliseTables::Entry::first);
  return found == entries.end() ? nullptr : &found->second;
}

}  // namespace antiphon::models::text
