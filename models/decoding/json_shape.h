// What a JSON value may look like: the compiled form of the subset of JSON Schema that function calls use.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace antiphon::models {

// Index into JsonShapes::nodes.
using ShapeId = std::uint16_t;

enum class ShapeKind : std::uint8_t {
  kObject,  // exactly the properties listed; required ones must come, in any order
  kMap,     // an object with any keys; every value has the shape `item`
  kArray,   // every element has the shape `item`
  kString,
  kNumber,
  kInteger,
  kChoice,   // one of `texts`, as written (enum, boolean, null)
  kUnion,    // one of `alternatives`, told apart by the first byte
  kAnything  // any JSON value
};

struct ShapeNode {
  ShapeKind kind = ShapeKind::kAnything;
  // kChoice: the JSON texts. kObject: the property names as JSON strings without the opening quote. Sorted.
  std::vector<std::string> texts{};
  std::vector<ShapeId> properties{};  // kObject: parallel to texts
  std::uint64_t required = 0;         // kObject: bit i stands for texts[i]
  std::vector<ShapeId> alternatives{};
  ShapeId item = 0;
  std::uint16_t items_min = 0;
  std::uint16_t items_max = 0xffff;
};

struct JsonShapes {
  static constexpr int kNestingMax = 16;  // of schemas, and of the values that they accept
  static constexpr std::size_t kNodesMax = 4096;
  static constexpr std::size_t kPropertiesMax = 64;  // of one object: bits of ShapeNode::required
  static constexpr std::size_t kChoicesMax = 1024;   // of one enum

  std::vector<ShapeNode> nodes;
};

// Why a schema from outside can't be used: the path of the offending field, and a sentence.
struct SchemaError {
  std::string field;  // "parameters.properties.city.type"
  std::string message;
};

// Adds the shape of a JSON Schema (as text) to `shapes`. Supported: type (one, or a list), object with
// properties, required and additionalProperties, array with items, minItems and maxItems, string, number,
// integer, boolean, null, enum, const, and anyOf or oneOf whose alternatives begin differently. Annotations
// and the finer limits (minimum, pattern, format, ...) are accepted and not enforced; $ref, allOf and not are
// refused. An object with properties takes no others. `field` is the schema's own path, put before those of
// errors.
//
// Time and memory: bounded by kSchemaBytesMax and the limits of JsonShapes; safe for outside bytes.
inline constexpr std::size_t kSchemaBytesMax = 64 * 1024;
std::variant<ShapeId, SchemaError> add_json_schema(std::string_view schema, const std::string& field,
                                                   JsonShapes* shapes);

// Text as the inside of a JSON string: quotes, backslashes and control characters escaped.
std::string escape_json(std::string_view text);

}  // namespace antiphon::models
