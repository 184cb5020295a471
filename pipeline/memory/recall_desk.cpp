#include "pipeline/memory/recall_desk.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <string_view>
#include <utility>

#include "context_store/meaning.h"
#include "context_store/on_graph.h"
#include "context_store/prompt_note.h"

namespace antiphon::pipeline {

using context_store::PromptNote;
using context_store::Result;
using context_store::StoreError;

bool RecallDesk::ask(std::unique_ptr<MemoryQuestion>& question) noexcept {
  Asked asked{std::move(question), Clock::now()};
  if (!questions_.push(std::move(asked))) {
    question = std::move(asked.question);  // NOLINT(bugprone-use-after-move): a refused value is as before
    refused_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  bell_.ring();
  return true;
}

void RecallDesk::run() {
  Asked asked;
  while (questions_.pop(asked)) {
    MemoryAnswer answer{asked.question->session, asked.question->generation, {}};
    Result<PromptNote> note = note_for(*asked.question);
    if (note) {
      answer.note = std::move(note).value();
    } else if (note.error().kind != StoreError::Kind::kNotFound) {
      failed_.fetch_add(1, std::memory_order_relaxed);
      spdlog::error("memory: recall failed: {}", note.error().what);
    }
    times_.record(Clock::now() - asked.at);
    asked.question->sink->deliver(std::move(answer));
    if (asked.question->goes_on) think_ahead(*asked.question);
    asked.question.reset();
  }
}

Result<PromptNote> RecallDesk::note_for(const MemoryQuestion& question) {
  const std::optional<models::Embedding> direction = meanings_.known(question.session, question.text);
  if (direction) by_meaning_.fetch_add(1, std::memory_order_relaxed);
  context_store::RecallQuery query{.text = question.text, .now = question.now, .out_of_time = [&question] {
                                     return question.deadline.passed(Clock::now());
                                   }};
  if (direction) query.direction = *direction;
  return on_graph(store_, question.user, question.now, [&](const auto& graph) -> Result<PromptNote> {
    const auto recall = recaller_.recall(graph, query);
    if (!recall) return recall.error();
    if (!recall->complete) cut_off_.fetch_add(1, std::memory_order_relaxed);
    return context_store::prompt_note(graph, *recall, question.text, question.talk);
  });
}

// When it has its answer: the direction of these words will serve those that follow.
void RecallDesk::think_ahead(const MemoryQuestion& question) {
  if (!meanings_.wants(question.session, question.text)) return;
  const auto meaning = on_graph(store_, question.user, question.now, [&](const auto& graph) {
    return context_store::meaning_of(graph, std::string_view(question.text));
  });
  if (meaning) meanings_.begin(question.session, question.text, *meaning);
}

}  // namespace antiphon::pipeline
