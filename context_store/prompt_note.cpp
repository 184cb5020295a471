#include "context_store/prompt_note.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "context_store/new_turn.h"
#include "context_store/read_snapshot.h"
#include "context_store/recall.h"
#include "context_store/text/statements.h"
#include "context_store/text/terms.h"
#include "context_store/text/words.h"

namespace antiphon::context_store {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};

// What a text asks about.
struct Asked {
  std::vector<Term> terms;
  std::vector<std::string> names;
};

Asked asked_by(std::string_view text) {
  return {terms_of(text).terms, names_in(words_in(text))};
}

bool bears_on(const std::string& said, const Asked& asked) {
  const std::vector<std::string> names = names_in(words_in(said));
  const auto named = [&](const std::string& name) { return std::ranges::count(asked.names, name) > 0; };
  if (std::ranges::any_of(names, named)) return true;
  std::ptrdiff_t shared = 0;
  for (const Term& term : terms_of(said).terms) {
    shared += std::ranges::count(asked.terms, term.stem, &Term::stem);
  }
  return shared >= 2 && 2 * shared >= std::ssize(asked.terms);
}

// One line, cut at a word.
std::string shortened(std::string text, std::size_t bytes_max) {
  std::ranges::replace(text, '\n', ' ');
  if (text.size() <= bytes_max) return text;
  const std::size_t space = text.rfind(' ', bytes_max);
  text.resize(space == std::string::npos ? 0 : space);
  return text + " ...";
}

Result<std::string> name_of(const UserGraph& graph, NodeId node) {
  if (node == kUserNode) return std::string("the user");
  Result<Entity> entity = graph.entity(node.ordinal);
  if (!entity) return entity.error();
  return std::move(entity).value().name;
}

Result<std::string> line_of(const UserGraph& graph, const Fact& fact) {
  Result<std::string> subject = name_of(graph, fact.subject);
  if (!subject) return subject.error();
  std::string line = *subject;
  if (fact.subject == kUserNode) line.front() = 'T';
  const bool verb = fact.relation == "likes" || fact.relation == "dislikes";
  line += verb ? " " + fact.relation + " " : "'s " + fact.relation + " is ";
  return line + fact.object + " (" + date_in_words(fact.valid_from) + ").";
}

Result<std::string> speaker_of(const UserGraph& graph, const Turn& turn) {
  Result<std::string> speaker = name_of(graph, turn.speaker);
  if (speaker && *speaker == kAssistantSpeaker) return std::string("you");
  return speaker;
}

}  // namespace

std::string date_in_words(Timestamp at) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(at));
  return std::to_string(static_cast<unsigned>(date.day())) + " " +
         std::string(kMonths[static_cast<unsigned>(date.month()) - 1]) + " " +
         std::to_string(static_cast<int>(date.year()));
}

Result<PromptNote> prompt_note(const UserGraph& graph, const Recall& recall, std::string_view text,
                               std::string_view talk, const NoteLimits& limits) {
  PromptNote note;
  std::vector<Ordinal> told;
  for (const RecalledFact& recalled : recall.facts) {
    if (note.facts.size() >= limits.facts_max) break;
    Result<std::string> line = line_of(graph, recalled.fact);
    if (!line) return line.error();
    note.facts.push_back(std::move(line).value());
    told.push_back(recalled.fact.source_turn);
  }
  const Result<Session> present = graph.session(talk);
  if (!present && present.error().kind != StoreError::Kind::kNotFound) return present.error();
  const Asked asked = asked_by(text);
  for (const RecalledTurn& recalled : recall.turns) {
    if (note.quotes.size() >= limits.turns_max) break;
    const Turn& turn = recalled.turn;
    const bool known =
        (present && present->ordinal == turn.session) || std::ranges::count(told, turn.ordinal) > 0;
    if (known || is_question(turn.text)) continue;
    if (recalled.likeness < limits.likeness_min && !bears_on(turn.text, asked)) continue;
    Result<std::string> speaker = speaker_of(graph, turn);
    if (!speaker) return speaker.error();
    note.quotes.push_back("On " + date_in_words(turn.at) + " " + *speaker + " said: \"" +
                          shortened(turn.text, limits.turn_bytes_max) + "\"");
  }
  return note;
}

}  // namespace antiphon::context_store
