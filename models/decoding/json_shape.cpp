#include "models/decoding/json_shape.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace antiphon::models {
namespace {

using nlohmann::json;

// Thrown and caught in this file only, to leave the recursion at once.
struct Refusal {
  SchemaError error;
};

[[noreturn]] void refuse(const std::string& field, const std::string& message) {
  throw Refusal{{field, message}};
}

std::uint16_t item_count(const json& schema, const char* key, std::uint16_t otherwise,
                         const std::string& field) {
  const auto found = schema.find(key);
  if (found == schema.end()) return otherwise;
  if (!found->is_number_unsigned() || found->get<std::uint64_t>() > 0xffff) {
    refuse(field + "." + key, "must be a whole number up to 65535");
  }
  return found->get<std::uint16_t>();
}

// Sorts texts, with their property shapes if there are any, and removes doubles from plain choices.
void sort_texts(ShapeNode* node) {
  if (node->kind != ShapeKind::kObject) {
    std::ranges::sort(node->texts);
    node->texts.erase(std::ranges::unique(node->texts).begin(), node->texts.end());
    return;
  }
  std::vector<std::size_t> order(node->texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return node->texts[i]; });
  ShapeNode sorted = *node;
  for (std::size_t i = 0; i < order.size(); ++i) {
    sorted.texts[i] = node->texts[order[i]];
    sorted.properties[i] = node->properties[order[i]];
  }
  *node = std::move(sorted);
}

class Compiler {
 public:
  explicit Compiler(JsonShapes* shapes) : shapes_(*shapes) {}

  ShapeId compile(const json& schema, const std::string& field, int depth) {
    if (depth > JsonShapes::kNestingMax) refuse(field, "the schema is nested too deeply");
    if (schema.is_boolean() && schema.get<bool>()) return add({});
    if (!schema.is_object()) refuse(field, "must be an object");
    for (const char* key : {"$ref", "allOf", "not", "if", "prefixItems", "patternProperties"}) {
      if (schema.contains(key)) refuse(field + "." + key, "is not supported");
    }
    if (const auto found = schema.find("enum"); found != schema.end())
      return compile_enum(*found, field + ".enum");
    if (const auto found = schema.find("const"); found != schema.end()) {
      return compile_enum(json::array({*found}), field + ".const");
    }
    for (const char* key : {"anyOf", "oneOf"}) {
      if (const auto found = schema.find(key); found != schema.end()) {
        return compile_alternatives(*found, field + "." + key, depth);
      }
    }
    const auto type = schema.find("type");
    if (type == schema.end())
      return schema.contains("properties") ? compile_object(schema, field, depth) : add({});
    if (type->is_array()) return compile_types(*type, schema, field, depth);
    return compile_type(*type, schema, field, depth);
  }

 private:
  ShapeId add(ShapeNode node) {
    if (shapes_.nodes.size() >= JsonShapes::kNodesMax) refuse("tools", "the schemas are too large together");
    shapes_.nodes.push_back(std::move(node));
    return static_cast<ShapeId>(shapes_.nodes.size() - 1);
  }

  ShapeId add_choice(std::vector<std::string> texts) {
    ShapeNode node{.kind = ShapeKind::kChoice, .texts = std::move(texts)};
    sort_texts(&node);
    return add(std::move(node));
  }

  ShapeId compile_type(const json& type, const json& schema, const std::string& field, int depth) {
    const std::string name = type.is_string() ? type.get<std::string>() : "";
    if (name == "object") return compile_object(schema, field, depth);
    if (name == "array") return compile_array(schema, field, depth);
    if (name == "string") return add({.kind = ShapeKind::kString});
    if (name == "number") return add({.kind = ShapeKind::kNumber});
    if (name == "integer") return add({.kind = ShapeKind::kInteger});
    if (name == "boolean") return add_choice({"true", "false"});
    if (name == "null") return add_choice({"null"});
    refuse(field + ".type", "must be object, array, string, number, integer, boolean or null");
  }

  ShapeId compile_types(const json& types, const json& schema, const std::string& field, int depth) {
    if (types.empty()) refuse(field + ".type", "must not be empty");
    const bool has_number = std::ranges::find(types, json("number")) != types.end();
    std::vector<ShapeId> alternatives;
    for (const json& type : types) {
      if (has_number && type == "integer") continue;  // a number may be whole
      alternatives.push_back(compile_type(type, schema, field, depth));
    }
    return add_union(std::move(alternatives), field + ".type");
  }

  ShapeId compile_alternatives(const json& schemas, const std::string& field, int depth) {
    if (!schemas.is_array() || schemas.empty()) refuse(field, "must be a list of schemas");
    std::vector<ShapeId> alternatives;
    for (std::size_t i = 0; i < schemas.size(); ++i) {
      alternatives.push_back(compile(schemas[i], field + "[" + std::to_string(i) + "]", depth + 1));
    }
    return add_union(std::move(alternatives), field);
  }

  ShapeId add_union(std::vector<ShapeId> alternatives, const std::string& field) {
    std::array<bool, 256> taken{};
    for (const ShapeId id : alternatives) {
      std::array<bool, 256> first{};
      mark_first_bytes(id, &first);
      for (std::size_t byte = 0; byte < first.size(); ++byte) {
        if (first[byte] && taken[byte]) refuse(field, "two alternatives begin with the same character");
        taken[byte] = taken[byte] || first[byte];
      }
    }
    if (alternatives.size() == 1) return alternatives.front();
    return add({.kind = ShapeKind::kUnion, .alternatives = std::move(alternatives)});
  }

  void mark_first_bytes(ShapeId id, std::array<bool, 256>* first) const {
    const ShapeNode& node = shapes_.nodes[id];
    const auto mark = [&](std::string_view bytes) {
      for (const char byte : bytes) (*first)[static_cast<unsigned char>(byte)] = true;
    };
    switch (node.kind) {
      case ShapeKind::kObject:
      case ShapeKind::kMap:
        return mark("{");
      case ShapeKind::kArray:
        return mark("[");
      case ShapeKind::kString:
        return mark("\"");
      case ShapeKind::kNumber:
      case ShapeKind::kInteger:
        return mark("-0123456789");
      case ShapeKind::kChoice:
        for (const std::string& text : node.texts) mark(std::string_view(text).substr(0, 1));
        return;
      case ShapeKind::kUnion:
        for (const ShapeId alternative : node.alternatives) mark_first_bytes(alternative, first);
        return;
      case ShapeKind::kAnything:
        return mark("{[\"-0123456789tfn");
    }
  }

  ShapeId compile_enum(const json& values, const std::string& field) {
    if (!values.is_array() || values.empty()) refuse(field, "must be a list of values");
    if (values.size() > JsonShapes::kChoicesMax) refuse(field, "has too many values");
    std::vector<std::string> texts;
    for (const json& value : values) {
      if (!value.is_primitive()) refuse(field, "values must be strings, numbers, booleans or null");
      texts.push_back(value.is_string() ? '"' + escape_json(value.get_ref<const std::string&>()) + '"'
                                        : value.dump());
    }
    return add_choice(std::move(texts));
  }

  ShapeId compile_array(const json& schema, const std::string& field, int depth) {
    ShapeNode node{.kind = ShapeKind::kArray};
    node.items_min = item_count(schema, "minItems", 0, field);
    node.items_max = item_count(schema, "maxItems", 0xffff, field);
    if (node.items_min > node.items_max) refuse(field + ".minItems", "is more than maxItems");
    const auto items = schema.find("items");
    node.item = items == schema.end() ? add({}) : compile(*items, field + ".items", depth + 1);
    return add(std::move(node));
  }

  ShapeId compile_object(const json& schema, const std::string& field, int depth) {
    const auto properties = schema.find("properties");
    if (properties == schema.end()) return compile_map(schema, field, depth);
    if (!properties->is_object()) refuse(field + ".properties", "must be an object");
    if (properties->size() > JsonShapes::kPropertiesMax)
      refuse(field + ".properties", "has too many entries");
    ShapeNode node{.kind = ShapeKind::kObject};
    for (const auto& [name, property] : properties->items()) {
      node.texts.push_back(escape_json(name) + '"');
      node.properties.push_back(compile(property, field + ".properties." + name, depth + 1));
    }
    sort_texts(&node);
    if (const auto required = schema.find("required"); required != schema.end()) {
      node.required = required_bits(*required, node, field + ".required");
    }
    return add(std::move(node));
  }

  ShapeId compile_map(const json& schema, const std::string& field, int depth) {
    if (schema.contains("required") && !schema["required"].empty()) {
      refuse(field + ".required", "names properties that are not described");
    }
    const auto values = schema.find("additionalProperties");
    if (values == schema.end() || *values == json(true))
      return add({.kind = ShapeKind::kMap, .item = add({})});
    if (*values == json(false)) return add({.kind = ShapeKind::kObject});
    return add(
        {.kind = ShapeKind::kMap, .item = compile(*values, field + ".additionalProperties", depth + 1)});
  }

  static std::uint64_t required_bits(const json& names, const ShapeNode& node, const std::string& field) {
    if (!names.is_array()) refuse(field, "must be a list of names");
    std::uint64_t bits = 0;
    for (const json& name : names) {
      if (!name.is_string()) refuse(field, "must be a list of names");
      const auto text = escape_json(name.get_ref<const std::string&>()) + '"';
      const auto found = std::ranges::lower_bound(node.texts, text);
      if (found == node.texts.end() || *found != text) {
        refuse(field, "names '" + name.get<std::string>() + "', which is not among the properties");
      }
      bits |= std::uint64_t{1} << (found - node.texts.begin());
    }
    return bits;
  }

  JsonShapes& shapes_;
};

}  // namespace

std::variant<ShapeId, SchemaError> add_json_schema(std::string_view schema, const std::string& field,
                                                   JsonShapes* shapes) {
  if (schema.size() > kSchemaBytesMax) return SchemaError{field, "the schema is too long"};
  const json parsed = json::parse(schema, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return SchemaError{field, "is not valid JSON"};
  const std::size_t nodes_before = shapes->nodes.size();
  try {
    return Compiler(shapes).compile(parsed, field, 1);
  } catch (const Refusal& refusal) {
    shapes->nodes.resize(nodes_before);
    return refusal.error;
  }
}

std::string escape_json(std::string_view text) {
  std::string escaped = json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  return escaped.substr(1, escaped.size() - 2);
}

}  // namespace antiphon::models
