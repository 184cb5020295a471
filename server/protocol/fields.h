#pragma once

#include <boost/json.hpp>

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "pipeline/wire_id.h"

namespace antiphon::server::protocol {

// The first thing that was wrong with a message.
struct Fault {
  std::string code;  // "": nothing was wrong
  std::string param;
  std::string message;

  bool found() const { return !code.empty(); }
};

// Reads one JSON object of a client's message, knows its path ("session.audio.input") and notes the first
// fault. A field that is absent or null reads as none; a field of the wrong kind is a fault and reads as
// none, so that a reader may go on and ask for the fault once, at its end.
//
// Lifetime: of the object and the fault, which are not copied.
class Fields {
 public:
  Fields(const boost::json::object& object, std::string path, Fault& fault)
      : object_(&object), path_(std::move(path)), fault_(&fault) {}

  bool has(std::string_view key) const { return object_->contains(key); }  // null included
  bool is_null(std::string_view key) const;
  // Null pointer: absent or null.
  const boost::json::value* value(std::string_view key) const;

  std::optional<std::string> text(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::optional<double> number(std::string_view key, double min, double max) const;
  std::optional<int> integer(std::string_view key, int min, int max) const;
  std::optional<pipeline::WireId> id(std::string_view key) const;
  std::optional<Fields> object(std::string_view key) const;
  const boost::json::array* array(std::string_view key, std::size_t size_max) const;
  // The value as JSON text; also null, as "null".
  std::optional<std::string> json_text(std::string_view key) const;

  template <class Choice>
  std::optional<Choice> choice(std::string_view key,
                               std::initializer_list<std::pair<std::string_view, Choice>> choices) const {
    const std::optional<std::string> name = text(key);
    if (!name) return std::nullopt;
    std::string names;
    for (const auto& [known, choice] : choices) {
      if (*name == known) return choice;
      names += (names.empty() ? "" : ", ") + std::string(known);
    }
    fail("invalid_value", key, "is '" + *name + "', not one of: " + names + ".");
    return std::nullopt;
  }

  // An object in an array of this object: "tools[3]".
  std::optional<Fields> element(std::string_view key, const boost::json::array& array,
                                std::size_t index) const;

  // A fault if the field is absent or null.
  void require(std::string_view key) const;
  // Notes the fault "'path.key' what" unless one was found before.
  void fail(std::string_view code, std::string_view key, const std::string& what) const;

  Fault& fault() const { return *fault_; }

 private:
  std::string path_to(std::string_view key) const;
  void wrong_kind(std::string_view key, std::string_view expected) const;

  const boost::json::object* object_;
  std::string path_;
  Fault* fault_;
};

}  // namespace antiphon::server::protocol
