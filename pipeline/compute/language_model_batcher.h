#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "models/language_model.h"
#include "models/stepped.h"
#include "pipeline/compute/batch_plan.h"
#include "pipeline/compute/compute_executor.h"
#include "pipeline/compute/compute_task.h"
#include "pipeline/compute/shared_front.h"
#include "pipeline/compute/token_request.h"
#include "pipeline/runtime/mpsc_queue.h"
#include "pipeline/runtime/place_count.h"

namespace antiphon::pipeline {

// Serves all sessions' requests to one language model with common passes over its weights.
//
// Each pass takes one row of every request that decodes and a bounded piece of the prompts that are being
// prefilled; when it is done, each decoding request picks its next token and delivers it at once.
//
// Cancel:   a cancelled request gets no row in a later pass. If it is alone in the pass that runs, the
//           pass is dropped at the next step's boundary; else the others' work is kept and the request leaves
//           when that pass is done. Its slot is cut and the end is delivered then, so until the end comes the
//           slot is not the session's.
// Owner:    submit(), cancel(): any thread, never locking. Everything else belongs to the lane that steps it.
// Memory:   a pass allocates its rows, on a lane.
// Overload: submit() refuses beyond requests_max requests that have not ended.
// Errors:   an exception from the model ends the requests of the pass with kFailed.
// Lifetime: the model outlives it, and it outlives the executor.
class LanguageModelBatcher final : public StandingTask {
 public:
  struct Config {
    int requests_max = 64;
    int submitters_max = 8;  // threads that call submit() or cancel()
    BatchLimits limits = {};
    std::optional<models::Slot> front_slot = std::nullopt;  // no session's, for the opening that all share
  };
  struct Counts {
    std::uint64_t passes = 0;
    std::uint64_t passes_dropped = 0;
    std::uint64_t rows_decoded = 0;
    std::uint64_t rows_prefilled = 0;
    std::uint64_t rows_copied = 0;  // of openings that were read before
    std::uint64_t tokens_late = 0;  // picked after they were due
    std::uint64_t refused = 0;
  };

  LanguageModelBatcher(models::LanguageModel* model, const Config& config);
  ~LanguageModelBatcher() override;

  // Registers with the executor; before the lanes start, once.
  void attach(ComputeExecutor* executor);

  // False: refused, and `request` is still the caller's. REQUIRES: no other request for the slot in flight.
  [[nodiscard]] bool submit(TokenRequest& request);
  // The request ends with kCancelled, its slot cut to at most `slot_length_kept` tokens; one that has ended
  // already stays as it is. False: no room for the message now; say it again later.
  [[nodiscard]] bool cancel(SessionId session, Generation generation, int slot_length_kept);

  Counts counts() const;
  int requests_in_flight() const { return places_.taken(); }
  int requests_max() const { return config_.requests_max; }

  std::optional<Deadline> step(Time now) noexcept override;

 private:
  struct Message {
    std::optional<TokenRequest> request = std::nullopt;  // nothing: cancel what is named below
    SessionId session{};
    Generation generation{};
    int slot_length_kept = 0;
  };
  struct Active {
    TokenRequest request;
    std::size_t appended = 0;  // tokens of `append` that the slot holds
    int produced = 0;          // tokens delivered
    models::Token last_token = 0;
    int rows_in_pass = 0;                            // 0: not in the pass that runs
    std::optional<int> cancelled_to = std::nullopt;  // the length to keep
    bool ended = false;
    bool decoding() const { return appended == request.append.size(); }
  };

  void wake();
  bool read_messages(Time now);
  void accept(TokenRequest request, Time now);
  void mark_cancelled(const Message& message);
  void end_cancelled();
  void borrow_front(Active& active);
  void start_pass();
  void append_rows(const Active& active, std::vector<models::TokenRow>& rows);
  void step_pass(Time now);
  void complete_pass(Time now);
  void drop_pass();
  void fail_pass();
  void keep_front(const TokenRequest& request);
  void go_on(Active& active, Time now);
  void end(Active& active, TokenEnd how);
  std::optional<Deadline> next_deadline() const;
  static Deadline due(const Active& active);

  models::LanguageModel* const model_;
  const Config config_;
  ComputeExecutor* executor_ = nullptr;  // constant once attached
  ComputeExecutor::StandingId id_{};
  MpscQueue<Message> messages_;
  PlaceCount places_;  // of requests that have not ended

  // Only the lane that steps it.
  std::vector<Active> active_;
  std::optional<models::Stepped<void>> pass_;
  SharedFront front_;

  struct AtomicCounts {
    std::atomic<std::uint64_t> passes = 0;
    std::atomic<std::uint64_t> passes_dropped = 0;
    std::atomic<std::uint64_t> rows_decoded = 0;
    std::atomic<std::uint64_t> rows_prefilled = 0;
    std::atomic<std::uint64_t> rows_copied = 0;
    std::atomic<std::uint64_t> tokens_late = 0;
    std::atomic<std::uint64_t> refused = 0;
  };
  AtomicCounts counts_;  // any thread
};

}  // namespace antiphon::pipeline
