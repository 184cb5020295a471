#pragma once

#include "pipeline/conversation_item.h"
#include "server/protocol/fields.h"

namespace antiphon::server::protocol {

// An item as a client writes it. Notes faults in `item`; after a fault the result means nothing.
pipeline::ConversationItem conversation_item(const Fields& item);

}  // namespace antiphon::server::protocol
