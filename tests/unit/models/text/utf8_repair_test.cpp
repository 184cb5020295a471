#include "models/text/utf8_repair.h"

#include <gtest/gtest.h>

namespace antiphon::models::text {
namespace {

TEST(Utf8Repair, LeavesValidTextAlone) {
  const std::string valid = "a\u00e9\u2581\U0001F600\u07ff\uffff";
  EXPECT_EQ(repair_utf8(valid), valid);
  EXPECT_EQ(repair_utf8(""), "");
}

TEST(Utf8Repair, ReplacesEachMaximalIllFormedPartOnce) {
  EXPECT_EQ(repair_utf8("a\xE2\x96"), "a\uFFFD");                          // a character that ends early
  EXPECT_EQ(repair_utf8("\xF0\x9F\x98z"), "\uFFFDz");                      // the same, then text
  EXPECT_EQ(repair_utf8("\x81\x81"), "\uFFFD\uFFFD");                      // continuations without a start
  EXPECT_EQ(repair_utf8("\xC0\xAF"), "\uFFFD\uFFFD");                      // overlong
  EXPECT_EQ(repair_utf8("\xE0\x80\xAF"), "\uFFFD\uFFFD\uFFFD");            // overlong
  EXPECT_EQ(repair_utf8("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");            // a surrogate
  EXPECT_EQ(repair_utf8("\xF4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD");  // beyond U+10FFFF
  EXPECT_EQ(repair_utf8("\xFF"), "\uFFFD");
}

}  // namespace
}  // namespace antiphon::models::text
