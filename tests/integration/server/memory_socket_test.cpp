// What users say and what the memory's endpoints show of it, over real sockets, with fake networks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "models/stand_ins/word_embedder.h"
#include "pipeline/engine/engine.h"
#include "pipeline/memory/store_memory.h"
#include "pipeline/metrics/engine_metrics.h"
#include "tests/integration/server/running_server.h"
#include "tests/integration/server/socket_client.h"
#include "tests/integration/server/talk.h"
#include "tests/support/fakes/fake_networks.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kPhone = "ak_0123456789abcdefghijklmnopqrstuvwxyz";
const std::string kTablet = "ak_zyxwvutsrqponmlkjihgfedcba9876543210";

Access access() {
  Access access;
  access.keys = {{"phone", hash_of(kPhone), ""}, {"tablet", hash_of(kTablet), ""}};
  access.keys.front().requests_per_minute = 100'000;  // the tests ask again and again
  return access;
}

class MemorySocket : public ::testing::Test {
 protected:
  MemorySocket()
      : server_(test_config(), engine_, registry_, access(), {&engine_, &memory_, {"antiphon"}}),
        thread_([this] { server_.run(stop_.get_token(), false); }) {}
  ~MemorySocket() override {
    stop_.request_stop();
    thread_.join();
  }

  pipeline::EngineConfig engine_config() {
    pipeline::EngineConfig config;
    config.sessions_max = 2;
    config.io_threads = 2;
    config.memory = &memory_;
    return config;
  }

  // A session in writing, until its reply is over.
  void tell(const std::string& user, const std::string& text) {
    SocketClient client(server_.port());
    client.set_field("Authorization", "Bearer " + kPhone);
    open_session(client, "null", "/v1/realtime?antiphon_user=" + user);
    client.send(R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":)"
                R"([{"type":"input_text","text":")" +
                text + "\"}]}}");
    client.send(R"({"type":"response.create"})");
    for (;;) {
      const boost::json::value event = client.receive();
      ASSERT_FALSE(event.is_null());
      if (event.at("type").as_string() == "response.done") return;
    }
  }

  std::string request(const std::string& line, const std::string& key = kPhone,
                      const std::string& body = "") {
    return http_exchange(server_.port(),
                         line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + "Authorization: Bearer " +
                             key + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  }
  static boost::json::value body_of(const std::string& answer) {
    return boost::json::parse(answer.substr(answer.find("\r\n\r\n") + 4));
  }
  pipeline::Networks all_networks() {
    pipeline::Networks networks = networks_.networks();
    networks.embedder = &embedder_;
    return networks;
  }
  // The node of the user's graph whose label has this in it.
  std::optional<std::string> node_with(const std::string& user, const std::string& kind,
                                       const std::string& label) {
    const std::string answer = request("GET /v1/memory/" + user);
    if (!answer.starts_with("HTTP/1.1 200")) return std::nullopt;
    const boost::json::value graph = body_of(answer);
    for (const auto& node : graph.at("nodes").as_array()) {
      const std::string text(node.at("label").as_string());
      if (node.at("kind").as_string() == kind && text.find(label) != std::string::npos) {
        return std::string(node.at("id").as_string());
      }
    }
    return std::nullopt;
  }

  test::TemporaryFolder folder_;
  context_store::ContextStore store_{{.folder = folder_.path()}};
  pipeline::StoreMemory memory_{store_, {}};
  fakes::FaultList faults_;
  fakes::FakeNetworks networks_{2, 2000, &faults_};
  const models::stand_ins::WordEmbedder embedder_;
  pipeline::Engine engine_{all_networks(), engine_config()};
  pipeline::EngineRegistry registry_{&engine_, &memory_};
  Server server_;
  std::stop_source stop_;
  std::thread thread_;
};

TEST_F(MemorySocket, ShowsWhatAUserSaidAndWhatFollowsFromIt) {
  tell("igor", "My dog is called Rex.");
  ASSERT_TRUE(eventually([&] { return node_with("igor", "turn", "My dog is called Rex.").has_value(); }));
  EXPECT_TRUE(node_with("igor", "fact", "dog: Rex"));
  EXPECT_TRUE(node_with("igor", "session", "talk "));
  EXPECT_TRUE(node_with("igor", "entity", "Rex"));
  const auto recalled = body_of(request("POST /v1/memory/igor/recall", kPhone, R"({"text":"my dog"})"));
  EXPECT_EQ(recalled.at("turns").as_array()[0].at("label"), "My dog is called Rex.") << serialize(recalled);
  EXPECT_EQ(recalled.at("facts").as_array()[0].at("object"), "Rex") << serialize(recalled);
  EXPECT_THAT(request("GET /metrics"), HasSubstr("antiphon_memory_turns_total{end=\"committed\"}"));
}

TEST_F(MemorySocket, RecallsByMeaningWhereTheLanesComputeIt) {
  const auto recalled = [&] {
    const auto answer = body_of(request("POST /v1/memory/igor/recall", kPhone, R"({"text":"who is it"})"));
    return answer.at("turns").as_array().size();
  };
  tell("igor", "it is who it is");  // nothing that is looked for as a word
  ASSERT_TRUE(eventually([&] { return node_with("igor", "turn", "it is who it is").has_value(); }));
  EXPECT_EQ(recalled(), 0U);
  {
    const pipeline::MeaningService meaning(memory_, engine_);
    EXPECT_TRUE(eventually([&] { return recalled() > 0; }));
    EXPECT_THAT(request("GET /metrics"), Not(HasSubstr("antiphon_memory_turns_embedded_total 0")));
  }
  EXPECT_EQ(recalled(), 0U);
}

TEST_F(MemorySocket, KeepsWrittenWordsWhateverPromptTheyAreAnsweredWith) {
  {
    SocketClient client(server_.port());
    client.set_field("Authorization", "Bearer " + kPhone);
    open_session(client, "null", "/v1/realtime?antiphon_user=igor");
    for (const char* text : {"My dog is called Rex.", "I live in Berlin."}) {
      client.send(R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":)"
                  R"([{"type":"input_text","text":")" +
                  std::string(text) + "\"}]}}");
    }
    client.send(R"({"type":"response.create","response":{"instructions":"Say yes.","input":[]}})");
    for (std::string type; type != "response.done";) {
      const boost::json::value event = client.receive();
      ASSERT_FALSE(event.is_null());
      type = std::string(event.at("type").as_string());
    }
  }
  EXPECT_TRUE(eventually([&] { return node_with("igor", "fact", "home: Berlin").has_value(); }));
  EXPECT_TRUE(node_with("igor", "fact", "dog: Rex"));
}

TEST_F(MemorySocket, KeepsUsersAndKeysApart) {
  tell("igor", "My dog is called Rex.");
  ASSERT_TRUE(eventually([&] { return node_with("igor", "fact", "dog: Rex").has_value(); }));
  EXPECT_THAT(request("GET /v1/memory/anna"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(request("GET /v1/memory/igor", kTablet), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(request("POST /v1/memory/igor/recall", kTablet, R"({"text":"my dog"})"), Not(HasSubstr("Rex")));
  EXPECT_THAT(request("DELETE /v1/memory/igor", kTablet), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(request("GET /v1/memory/igor", "wrong"), StartsWith("HTTP/1.1 401"));
  EXPECT_TRUE(node_with("igor", "fact", "dog: Rex"));
}

TEST_F(MemorySocket, ForgetsAFactWithAllThatToldItThenATurnThenTheUser) {
  tell("igor", "My dog is called Rex.");
  tell("igor", "My dog is called Rex, and I live in Berlin.");
  tell("igor", "I like tea.");
  ASSERT_TRUE(eventually([&] { return node_with("igor", "fact", "likes: tea").has_value(); }));
  const std::string dog = node_with("igor", "fact", "dog: Rex").value();
  const auto forgotten = body_of(request("DELETE /v1/memory/igor/facts/" + dog.substr(dog.find(':') + 1)));
  EXPECT_EQ(forgotten.at("turns").as_array().size(), 2U);
  EXPECT_FALSE(node_with("igor", "turn", "Rex"));
  EXPECT_FALSE(node_with("igor", "fact", "Berlin"));
  const std::string turn = node_with("igor", "turn", "I like tea.").value();
  EXPECT_THAT(request("DELETE /v1/memory/igor/turns/" + turn.substr(turn.find(':') + 1)),
              StartsWith("HTTP/1.1 200"));
  EXPECT_FALSE(node_with("igor", "fact", "tea"));
  EXPECT_THAT(request("DELETE /v1/memory/igor/turns/999"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(request("DELETE /v1/memory/igor"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(request("GET /v1/memory/igor"), StartsWith("HTTP/1.1 404"));
}

TEST_F(MemorySocket, NamesWhatIsWrong) {
  EXPECT_THAT(request("PUT /v1/memory/igor"), HasSubstr("Allow: GET, DELETE"));
  EXPECT_THAT(request("GET /v1/memory/igor/recall"), StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(request("GET /v1/memory/igor?turns=x"), HasSubstr(R"("param":"turns")"));
  EXPECT_THAT(request("POST /v1/memory/igor/recall", kPhone, "{}"), HasSubstr(R"("param":"text")"));
  EXPECT_THAT(request("GET /v1/memory/igor/dreams"), StartsWith("HTTP/1.1 404"));
  SocketClient client(server_.port());
  client.set_field("Authorization", "Bearer " + kPhone);
  EXPECT_FALSE(client.open("/v1/realtime?antiphon_user="));
  EXPECT_EQ(client.response().result_int(), 400U);
}

// Takes questions and does not answer until the end.
class StalledMemory final : public pipeline::Memory {
 public:
  bool ask(std::unique_ptr<pipeline::MemoryQuestion>& question) noexcept override {
    const std::lock_guard lock(mutex_);
    questions_.push_back(std::move(question));
    return true;
  }
  bool keep(std::unique_ptr<pipeline::SaidTurn>& turn) noexcept override {
    turn.reset();
    return true;
  }
  void on_lost() noexcept override {}

  std::size_t answer_all() {
    const std::lock_guard lock(mutex_);
    for (const auto& question : questions_) {
      question->sink->deliver({question->session, question->generation, {{"It is too late for this."}, {}}});
    }
    return std::exchange(questions_, {}).size();
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<pipeline::MemoryQuestion>> questions_;
};

TEST(StalledMemorySocket, AReplyDoesNotWaitLongerThanTheDeadline) {
  StalledMemory memory;
  fakes::FaultList faults;
  fakes::FakeNetworks networks(1, 2000, &faults);
  pipeline::EngineConfig config;
  config.sessions_max = 1;
  config.io_threads = 2;
  config.memory = &memory;
  pipeline::Engine engine(networks.networks(), config);
  prometheus::Registry registry;
  Server server(test_config(), engine, registry);
  std::jthread thread([&server](const std::stop_token& stop) { server.run(stop, false); });
  {
    SocketClient client(server.port());
    open_session(client, "null", "/v1/realtime?antiphon_user=igor");
    client.send(R"({"type":"conversation.item.create","item":{"type":"message","role":"user","content":)"
                R"([{"type":"input_text","text":"bata bare"}]}})");
    client.send(R"({"type":"response.create"})");
    std::string type;
    while (type != "response.done") {
      const boost::json::value event = client.receive();
      ASSERT_FALSE(event.is_null());
      type = std::string(event.at("type").as_string());
    }
    EXPECT_EQ(engine.report().sessions, 1);
    EXPECT_EQ(memory.answer_all(), 1U);
  }
  EXPECT_TRUE(eventually([&] { return engine.report().sessions == 0; }));
}

}  // namespace
}  // namespace antiphon::server
