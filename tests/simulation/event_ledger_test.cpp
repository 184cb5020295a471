#include "tests/simulation/event_ledger.h"

#include <gtest/gtest.h>

#include <memory>

namespace antiphon::simulation {
namespace {

using namespace pipeline;

const WireId kResponse("resp_1");
const WireId kItem("item_1");

std::unique_ptr<const ResponseSnapshot> snapshot(const WireId& id) {
  auto response = std::make_unique<ResponseSnapshot>();
  response->id = id;
  response->conversation_id = WireId("conv_1");
  response->usage = ResponseUsage{};
  return response;
}

ConversationItem message() {
  return {kItem, ItemStatus::kInProgress, Message{Role::kAssistant, {}}};
}

class EventLedgerTest : public ::testing::Test {
 protected:
  std::string first_fault() const { return faults_.empty() ? "" : faults_.all().front(); }
  void begin() {
    ledger_.on_event(ResponseCreated{snapshot(kResponse)});
    ledger_.on_event(OutputItemAdded{kResponse, 0, message()});
    ledger_.on_event(ItemAdded{message(), {}});
    ledger_.on_event(ContentPartAdded{place_, {}});
    ledger_.on_event(OutputTextDelta{place_, "a"});
  }
  void end() {
    ledger_.on_event(ContentPartDone{place_, {}});
    ledger_.on_event(ItemDone{message(), {}});
    ledger_.on_event(OutputItemDone{kResponse, 0, message()});
    ledger_.on_event(ResponseDone{snapshot(kResponse)});
  }

  const ContentPlace place_{kResponse, kItem, 0, 0};
  fakes::FaultList faults_;
  EventLedger ledger_{&faults_};
};

TEST_F(EventLedgerTest, IsContentWithAWholeResponse) {
  begin();
  EXPECT_FALSE(ledger_.quiet());
  end();
  EXPECT_TRUE(ledger_.quiet());
  ledger_.on_end();
  EXPECT_EQ(first_fault(), "");
}

TEST_F(EventLedgerTest, MissesATerminal) {
  begin();
  ledger_.on_end();
  EXPECT_EQ(first_fault(), "response resp_1 has no terminal");
}

TEST_F(EventLedgerTest, NoticesASecondTerminal) {
  begin();
  end();
  ledger_.on_event(ResponseDone{snapshot(kResponse)});
  EXPECT_EQ(first_fault(), "an event of response resp_1, which is not open");
}

TEST_F(EventLedgerTest, NoticesAnItemThatIsLeftOpen) {
  begin();
  ledger_.on_event(ResponseDone{snapshot(kResponse)});
  EXPECT_EQ(first_fault(), "response resp_1 ends with an open item");
}

TEST_F(EventLedgerTest, NoticesLateContentAndTwoResponsesAtOnce) {
  begin();
  ledger_.on_event(ContentPartDone{place_, {}});
  ledger_.on_event(OutputAudioDelta{place_, {}});
  EXPECT_EQ(first_fault(), "content of a part that is not open");
  ledger_.on_event(ResponseCreated{snapshot(WireId("resp_2"))});
  EXPECT_EQ(faults_.all().back(), "two responses write to the conversation");
}

}  // namespace
}  // namespace antiphon::simulation
