#pragma once

#include "pipeline/client_event.h"
#include "pipeline/conversation.h"
#include "pipeline/session/client_channel.h"

namespace antiphon::pipeline {

// Does what a client asks about single items of its conversation, and answers.
//
// Owner: one session, on its media worker.
class ItemDesk {
 public:
  ItemDesk(ClientChannel* client, Conversation* conversation)
      : client_(client), conversation_(conversation) {}

  bool create(CreateItem& create);  // whether there is a new one
  void retrieve(const RetrieveItem& retrieve);
  void remove(const DeleteItem& remove);
  void truncate(const TruncateItem& truncate);
  // Whether a response is to be made of an item that is not there; then the client has been told.
  bool names_unknown_item(const ResponseOverrides& overrides);

 private:
  void send_error(const ItemError& error);

  ClientChannel* const client_;
  Conversation* const conversation_;
};

}  // namespace antiphon::pipeline
