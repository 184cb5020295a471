#include "models/catalogue/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace antiphon::models {
namespace {

std::string digest(const std::string& text, std::size_t piece) {
  Sha256 sha256;
  for (std::size_t begin = 0; begin < text.size(); begin += piece) {
    sha256.add(std::as_bytes(std::span(text)).subspan(begin, std::min(piece, text.size() - begin)));
  }
  return sha256.finish();
}

TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(digest("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 64),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(digest(std::string(1'000'000, 'a'), 4096),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DoesNotDependOnThePieces) {
  for (const std::size_t length : {55, 56, 63, 64, 65, 119, 120, 128, 200}) {
    const std::string text(length, 'x');
    for (const std::size_t piece : {1, 7, 63, 64, 65}) EXPECT_EQ(digest(text, piece), digest(text, length));
  }
}

}  // namespace
}  // namespace antiphon::models
