#include "models/decoding/tool_call_grammar.h"

#include <algorithm>
#include <utility>

namespace antiphon::models {
namespace {

constexpr std::string_view kBeforeName = R"({"name": ")";
constexpr std::string_view kBeforeArguments = R"(, "arguments": )";
constexpr std::string_view kAfterArguments = "}\n</tool_call>";
constexpr std::string_view kNoParameters = R"({"type":"object","properties":{}})";
constexpr std::size_t kFunctionsMax = 512;
constexpr std::size_t kNameBytesMax = 256;

// U+40000 to U+BFFFF, for which a vocabulary may have no tokens.
bool has_unassigned(std::string_view text) {
  return text.find_first_of("\xf1\xf2") != std::string_view::npos;
}

}  // namespace

std::variant<ToolCallGrammar, SchemaError> ToolCallGrammar::compile(
    std::span<const FunctionSchema> functions) {
  if (functions.empty()) return SchemaError{"tools", "must not be empty"};
  if (functions.size() > kFunctionsMax) return SchemaError{"tools", "has too many functions"};
  ToolCallGrammar grammar;
  std::vector<std::pair<std::string, ShapeId>> parts;
  for (std::size_t i = 0; i < functions.size(); ++i) {
    const auto& [name, parameters] = functions[i];
    const std::string field = "tools[" + std::to_string(i) + "]";
    if (name.empty() || name.size() > kNameBytesMax) {
      return SchemaError{field + ".name", "must have 1 to " + std::to_string(kNameBytesMax) + " bytes"};
    }
    if (has_unassigned(name)) return SchemaError{field + ".name", "has a character that is none"};
    const std::size_t nodes_before = grammar.shapes_.nodes.size();
    const std::string_view schema = parameters.empty() ? kNoParameters : std::string_view(parameters);
    const auto compiled = add_json_schema(schema, field + ".parameters", &grammar.shapes_);
    if (const auto* error = std::get_if<SchemaError>(&compiled)) return *error;
    for (const ShapeNode& node : std::span(grammar.shapes_.nodes).subspan(nodes_before)) {
      if (std::ranges::any_of(node.texts, has_unassigned)) {
        return SchemaError{field + ".parameters", "has a character that is none"};
      }
    }
    const ShapeId shape = std::get<ShapeId>(compiled);
    const ShapeKind kind = grammar.shapes_.nodes[shape].kind;
    if (kind != ShapeKind::kObject && kind != ShapeKind::kMap) {
      return SchemaError{field + ".parameters.type", "must be 'object'"};
    }
    parts.emplace_back(escape_json(name) + '"', shape);
  }
  std::ranges::sort(parts);
  for (auto& [name, shape] : parts) {
    if (!grammar.names_.empty() && grammar.names_.back() == name) {
      return SchemaError{"tools", "two functions have the same name"};
    }
    grammar.names_.push_back(std::move(name));
    grammar.parameters_.push_back(shape);
  }
  return grammar;
}

ToolCallAcceptor::ToolCallAcceptor(const ToolCallGrammar& grammar)
    : grammar_(&grammar), name_(TextChoice::all_of(grammar.names_)), arguments_(grammar.shapes_, 0) {}

bool ToolCallAcceptor::advance(char byte) {
  switch (phase_) {
    case Phase::kBreak:
      phase_ = Phase::kBefore;
      return byte == '\n' || advance_literal(kBeforeName, byte, Phase::kName);
    case Phase::kBefore:
      return advance_literal(kBeforeName, byte, Phase::kName);
    case Phase::kName:
      return advance_name(byte);
    case Phase::kBetween:
      return advance_literal(kBeforeArguments, byte, Phase::kArguments);
    case Phase::kArguments:
      return advance_arguments(byte);
    case Phase::kAfter:
      return advance_literal(kAfterArguments, byte, Phase::kDone);
    case Phase::kDone:
      break;
  }
  return false;
}

bool ToolCallAcceptor::advance_literal(std::string_view literal, char byte, Phase next) {
  if (literal[literal_bytes_] != byte) return false;
  if (++literal_bytes_ == literal.size()) {
    literal_bytes_ = 0;
    phase_ = next;
  }
  return true;
}

bool ToolCallAcceptor::advance_name(char byte) {
  if (!name_.narrow(grammar_->names_, byte)) return false;
  if (name_.complete(grammar_->names_)) {
    arguments_ = JsonAcceptor(grammar_->shapes_, grammar_->parameters_[name_.low]);
    phase_ = Phase::kBetween;
  }
  return true;
}

bool ToolCallAcceptor::advance_arguments(char byte) {
  if (!arguments_.advance(byte)) return false;
  if (arguments_.complete()) phase_ = Phase::kAfter;
  return true;
}

}  // namespace antiphon::models
