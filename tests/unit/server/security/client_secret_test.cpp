#include "server/security/client_secret.h"

#include <gtest/gtest.h>

#include <string>

namespace antiphon::server {
namespace {

const ClientSecret kSecret{"phone", 1000,
                           R"({"type":"realtime","instructions":"Say \"hello\" in one line"})"};

SecretFault fault_of(const std::variant<ClientSecret, SecretFault>& read) {
  return std::get<SecretFault>(read);
}

TEST(ClientSecret, SaysWhatWasSignedUntilItExpires) {
  const SecretSigner signer;
  const std::string token = signer.sign(kSecret);
  EXPECT_TRUE(token.starts_with("ek_"));
  EXPECT_EQ(std::get<ClientSecret>(signer.read(token, 999)), kSecret);
  EXPECT_EQ(fault_of(signer.read(token, 1000)), SecretFault::kExpired);
  ClientSecret of_user = kSecret;
  of_user.user = "igor with spaces";
  EXPECT_EQ(std::get<ClientSecret>(signer.read(signer.sign(of_user), 999)), of_user);
  EXPECT_EQ(std::get<ClientSecret>(signer.read(signer.sign({"", 7, "{}"}), 6)), (ClientSecret{"", 7, "{}"}));
}

TEST(ClientSecret, IsNotOursIfAnythingWasChanged) {
  const SecretSigner signer;
  const std::string token = signer.sign(kSecret);
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(fault_of(signer.read(changed, 0)), SecretFault::kNotOurs) << i;
  }
  for (const char* other : {"", "ek_", "ek_.", "sk_abc.def", "ek_abc"}) {
    EXPECT_EQ(fault_of(signer.read(other, 0)), SecretFault::kNotOurs) << other;
  }
  EXPECT_EQ(fault_of(signer.read(token.substr(0, token.size() - 1), 0)), SecretFault::kNotOurs);
}

TEST(ClientSecret, OfAnotherServerIsNotOurs) {
  const SecretSigner ours;
  const SecretSigner theirs;
  EXPECT_EQ(fault_of(ours.read(theirs.sign(kSecret), 0)), SecretFault::kNotOurs);
}

TEST(ClientSecret, HoldsOnlySignsThatASubprotocolMayHave) {
  const std::string token = SecretSigner().sign({"phone", 1, std::string(3000, '\xFF')});
  for (const char c : token)
    EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.');
}

}  // namespace
}  // namespace antiphon::server
