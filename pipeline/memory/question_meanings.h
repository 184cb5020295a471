#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/jobs/embedding_job.h"
#include "pipeline/runtime/ids.h"

namespace antiphon::pipeline {

// Whether a text begins with these words, near enough that their direction of meaning serves for it: its
// first half at least, whatever the marks, and the last of three or more words may have been heard wrongly.
bool begins(std::string_view text, std::string_view beginning);

// The directions of meaning of what sessions ask, computed in the background of the lanes while their users
// still speak. A question takes the newest one of its session that its words begin with; none ever waits.
//
// Owner:    attach(), detach(): any thread; the rest: the thread that recalls.
// Memory:   2 KB for each of sessions_max sessions; a further one takes the place of whoever asked longest
//           ago.
// Overload: one text of a session is on the lanes; what comes meanwhile is not computed, unless that text is
//           of no use any more. Nothing is computed while the lanes give something up.
class QuestionMeanings {
 public:
  explicit QuestionMeanings(std::size_t sessions_max) : sessions_max_(sessions_max) {}

  // From now on there are lanes to compute on, until detach(); nothing of them is used after that.
  void attach(JobDoor& lanes);
  void detach();

  std::optional<models::Embedding> known(SessionId session, std::string_view text);
  // Whether begin() would start anything.
  bool wants(SessionId session, std::string_view text);
  // Starts computing what `meaning` (of the text) points to.
  void begin(SessionId session, std::string_view text, const std::string& meaning);

 private:
  struct Entry {
    SessionId session{};
    std::uint64_t used = 0;  // the higher, the later
    std::string asked;       // being computed
    std::unique_ptr<EmbeddingErrand> errand;
    std::string text;  // whose direction this is
    std::optional<models::Embedding> direction;
  };
  // Rung for nothing: whoever asks next looks.
  class Silence final : public JobBell {
    void ring() noexcept override {}
  };

  Entry* find(SessionId session);
  Entry& entry_of(SessionId session);
  static void take(Entry& entry);

  const std::size_t sessions_max_;
  const std::shared_ptr<JobBell> bell_ = std::make_shared<Silence>();
  std::mutex mutex_;  // guards all below
  JobDoor* lanes_ = nullptr;
  std::vector<Entry> entries_;
  std::uint64_t uses_ = 0;
};

}  // namespace antiphon::pipeline
