#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "context_store/graph_types.h"
#include "context_store/result.h"

namespace antiphon::context_store {

class UserGraph;
struct Recall;

struct NoteLimits {
  std::size_t facts_max = 3;
  std::size_t turns_max = 2;
  std::size_t turn_bytes_max = 160;  // of a turn's text; a longer one is cut at a word
  // Of a turn without such words (RecalledTurn). On LoCoMo the share of quotes that are evidence is highest
  // from 0.5 on: 33 of 100 (30 by words alone), and 46 of 100 questions are told some (33). Asked of somebody
  // else, where any quote is one too many, 12 of 100 are told something (9).
  float likeness_min = 0.5F;
};

// Few short sentences, each dated, for a language model to read.
struct PromptNote {
  std::vector<std::string> facts;   // The user's dog is Biscuit (8 May 2023).
  std::vector<std::string> quotes;  // On 8 May 2023 the user said: "We are going to Rome in June."
};

// Of a recall what helps to answer `text`.
// A turn has to share a name with the text, or half of its words and two at least, or to be like it in
// meaning. Questions are left out, since they tell nothing, turns that told a fact which is there already,
// and turns of the session `talk`, which the model has before it.
//
// Errors: those of reading.
Result<PromptNote> prompt_note(const UserGraph& graph, const Recall& recall, std::string_view text,
                               std::string_view talk, const NoteLimits& limits = {});

// "8 May 2023", in UTC.
std::string date_in_words(Timestamp at);

}  // namespace antiphon::context_store
