// Recall by meaning with the real embedder, over a store: what is said is embedded by the engine's lanes, and
// a question finds what shares no word with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/engine/engine.h"
#include "pipeline/memory/store_memory.h"
#include "tests/integration/voice/small_voice.h"
#include "tests/support/memory_store.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using pipeline::MemoryAnswer;
using pipeline::MemoryQuestion;
using testing::ElementsAre;
using testing::IsEmpty;

class Answer final : public pipeline::MemorySink {
 public:
  void deliver(MemoryAnswer&& answer) noexcept override { answer_.set_value(std::move(answer)); }
  std::vector<std::string> quotes() { return answer_.get_future().get().note.quotes; }

 private:
  std::promise<MemoryAnswer> answer_;
};

class MemoryMeaning : public ::testing::Test {
 protected:
  static pipeline::EngineConfig config(pipeline::StoreMemory* memory) {
    pipeline::EngineConfig config;
    config.sessions_max = kSmallVoiceSeats;
    config.memory = memory;
    return config;
  }
  void keep(const std::string& text) {
    auto said = std::make_unique<pipeline::SaidTurn>(pipeline::SaidTurn{igor_, test::said("before", text)});
    ASSERT_TRUE(memory_.keep(said));
  }
  // As a session asks.
  std::vector<std::string> quotes_for(const std::string& text, bool goes_on) {
    Answer answer;
    auto question = std::make_unique<MemoryQuestion>(
        MemoryQuestion{pipeline::SessionId{1'000'000}, pipeline::Generation{1}, igor_, "now", text,
                       test::moment(1000), pipeline::Deadline::never(), &answer, goes_on});
    EXPECT_TRUE(memory_.ask(question));
    return answer.quotes();
  }
  template <typename Condition>
  static bool eventually(Condition condition) {
    for (int tries = 0; tries < 3000; ++tries) {
      if (condition()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  const test::TemporaryFolder folder_;
  const context_store::UserPath igor_ = test::user_path("open", "igor");
  context_store::ContextStore store_{{.folder = folder_.path()}};
  pipeline::StoreMemory memory_{store_, {}};
  pipeline::Engine engine_{small_voice().networks(), config(&memory_)};
};

TEST_F(MemoryMeaning, AQuestionFindsWhatSharesNoWordWithIt) {
  keep("My favourite meal is spaghetti with tomatoes.");
  keep("The car needs new tyres before the winter.");
  keep("Yesterday I cooked soup for everybody.");
  const std::string beginning = "What food do I like";
  const std::string question = "What food do I like best?";
  EXPECT_THAT(quotes_for(question, false), IsEmpty());

  const pipeline::MeaningService meaning(memory_, engine_);
  ASSERT_TRUE(eventually([&] { return memory_.report().turns_embedded == 3; }));
  std::vector<std::string> quotes;
  EXPECT_TRUE(eventually([&] {
    quotes_for(beginning, true);
    quotes = quotes_for(question, false);
    return memory_.report().questions_by_meaning > 0;
  }));
  EXPECT_THAT(quotes,
              ElementsAre("On 8 May 2023 the user said: \"My favourite meal is spaghetti with tomatoes.\""));
}

}  // namespace
}  // namespace antiphon::server
