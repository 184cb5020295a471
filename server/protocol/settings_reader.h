// The settings that session.update and response.create share, in the shape of the current protocol and in the
// flat one of the beta; and each event's own.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "pipeline/session_config.h"
#include "server/protocol/fields.h"

namespace antiphon::server::protocol {

// All of them note faults in `fields`; after a fault the result means nothing.
pipeline::SessionUpdate session_update(const Fields& session);
pipeline::ResponseOverrides response_overrides(const Fields& response);

inline constexpr std::size_t kToolsMax = 128;
// {"name": ..., "description": ..., "parameters": {...}}
pipeline::Tool function_tool(const Fields& function);
// Of the field `tool_choice`; none: absent.
std::optional<pipeline::ToolChoice> tool_choice(const Fields& fields);

}  // namespace antiphon::server::protocol
