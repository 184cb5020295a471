#include "server/api/client_secrets.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <string>

#include "server/net/upgrade_request.h"

namespace antiphon::server {
namespace {
namespace json = boost::json;

ClientSecret secret_of(SecretDialect dialect, const std::string& body) {
  const auto requested = requested_secret(dialect, body, "phone", 1000);
  if (const auto* fault = std::get_if<HttpFault>(&requested)) {
    ADD_FAILURE() << fault->message;
    return {};
  }
  return std::get<ClientSecret>(requested);
}

std::string param_of_fault(const std::string& body) {
  const auto requested = requested_secret(SecretDialect::kCurrent, body, "", 0);
  const auto* fault = std::get_if<HttpFault>(&requested);
  return fault != nullptr ? fault->param : "none";
}

TEST(ClientSecrets, LiveTenMinutesUnlessTheBodySaysOtherwise) {
  EXPECT_EQ(secret_of(SecretDialect::kCurrent, "").expires, 1600);
  EXPECT_EQ(secret_of(SecretDialect::kCurrent, "{}").key_name, "phone");
  EXPECT_EQ(
      secret_of(SecretDialect::kCurrent, R"({"expires_after":{"anchor":"created_at","seconds":10}})").expires,
      1010);
  EXPECT_EQ(secret_of(SecretDialect::kBetaSession, R"({"model":"m"})").expires, 1060);
}

TEST(ClientSecrets, OpenTheSessionThatTheyWereMadeFor) {
  const ClientSecret secret = secret_of(
      SecretDialect::kCurrent, R"({"session":{"type":"realtime","model":"m","instructions":"Be brief.",)"
                               R"("audio":{"output":{"voice":"ash"}}}})");
  const auto request = std::get<pipeline::SessionRequest>(session_request("/v1/realtime", secret));
  EXPECT_EQ(request.type, pipeline::SessionType::kRealtime);
  EXPECT_EQ(request.model, "m");
  EXPECT_EQ(request.settings.instructions, "Be brief.");
  EXPECT_EQ(request.settings.voice, "ash");
  const auto other = session_request("/v1/realtime?intent=transcription", secret);
  EXPECT_EQ(std::get<HttpFault>(other).status, 403);
  const ClientSecret transcription = secret_of(SecretDialect::kBetaTranscription, "{}");
  EXPECT_EQ(std::get<pipeline::SessionRequest>(session_request("/realtime", transcription)).type,
            pipeline::SessionType::kTranscription);
}

TEST(ClientSecrets, NameTheUserOfTheirSessions) {
  EXPECT_EQ(secret_of(SecretDialect::kCurrent, R"({"user":"igor"})").user, "igor");
  EXPECT_EQ(secret_of(SecretDialect::kBetaSession, R"({"model":"m","user":"igor"})").user, "igor");
  EXPECT_EQ(secret_of(SecretDialect::kCurrent, "{}").user, "");
  EXPECT_EQ(param_of_fault(R"({"user":3})"), "user");
  EXPECT_EQ(param_of_fault(R"({"user":""})"), "user");
}

TEST(ClientSecrets, AnswerWithTheSecretAndItsSession) {
  const ClientSecret secret =
      secret_of(SecretDialect::kCurrent, R"({"session":{"type":"realtime","instructions":"Be brief."}})");
  const auto current = json::parse(secret_answer(SecretDialect::kCurrent, secret, "ek_x"));
  EXPECT_EQ(current.at("value"), "ek_x");
  EXPECT_EQ(current.at("expires_at"), 1600);
  EXPECT_EQ(current.at("session").at("instructions"), "Be brief.");
  EXPECT_EQ(current.at("session").at("type"), "realtime");
  const ClientSecret flat = secret_of(SecretDialect::kBetaSession, R"({"model":"m","voice":"ash"})");
  const auto beta = json::parse(secret_answer(SecretDialect::kBetaSession, flat, "ek_y"));
  EXPECT_EQ(beta.at("client_secret").at("value"), "ek_y");
  EXPECT_EQ(beta.at("model"), "m");
}

TEST(ClientSecrets, NameTheFieldThatIsWrong) {
  EXPECT_EQ(param_of_fault("[]"), "");
  EXPECT_EQ(param_of_fault(R"({"expires_after":{"seconds":9}})"), "expires_after.seconds");
  EXPECT_EQ(param_of_fault(R"({"expires_after":{"anchor":"now"}})"), "expires_after.anchor");
  EXPECT_EQ(param_of_fault(R"({"session":3})"), "session");
  EXPECT_EQ(param_of_fault(R"({"session":{"type":"video"}})"), "session.type");
  EXPECT_EQ(param_of_fault(R"({"session":{"instructions":")" + std::string(40'000, 'x') + "\"}}"), "session");
}

}  // namespace
}  // namespace antiphon::server
