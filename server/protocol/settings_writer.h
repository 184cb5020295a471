// Sessions, responses and items as the JSON objects of the protocol, every field present. Pure.
#pragma once

#include <boost/json.hpp>

#include "pipeline/conversation_item.h"
#include "pipeline/server_event.h"

namespace antiphon::server::protocol {

boost::json::object session_json(const pipeline::SessionSnapshot& session);
boost::json::object response_json(const pipeline::ResponseSnapshot& response);
boost::json::object item_json(const pipeline::ConversationItem& item);

}  // namespace antiphon::server::protocol
