#include "models/native/decoder_language_model.h"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

namespace antiphon::models {

// The slots of one piece of work, which nothing else may touch, and (for a forward pass) a workspace. Lives
// in the coroutine's frame, so that dropping the coroutine gives everything back.
class DecoderLanguageModel::Pass {
 public:
  Pass(DecoderLanguageModel* model, std::vector<PassRow> pass_rows, std::vector<Slot> slots,
       bool needs_workspace)
      : rows(std::move(pass_rows)), model_(model), slots_(std::move(slots)) {
    for (const Slot slot : slots_) {
      assert(!model->state(slot).in_pass);
      model->state(slot).in_pass = true;
    }
    if (!needs_workspace) return;
    const auto free = std::ranges::find_if(model->workspaces_, [](PooledWorkspace& w) {
      return !w.taken.exchange(true, std::memory_order_acquire);
    });
    assert(free != model->workspaces_.end() && "more passes at once than passes_max()");
    pooled_ = &*free;
  }
  Pass(Pass&& other) noexcept
      : rows(std::move(other.rows)),
        model_(std::exchange(other.model_, nullptr)),
        slots_(std::move(other.slots_)),
        pooled_(std::exchange(other.pooled_, nullptr)) {}
  Pass& operator=(Pass&&) = delete;
  ~Pass() {
    if (model_ == nullptr) return;
    for (const Slot slot : slots_) model_->state(slot).in_pass = false;
    if (pooled_ != nullptr) pooled_->taken.store(false, std::memory_order_release);
  }

  DecoderWorkspace& workspace() const { return *pooled_->workspace; }

  std::vector<PassRow> rows;

 private:
  DecoderLanguageModel* model_;
  std::vector<Slot> slots_;
  PooledWorkspace* pooled_ = nullptr;
};

DecoderLanguageModel::DecoderLanguageModel(std::unique_ptr<const DecoderSource> source,
                                           const Options& options)
    : source_(std::move(source)),
      config_(source_->config()),
      weights_(load_decoder_weights(*source_, config_, options.arithmetic)),
      context_tokens_max_(std::min(options.context_tokens_max, config_.trained_context_tokens)),
      cache_({.slots = options.slots,
              .layers = config_.layers,
              .kv_heads = config_.kv_heads,
              .positions = context_tokens_max_,
              .head_size = config_.head_size}),
      slots_(static_cast<std::size_t>(options.slots)),
      workspaces_(static_cast<std::size_t>(options.passes_max)) {
  assert(options.slots > 0 && options.passes_max > 0 && context_tokens_max_ > 0);
  for (PooledWorkspace& pooled : workspaces_) {
    pooled.workspace = std::make_unique<DecoderWorkspace>(config_, options.slots, options.arithmetic);
  }
  info_ = {.name = config_.name,
           .family = config_.family,
           .layers = config_.layers,
           .width = config_.width,
           .vocabulary = config_.vocabulary,
           .trained_context_tokens = config_.trained_context_tokens,
           .weight_bytes = weights_.pass_bytes(),
           .cache_bytes_per_token = cache_.bytes_per_position()};
  source_->release_pages();
}

DecoderLanguageModel::~DecoderLanguageModel() {
  assert(std::ranges::none_of(slots_, &SlotState::in_pass) && "a pass outlives its model");
}

const DecoderLanguageModel::SlotState& DecoderLanguageModel::state(Slot slot) const {
  assert(index(slot) >= 0 && index(slot) < slots());
  return slots_[static_cast<std::size_t>(index(slot))];
}

DecoderLanguageModel::SlotState& DecoderLanguageModel::state(Slot slot) {
  return const_cast<SlotState&>(std::as_const(*this).state(slot));
}

// Gives each row the next position of its slot, and the last row of a slot that wants logits a row of them.
std::vector<PassRow> DecoderLanguageModel::place_rows(std::span<const TokenRow> rows) const {
  std::vector<int> next(slots_.size());
  std::vector<int> last_wanted(slots_.size(), -1);
  for (std::size_t i = 0; i < slots_.size(); ++i) next[i] = slots_[i].length;
  std::vector<PassRow> placed;
  placed.reserve(rows.size());
  for (const TokenRow& row : rows) {
    assert(index(row.slot) >= 0 && index(row.slot) < slots());
    assert(row.token >= 0 && row.token < config_.vocabulary);
    const auto slot = static_cast<std::size_t>(index(row.slot));
    assert(next[slot] < context_tokens_max_ && "the slot has no room left");
    if (row.wants_logits) last_wanted[slot] = static_cast<int>(placed.size());
    placed.push_back({row.slot, row.token, next[slot]++});
  }
  int logits_rows = 0;
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const bool wanted = last_wanted[static_cast<std::size_t>(index(placed[i].slot))] == static_cast<int>(i);
    if (wanted) placed[i].logits_row = logits_rows++;
  }
  return placed;
}

Stepped<void> DecoderLanguageModel::forward(std::vector<TokenRow> rows) {
  return forward_shared(std::move(rows), nullptr);
}

Stepped<void> DecoderLanguageModel::forward_shared(std::vector<TokenRow> rows, WorkSharing* sharing) {
  assert(!rows.empty());
  std::vector<Slot> named;
  for (const TokenRow& row : rows) named.push_back(row.slot);
  std::ranges::sort(named);
  named.erase(std::ranges::unique(named).begin(), named.end());
  return run(Pass(this, place_rows(rows), std::move(named), /*needs_workspace=*/true), sharing);
}

Stepped<void> DecoderLanguageModel::run(Pass pass, WorkSharing* sharing) {
  DecoderWorkspace& work = pass.workspace();
  work.budget = {};
  work.sharing = sharing;
  const std::span<const PassRow> rows = pass.rows;
  for (std::size_t begin = 0; begin < rows.size(); begin += DecoderWorkspace::kRowsMax) {
    const std::size_t count = std::min<std::size_t>(DecoderWorkspace::kRowsMax, rows.size() - begin);
    co_await forward_chunk(config_, weights_, rows.subspan(begin, count), &cache_, &work);
  }
  const auto vocabulary = static_cast<std::ptrdiff_t>(config_.vocabulary);
  for (const PassRow& row : rows) {
    SlotState& slot = state(row.slot);
    slot.length = row.position + 1;
    if (row.logits_row < 0) continue;
    const auto logits = work.logits.begin() + row.logits_row * vocabulary;
    slot.logits.assign(logits, logits + vocabulary);
    slot.has_logits = true;
  }
}

std::span<const float> DecoderLanguageModel::logits(Slot slot) const {
  const SlotState& at = state(slot);
  return at.has_logits ? std::span<const float>(at.logits) : std::span<const float>();
}

void DecoderLanguageModel::truncate(Slot slot, int length) {
  SlotState& at = state(slot);
  assert(!at.in_pass && 0 <= length && length <= at.length);
  at.length = length;
}

Stepped<void> DecoderLanguageModel::copy_prefix(Slot from, Slot to, int length) {
  assert(from != to && 0 <= length && length <= state(from).length);
  return run_copy(Pass(this, {}, {from, to}, /*needs_workspace=*/false), from, to, length);
}

Stepped<void> DecoderLanguageModel::run_copy([[maybe_unused]] Pass pass, Slot from, Slot to, int length) {
  StepBudget budget;
  for (int layer = 0; layer < config_.layers; ++layer) {
    cache_.copy_layer(from, to, layer, length);
    const double bytes = static_cast<double>(info_.cache_bytes_per_token) / config_.layers * length;
    if (budget.spend(4 * bytes, 0)) co_await kNextStep;  // read, written, and the pages cleared before
  }
  state(to).length = length;
  state(to).has_logits = false;
}

void DecoderLanguageModel::reset(Slot slot) {
  SlotState& at = state(slot);
  assert(!at.in_pass);
  at.length = 0;
  at.has_logits = false;
  cache_.release(slot);
}

Stepped<void> DecoderLanguageModel::warm_up() {
  const Slot slot{0};
  assert(length(slot) == 0);
  const std::vector<Token> prompt(static_cast<std::size_t>(std::min(16, context_tokens_max_ - 1)), 0);
  co_await forward(rows_of(slot, prompt));
  co_await forward(rows_of(slot, std::span(prompt).first(1)));
  reset(slot);
}

}  // namespace antiphon::models
