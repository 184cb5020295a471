#include "server/protocol/append_reader.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "server/protocol/base64.h"
#include "server/protocol/client_reader.h"
#include "tests/support/allocation_count.h"

namespace antiphon::server::protocol {
namespace {

using pipeline::AppendInputAudio;

TEST(PlainAppend, ReadsWhatClientsSend) {
  for (const char* message :
       {R"({"type":"input_audio_buffer.append","audio":"AQID"})",
        R"({"type": "input_audio_buffer.append", "event_id": "e1", "audio": "AQID"})",
        R"({"audio":"AQID","event_id":"e1","type":"input_audio_buffer.append"})",
        " { \"event_id\" : \"e1\" ,\n\"type\" : \"input_audio_buffer.append\" , \"audio\" : \"AQID\" } \n"}) {
    const auto event = plain_append(message);
    ASSERT_TRUE(event) << message;
    EXPECT_EQ(std::get<AppendInputAudio>(event->body).audio, base64_decoded("AQID"));
    EXPECT_TRUE(event->event_id.empty() || event->event_id == "e1");
  }
}

TEST(PlainAppend, LeavesAllElseToTheParser) {
  for (const char* message :
       {"", "{", "{}", "[]", R"({"type":"input_audio_buffer.append"})", R"({"audio":"AQID"})",
        R"({"type":"input_audio_buffer.append","audio":"AQID")",
        R"({"type":"input_audio_buffer.append","audio":"AQID"} x)",
        R"({"type":"input_audio_buffer.append","audio":"AQID",})",
        R"({"type":"input_audio_buffer.append","audio":"AQ"})",
        R"({"type":"input_audio_buffer.append","audio":7})",
        R"({"type":"input_audio_buffer.append","audio":"AQID","audio":"AQID"})",
        R"({"type":"input_audio_buffer.append","audio":"AQID","more":"x"})",
        R"({"type":"input_audio_buffer.append","event_id":"\n","audio":"AQID"})",
        R"({"type":"input_audio_buffer.append","event_id":"a\"b","audio":"AQID"})",
        "{\"type\":\"input_audio_buffer.append\",\"event_id\":\"\xff\",\"audio\":\"AQID\"}",
        R"({"type":"input_audio_buffer.commit","audio":"AQID"})"}) {
    EXPECT_FALSE(plain_append(message)) << message;
  }
}

TEST(PlainAppend, AllocatesOnlyTheSound) {
  std::string message = R"({"type":"input_audio_buffer.append","audio":")";
  append_base64(message, std::vector<std::byte>(960));
  message += "\"}";
  const auto before = test::allocation_count();
  const auto event = plain_append(message);
  const auto allocations = test::allocation_count() - before;
  ASSERT_TRUE(event);
  EXPECT_EQ(allocations, 1);
}

}  // namespace
}  // namespace antiphon::server::protocol
