#include "pipeline/memory/meaning_desk.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

namespace antiphon::pipeline {

using context_store::StoreError;
using context_store::Timestamp;
using context_store::TurnsToEmbed;

namespace {

constexpr std::chrono::seconds kGatherFor{1};  // what is said meanwhile shares a commit
constexpr std::chrono::milliseconds kOverloadedFor{500};
constexpr std::chrono::seconds kRetryAfter{30};

}  // namespace

// Lanes ring it; the doorbell's owner outlives them.
class MeaningDesk::Bell final : public JobBell {
 public:
  explicit Bell(Doorbell& bell) : bell_(bell) {}
  void ring() noexcept override { bell_.ring(); }

 private:
  Doorbell& bell_;
};

MeaningDesk::MeaningDesk(context_store::ContextStore& store, Doorbell& bell, const Config& config)
    : store_(store), config_(config), bell_(std::make_shared<Bell>(bell)) {}

MeaningDesk::~MeaningDesk() = default;

void MeaningDesk::attach(SharedJobSeat seat) {
  const std::lock_guard lock(mutex_);
  seat_ = std::move(seat);
  errand_.emplace(seat_, bell_);
  scan_ = true;
  due_ = Time::min();
  bell_->ring();
}

void MeaningDesk::detach() {
  const std::lock_guard lock(mutex_);
  errand_.reset();
  batch_.reset();
  seat_.reset();
  next_.clear();
  unseen_.clear();
  scan_ = false;
}

void MeaningDesk::on_committed(const UserPath& user, Ordinal turn, Time now) {
  const std::lock_guard lock(mutex_);
  if (!seat_ || read_only_) return;
  if (!has_work() && !batch_) due_ = now + kGatherFor;
  look_at(user, turn);
}

void MeaningDesk::look_at(const UserPath& user, Ordinal first) {
  if (const auto known = next_.find(user); known != next_.end()) {
    known->second = std::min(known->second, first);
  } else if (next_.size() < config_.users_max) {
    next_.emplace(user, first);
  } else {
    scan_ = true;
  }
}

void MeaningDesk::on_forgotten(Time now) {
  const std::lock_guard lock(mutex_);
  if (!seat_ || read_only_) return;
  if (batch_) {
    errand_.emplace(seat_, bell_);  // and what the old one was about is cancelled
    give_back_batch();
  }
  scan_ = true;
  due_ = now + kGatherFor;
}

void MeaningDesk::give_back_batch() {
  look_at(batch_->user, batch_->turns.front());
  batch_.reset();
}

std::optional<Time> MeaningDesk::due_at() const {
  const std::lock_guard lock(mutex_);
  if (!seat_ || read_only_ || batch_ || !has_work()) return std::nullopt;
  return due_;
}

bool MeaningDesk::run(Time now, Timestamp wall_now) {
  const std::lock_guard lock(mutex_);
  if (!seat_ || read_only_) return false;
  const bool kept = batch_ && take_directions(now, wall_now);
  if (batch_ || !has_work() || now < due_) return kept;
  if (seat_->executor->overload_level() != OverloadLevel::kNone) {
    due_ = now + kOverloadedFor;
    return kept;
  }
  if (next_.empty()) find_users(now, wall_now);
  if (!next_.empty()) look_at_next_user(now, wall_now);
  return kept;
}

// Whether they are on the disk.
bool MeaningDesk::take_directions(Time now, Timestamp wall_now) {
  const auto done = errand_->take();
  if (!done) return false;
  if (done->result) return keep(*done->result, now, wall_now);
  spdlog::error("memory: the meaning of {} turns could not be computed", batch_->turns.size());
  retry_batch(now);
  return false;
}

bool MeaningDesk::keep(const std::vector<models::Embedding>& directions, Time now, Timestamp wall_now) {
  const std::vector<std::span<const float>> spans(directions.begin(), directions.end());
  const auto kept = context_store::keep_directions(store_, batch_->user, batch_->turns, spans, wall_now);
  if (kept) {
    embedded_ += directions.size();
    batch_.reset();
    return true;
  }
  spdlog::error("memory: the meaning of {} turns was not kept: {}", directions.size(), kept.error().what);
  read_only_ = kept.error().kind == StoreError::Kind::kReadOnly;
  retry_batch(now);
  return false;
}

void MeaningDesk::retry_batch(Time now) {
  ++failed_;
  give_back_batch();
  due_ = now + kRetryAfter;
}

// One of all users, or the list of them.
void MeaningDesk::find_users(Time now, Timestamp wall_now) {
  if (unseen_.empty()) {
    const auto snapshot = store_.snapshot(context_store::Path(), wall_now);
    auto users = snapshot ? snapshot->users() : snapshot.error();
    if (!users) {
      spdlog::error("memory: the users cannot be listed: {}", users.error().what);
      due_ = now + kRetryAfter;
      return;
    }
    scan_ = false;
    unseen_ = std::move(users).value();
  }
  if (unseen_.empty()) return;
  look_at(unseen_.back(), 1);
  unseen_.pop_back();
}

void MeaningDesk::look_at_next_user(Time now, Timestamp wall_now) {
  auto entry = last_ ? next_.upper_bound(*last_) : next_.begin();
  if (entry == next_.end()) entry = next_.begin();
  const auto looked_at = next_.extract(entry);
  const UserPath& user = looked_at.key();
  last_ = user;
  auto found = context_store::turns_to_embed(store_, user, looked_at.mapped(), config_.turns_together,
                                             config_.looked_at_max, wall_now);
  if (!found) {
    if (found.error().kind == StoreError::Kind::kNotFound) return;  // forgotten
    ++failed_;
    spdlog::error("memory: the turns to embed cannot be read: {}", found.error().what);
    return;
  }
  if (found->after) look_at(user, *found->after);
  if (!found->turns.empty()) send(user, *std::move(found), now);
}

void MeaningDesk::send(const UserPath& user, TurnsToEmbed found, Time now) {
  batch_ = Batch{user, std::move(found.turns)};
  if (start_embedding(*errand_, seat_, std::move(found.texts), Deadline::never())) return;
  give_back_batch();
  due_ = now + kOverloadedFor;
}

void MeaningDesk::add_to(MemoryReport& report) const {
  const std::lock_guard lock(mutex_);
  report.turns_embedded = embedded_;
  report.embeddings_failed = failed_;
  report.users_to_embed = next_.size() + unseen_.size() + (batch_ ? 1 : 0);
}

}  // namespace antiphon::pipeline
