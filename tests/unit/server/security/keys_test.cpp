#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>
#include <string>

#include "server/security/base64url.h"
#include "server/security/key_file.h"
#include "server/security/key_hash.h"
#include "server/security/security_config.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::server {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string fault(const std::string& toml) {
  try {
    parse_keys(toml, "keys.toml");
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

const std::string kHash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST(KeyHash, IsSha256) {
  EXPECT_EQ(hex_of(hash_of("abc")), kHash);  // FIPS 180-4's example
  EXPECT_TRUE(same_hash(*hash_from_hex(kHash), hash_of("abc")));
  EXPECT_FALSE(same_hash(hash_of("abd"), hash_of("abc")));
  EXPECT_FALSE(hash_from_hex(kHash.substr(1)));
  EXPECT_FALSE(hash_from_hex("g" + kHash.substr(1)));
}

TEST(NewKey, IsDifferentEachTimeAndFitsIntoAToken) {
  std::set<std::string> keys;
  for (int i = 0; i < 100; ++i) keys.insert(new_key());
  EXPECT_EQ(keys.size(), 100U);
  for (const std::string& key : keys) {
    EXPECT_EQ(key.size(), 46U);
    EXPECT_TRUE(key.starts_with("ak_"));
    EXPECT_EQ(key.find_first_of("+/= "), std::string::npos);
  }
}

TEST(Base64Url, ReadsWhatItWrites) {
  for (std::string bytes; bytes.size() < 20; bytes += static_cast<char>(0xF0 + bytes.size())) {
    EXPECT_EQ(base64url_decoded(base64url(bytes)), bytes);
  }
  EXPECT_EQ(base64url("\xFB\xFF"), "-_8");
  EXPECT_FALSE(base64url_decoded("+_8"));
  EXPECT_FALSE(base64url_decoded("a"));
  EXPECT_FALSE(base64url_decoded("ab cd"));
}

TEST(KeyFile, ReadsWhatItWritesAndHoldsNoKey) {
  const test::TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / "deep" / "keys.toml";
  const std::string key = new_key();
  KeyRecord phone{"phone", hash_of(key), "2026-01-02T03:04:05Z"};
  phone.sessions_max = 2;
  phone.bytes_per_minute = 5'000'000'000;
  EXPECT_TRUE(read_keys(file).empty());
  write_keys(file, {phone, {"kiosk", hash_of("x"), ""}});
  const auto keys = read_keys(file);
  ASSERT_EQ(keys.size(), 2U);
  const KeyRecord& read = keys[0].name == "phone" ? keys[0] : keys[1];
  EXPECT_EQ(read.name, "phone");
  EXPECT_TRUE(same_hash(read.hash, hash_of(key)));
  EXPECT_EQ(read.created, phone.created);
  EXPECT_EQ(read.sessions_max, 2);
  EXPECT_EQ(read.requests_per_minute, std::nullopt);
  EXPECT_EQ(read.bytes_per_minute, 5'000'000'000);
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_THAT(text, Not(HasSubstr(key)));
  EXPECT_EQ(std::filesystem::status(file).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(KeyFile, NamesWhatIsWrong) {
  const std::string good = "[keys.a]\nsha256 = \"" + kHash + "\"\n";
  EXPECT_EQ(fault(good), "");
  EXPECT_THAT(fault("[keys.a]\nsha256 = \"12\"\n"), HasSubstr("keys.toml, keys.a: sha256 must be 64"));
  EXPECT_THAT(fault("[keys.a]\n"), HasSubstr("sha256 must be"));
  EXPECT_THAT(fault("[keys.\"a b\"]\nsha256 = \"" + kHash + "\"\n"), HasSubstr("a name has 1 to 64"));
  EXPECT_THAT(fault(good + "sessions_max = 0\n"), HasSubstr("sessions_max must be a whole number from 1"));
  EXPECT_THAT(fault(good + "session_max = 1\n"), HasSubstr("there is no setting session_max"));
  EXPECT_THAT(fault("[key.a]\n"), HasSubstr("there is no section key"));
  EXPECT_THAT(fault("[keys\n"), HasSubstr("keys.toml, line 1: "));
}

TEST(LoadAccess, WantsTheFileThatTheConfigNames) {
  const test::TemporaryFolder folder;
  SecurityConfig config;
  config.keys_file = folder.file("keys.toml").string();
  EXPECT_THROW(load_access(config), std::runtime_error);
  write_keys(config.keys_file, {{"phone", hash_of("x"), ""}});
  EXPECT_EQ(load_access(config).keys.size(), 1U);
}

}  // namespace
}  // namespace antiphon::server
