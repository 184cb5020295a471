#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/text/statements.h"
#include "context_store/text/terms.h"

namespace antiphon::context_store {

// Speakers that are no names: the person themselves, and the one who answers and states nothing about itself.
inline constexpr std::string_view kUserSpeaker = "user";
inline constexpr std::string_view kAssistantSpeaker = "assistant";

struct NewTurn {
  static constexpr std::size_t kNameBytesMax = 200;
  static constexpr std::size_t kTextBytesMax = 256 * 1024;

  std::string session;                // any name, 1 to kNameBytesMax bytes; a new one begins a session
  std::string speaker;                // likewise; kUserSpeaker, kAssistantSpeaker or a person's name
  Timestamp at;                       // when it was said
  std::string text;                   // at most kTextBytesMax bytes, like the hint
  std::string hint;                   // searched like the text
  std::optional<Timestamp> recorded;  // of an import; else the time of the commit
};

// A turn with all that can be found in it without looking into the store, so that it is found on the caller's
// thread and not on the committing one.
struct PreparedTurn {
  NewTurn turn;
  TermList terms;
  std::vector<std::string> names;
  std::vector<Statement> statements;  // none of the assistant
};

PreparedTurn prepare(NewTurn turn);

}  // namespace antiphon::context_store
