#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "models/language_model.h"
#include "models/native/decoder_config.h"
#include "models/native/decoder_forward.h"
#include "models/native/decoder_source.h"
#include "models/native/decoder_weights.h"
#include "models/native/decoder_workspace.h"
#include "models/native/key_value_cache.h"

namespace antiphon::models {

// Llama and Qwen2 families on this repository's own kernels.
//
// Loading maps the file, repacks its matrices and gives the file's pages back; the embedding's rows stay in
// the file and are read one by one. Errors: the constructor throws std::runtime_error that names the file and
// the field or tensor.
class DecoderLanguageModel final : public LanguageModel {
 public:
  struct Options {
    int slots = 8;
    int context_tokens_max = 4096;  // cut to what the network was made for
    int passes_max = 2;             // each costs a workspace of some MB
    Arithmetic arithmetic = Arithmetic::kQuantised;
  };

  DecoderLanguageModel(std::unique_ptr<const DecoderSource> source, const Options& options);
  ~DecoderLanguageModel() override;

  const Info& info() const override { return info_; }
  int slots() const override { return static_cast<int>(slots_.size()); }
  int context_tokens_max() const override { return context_tokens_max_; }
  int passes_max() const override { return static_cast<int>(workspaces_.size()); }
  Stepped<void> forward(std::vector<TokenRow> rows) override;
  Stepped<void> forward_shared(std::vector<TokenRow> rows, WorkSharing* sharing) override;
  std::span<const float> logits(Slot slot) const override;
  int length(Slot slot) const override { return state(slot).length; }
  void truncate(Slot slot, int length) override;
  Stepped<void> copy_prefix(Slot from, Slot to, int length) override;
  void reset(Slot slot) override;
  Stepped<void> warm_up() override;

 private:
  struct SlotState {
    int length = 0;
    bool in_pass = false;
    bool has_logits = false;
    std::vector<float> logits;  // (vocabulary), allocated when first wanted
  };
  struct PooledWorkspace {
    std::unique_ptr<DecoderWorkspace> workspace;
    std::atomic<bool> taken = false;
  };
  class Pass;

  const SlotState& state(Slot slot) const;
  SlotState& state(Slot slot);
  std::vector<PassRow> place_rows(std::span<const TokenRow> rows) const;
  Stepped<void> run(Pass pass, WorkSharing* sharing);
  Stepped<void> run_copy(Pass pass, Slot from, Slot to, int length);

  const std::unique_ptr<const DecoderSource> source_;
  const DecoderConfig config_;
  const DecoderWeights weights_;
  const int context_tokens_max_;
  Info info_;
  KeyValueCache cache_;
  std::vector<SlotState> slots_;
  std::vector<PooledWorkspace> workspaces_;
};

}  // namespace antiphon::models
