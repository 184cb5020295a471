#include "models/text/utf8.h"

#include <gtest/gtest.h>

#include <random>

namespace antiphon::models::text {
namespace {

std::string streamed(std::string_view bytes, std::size_t piece_bytes) {
  Utf8Stream stream;
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes)
    stream.push(bytes.substr(at, piece_bytes), &text);
  stream.finish(&text);
  return text;
}

TEST(Utf8, KnowsTheEdgesOfWellFormedSequences) {
  for (const std::string_view good : {"\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                      "\xEE\x80\x80", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(character_bytes(good), good.size());
    for (std::size_t cut = 1; cut < good.size(); ++cut) {
      EXPECT_EQ(character_bytes(good.substr(0, cut)), 0u);
      EXPECT_TRUE(is_cut_character(good.substr(0, cut)));
    }
    EXPECT_FALSE(is_cut_character(good));
  }
  for (const std::string_view bad : {"\x80", "\xC1\x81", "\xE0\x9F\x80", "\xED\xA0\x80", "\xF0\x8F\x80\x80",
                                     "\xF4\x90\x80\x80", "\xF5\x80", "\xC3\x28"}) {
    EXPECT_EQ(character_bytes(bad), 0u);
    EXPECT_FALSE(is_cut_character(bad));
  }
  EXPECT_EQ(character_bytes(""), 0u);
  EXPECT_FALSE(is_cut_character(""));
  EXPECT_EQ(well_formed_bytes("caf\xC3\xA9\xFF"), 5u);
}

TEST(Utf8Stream, HoldsBackOnlyWhatIsIncomplete) {
  Utf8Stream stream;
  std::string text;
  stream.push("a\xF0\x9F\x91", &text);
  EXPECT_EQ(text, "a");
  stream.push("\x8D!", &text);
  EXPECT_EQ(text, "a\xF0\x9F\x91\x8D!");
  stream.push("\xE6\x97", &text);
  stream.finish(&text);
  EXPECT_EQ(text, "a\xF0\x9F\x91\x8D!\uFFFD");
  stream.push("b", &text);
  EXPECT_EQ(text.back(), 'b') << "usable again";
}

TEST(Utf8Stream, NeverDamagesCompleteTextHoweverItIsCut) {
  const std::string text = "naïve 日本語 👨‍👩‍👧‍👦 \U0010FFFF plain";
  for (std::size_t piece = 1; piece <= text.size(); ++piece) EXPECT_EQ(streamed(text, piece), text);
}

TEST(Utf8Stream, TurnsAnyBytesIntoWellFormedTextThatDoesNotDependOnTheCuts) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes;
    for (std::size_t i = random() % 20; i > 0; --i) {
      static constexpr std::string_view kNasty = "a\xC3\xA9\xE0\x80\xED\xA0\xF0\x9F\xF4\x90\xFF\xBF";
      bytes += kNasty[random() % kNasty.size()];
    }
    const std::string whole = streamed(bytes, bytes.size() + 1);
    EXPECT_EQ(well_formed_bytes(whole), whole.size());
    EXPECT_EQ(streamed(bytes, 1), whole);
    EXPECT_EQ(streamed(bytes, 3), whole);
  }
}

}  // namespace
}  // namespace antiphon::models::text
