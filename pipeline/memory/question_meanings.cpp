#include "pipeline/memory/question_meanings.h"

#include <algorithm>
#include <utility>

namespace antiphon::pipeline {
namespace {

constexpr std::size_t kUnsureFrom = 3;  // words, of which the last may be another

bool in_word(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
         byte == '\'' || static_cast<unsigned char>(byte) >= 0x80;
}

std::vector<std::string> lower_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char byte : text) {
    if (in_word(byte)) {
      if (!inside) words.emplace_back();
      words.back() += byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
    }
    inside = in_word(byte);
  }
  return words;
}

}  // namespace

bool begins(std::string_view text, std::string_view beginning) {
  const std::vector<std::string> whole = lower_words(text);
  const std::vector<std::string> part = lower_words(beginning);
  if (part.empty() || part.size() > whole.size() || 2 * part.size() < whole.size()) return false;
  const auto sure = static_cast<std::ptrdiff_t>(part.size() < kUnsureFrom ? part.size() : part.size() - 1);
  return std::equal(part.begin(), part.begin() + sure, whole.begin());
}

void QuestionMeanings::attach(JobDoor& lanes) {
  const std::lock_guard lock(mutex_);
  lanes_ = &lanes;
}

void QuestionMeanings::detach() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  lanes_ = nullptr;
}

QuestionMeanings::Entry* QuestionMeanings::find(SessionId session) {
  const auto entry = std::ranges::find(entries_, session, &Entry::session);
  return entry == entries_.end() ? nullptr : &*entry;
}

QuestionMeanings::Entry& QuestionMeanings::entry_of(SessionId session) {
  Entry* entry = find(session);
  if (entry == nullptr && entries_.size() < sessions_max_) entry = &entries_.emplace_back();
  if (entry == nullptr) entry = &*std::ranges::min_element(entries_, {}, &Entry::used);
  if (entry->session != session) {
    *entry = {};
    entry->session = session;
  }
  return *entry;
}

void QuestionMeanings::take(Entry& entry) {
  if (!entry.errand) return;
  const auto done = entry.errand->take();
  if (!done) return;
  entry.errand.reset();
  if (!done->result) return;
  entry.direction = done->result->front();
  entry.text = std::exchange(entry.asked, "");
}

std::optional<models::Embedding> QuestionMeanings::known(SessionId session, std::string_view text) {
  const std::lock_guard lock(mutex_);
  Entry* const entry = find(session);
  if (entry == nullptr) return std::nullopt;
  entry->used = ++uses_;
  take(*entry);
  return entry->direction && begins(text, entry->text) ? entry->direction : std::nullopt;
}

bool QuestionMeanings::wants(SessionId session, std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (lanes_ == nullptr) return false;
  Entry* const entry = find(session);
  if (entry == nullptr) return true;
  take(*entry);
  return entry->errand ? !begins(text, entry->asked) : entry->text != text;
}

void QuestionMeanings::begin(SessionId session, std::string_view text, const std::string& meaning) {
  const std::lock_guard lock(mutex_);
  if (lanes_ == nullptr || meaning.empty()) return;
  SharedJobSeat seat = lanes_->background_seat();
  if (seat->executor->overload_level() != OverloadLevel::kNone) return;
  Entry& entry = entry_of(session);
  entry.used = ++uses_;
  entry.errand = std::make_unique<EmbeddingErrand>(seat, bell_);  // cancels the one before
  entry.asked = text;
  // Before other work of the background: its user still speaks.
  if (!start_embedding(*entry.errand, std::move(seat), {meaning}, Deadline::at_once())) entry.errand.reset();
}

}  // namespace antiphon::pipeline
