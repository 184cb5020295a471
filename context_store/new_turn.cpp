#include "context_store/new_turn.h"

#include <utility>

namespace antiphon::context_store {

PreparedTurn prepare(NewTurn turn) {
  PreparedTurn prepared;
  const std::vector<Word> words = words_in(turn.text);
  prepared.terms = terms_of_turn(turn.text, turn.hint, turn.at);
  prepared.names = names_in(words);
  if (turn.speaker != kAssistantSpeaker) prepared.statements = statements_in(words);
  prepared.turn = std::move(turn);
  return prepared;
}

}  // namespace antiphon::context_store
