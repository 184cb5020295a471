#include "server/protocol/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace antiphon::server::protocol {
namespace {

std::string encoded(std::size_t size) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<std::byte>(255 - i * 7));
  std::string text = "kept ";
  append_base64(text, bytes);
  EXPECT_TRUE(text.starts_with("kept "));
  EXPECT_EQ(base64_decoded(text.substr(5)), bytes);
  return text.substr(5);
}

TEST(Base64, WritesAndReadsEveryLength) {
  EXPECT_EQ(encoded(0), "");
  EXPECT_EQ(encoded(1), "/w==");
  EXPECT_EQ(encoded(2), "//g=");
  EXPECT_EQ(encoded(3), "//jx");
  for (std::size_t size = 4; size < 200; ++size) encoded(size);
}

TEST(Base64, RefusesWhatIsNone) {
  for (const char* text : {"A", "AA", "AAA", "AAAAA", "====", "A===", "AA=A", "=AAA", "AA==AAAA", "AAA\n",
                           " AAA", "AA A", "AAA-", "AAAA\n\n\n\n", "AAA_", "AAA=AAA=", "A\u00e4A"}) {
    EXPECT_FALSE(base64_decoded(text)) << text;
  }
}

}  // namespace
}  // namespace antiphon::server::protocol
