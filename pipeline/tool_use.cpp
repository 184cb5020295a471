#include "pipeline/tool_use.h"

#include <algorithm>
#include <optional>

#include "models/text/json_spacing.h"

namespace antiphon::pipeline {
namespace {

using models::FunctionSchema;
using models::SchemaError;
using models::ToolCallGrammar;

constexpr std::string_view kAnyObject = R"({"type":"object"})";
constexpr std::string_view kNothing = R"({"type":"object","properties":{}})";

// As Qwen 2.5's template announces it.
std::string announcement(const Tool& tool) {
  std::string text = R"({"type": "function", "function": {"name": ")" + models::escape_json(tool.name) + '"';
  if (!tool.description.empty()) {
    text += R"(, "description": ")" + models::escape_json(tool.description) + '"';
  }
  text += R"(, "parameters": )";
  text += models::text::spaced_json(tool.parameters_json.empty() ? kNothing : tool.parameters_json);
  return text + "}}";
}

std::optional<SchemaError> fault_of(std::span<const Tool> tools, const ToolChoice& choice) {
  std::size_t bytes = 0;
  for (const Tool& tool : tools) {
    bytes += tool.name.size() + tool.description.size() + tool.parameters_json.size();
  }
  if (bytes > ToolUse::kSchemaBytesMax) return SchemaError{"tools", "has more than 256 KiB"};
  const bool named = choice.kind == ToolChoice::Kind::kFunction;
  if (named && std::ranges::find(tools, choice.function, &Tool::name) == tools.end()) {
    return SchemaError{"tool_choice", "names '" + choice.function + "', which is not among the tools"};
  }
  return std::nullopt;
}

// Each with its own schema, or any object where that can't be enforced.
std::vector<FunctionSchema> functions_of(std::span<const Tool> tools) {
  std::vector<FunctionSchema> functions;
  for (const Tool& tool : tools) {
    FunctionSchema function{tool.name, tool.parameters_json};
    const auto alone = ToolCallGrammar::compile({&function, 1});
    const auto* error = std::get_if<SchemaError>(&alone);
    if (error != nullptr && error->field.starts_with("tools[0].parameters")) function.parameters = kAnyObject;
    functions.push_back(std::move(function));
  }
  return functions;
}

std::variant<ToolCallGrammar, SchemaError> compiled(std::vector<FunctionSchema> functions) {
  auto grammar = ToolCallGrammar::compile(functions);
  const auto* error = std::get_if<SchemaError>(&grammar);
  const bool too_many_parts = error != nullptr && error->field.find(".parameters") != std::string::npos;
  if (!too_many_parts) return grammar;
  for (FunctionSchema& function : functions) function.parameters = kAnyObject;
  return ToolCallGrammar::compile(functions);
}

ToolUse::Calls calls_of(ToolChoice::Kind kind) {
  switch (kind) {
    case ToolChoice::Kind::kAuto:
      return ToolUse::Calls::kIfWanted;
    case ToolChoice::Kind::kNone:
      return ToolUse::Calls::kNever;
    case ToolChoice::Kind::kRequired:
    case ToolChoice::Kind::kFunction:
      return ToolUse::Calls::kAtLeastOne;
  }
  return ToolUse::Calls::kNever;
}

}  // namespace

ToolUse::Made ToolUse::of(std::span<const Tool> tools, const ToolChoice& choice) {
  if (auto fault = fault_of(tools, choice)) return *std::move(fault);
  if (tools.empty()) return nullptr;
  // All are compiled, so that a fault is named even if the choice leaves the function out.
  const std::vector<FunctionSchema> functions = functions_of(tools);
  auto grammar = compiled(functions);
  if (auto* error = std::get_if<SchemaError>(&grammar)) return std::move(*error);
  if (choice.kind == ToolChoice::Kind::kFunction) {
    grammar = compiled({*std::ranges::find(functions, choice.function, &FunctionSchema::name)});
  }
  std::vector<std::string> announcements;
  for (const Tool& tool : tools) announcements.push_back(announcement(tool));
  return std::shared_ptr<const ToolUse>(new ToolUse(calls_of(choice.kind), std::move(announcements),
                                                    std::move(std::get<ToolCallGrammar>(grammar))));
}

}  // namespace antiphon::pipeline
