#pragma once

#include <ostream>
#include <set>
#include <string>
#include <string_view>

#include "server/talk/talk_conversation.h"

namespace antiphon::server {

// Prints a conversation: each caption once it is certain; on a terminal also, in place below them, what is
// being said.
//
// Owner: one thread.
class CaptionPrinter {
 public:
  // `words` gets a line for each caption, `times` all else. `terminal`: both are one.
  CaptionPrinter(std::ostream& words, std::ostream& times, bool terminal)
      : words_(words), times_(times), terminal_(terminal) {}

  // `playing`: the item whose sound is still heard. `state`: a line for below everything.
  // `columns`: of the terminal.
  void update(const TalkConversation& conversation, std::string_view playing, const std::string& state,
              int columns);
  // A line about something else.
  void note(const std::string& line);
  // Everything, certain or not.
  void finish(const TalkConversation& conversation);

 private:
  void print(const TalkConversation& conversation, const Caption& caption);
  std::string line_of(const Caption& caption) const;
  void erase_live();

  std::ostream& words_;
  std::ostream& times_;
  const bool terminal_;
  std::set<std::string> printed_;
  std::string live_;
  int live_rows_ = 0;
};

}  // namespace antiphon::server
