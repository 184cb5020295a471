#include "models/text/local_agreement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace antiphon::models::text {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LocalAgreement, ConfirmsWhatTwoHypothesesInARowShareButNeverTheLastWord) {
  LocalAgreement agreement;
  EXPECT_THAT(agreement.add({"I", "would"}), IsEmpty());
  EXPECT_THAT(agreement.add({"I", "would", "like"}), ElementsAre("I", "would"));
  EXPECT_THAT(agreement.add({"I", "would", "like"}), IsEmpty());
  EXPECT_THAT(agreement.add({"I", "would", "like", "tea", "please"}), ElementsAre("like"));
  EXPECT_THAT(agreement.add({"I", "would", "like", "tea", "pleased"}), ElementsAre("tea"));
  EXPECT_EQ(agreement.confirmed(), 4);
}

TEST(LocalAgreement, ConfirmedWordsStayWhenALaterHypothesisDiffers) {
  LocalAgreement agreement;
  (void)agreement.add({"two", "words", "more"});
  EXPECT_THAT(agreement.add({"two", "words", "more"}), ElementsAre("two", "words"));
  EXPECT_THAT(agreement.add({"too", "words", "more", "now"}), IsEmpty());
  EXPECT_THAT(agreement.add({"too", "words", "more", "now"}), ElementsAre("more"));
  EXPECT_THAT(agreement.add({}), IsEmpty());
  EXPECT_EQ(agreement.confirmed(), 3);
}

TEST(LocalAgreement, FinishGivesTheRestAndStartsAnew) {
  LocalAgreement agreement;
  (void)agreement.add({"yes", "I", "do"});
  (void)agreement.add({"yes", "I", "do"});
  EXPECT_THAT(agreement.finish(std::vector<std::string>{"yes", "I", "do", "indeed"}),
              ElementsAre("do", "indeed"));
  EXPECT_EQ(agreement.confirmed(), 0);
  EXPECT_THAT(agreement.add({"yes", "I", "do"}), IsEmpty());
  EXPECT_THAT(agreement.add({"yes", "I", "do"}), ElementsAre("yes", "I"));
  EXPECT_THAT(agreement.finish(std::vector<std::string>{"yes"}),
              IsEmpty());  // shorter than what was confirmed
}

}  // namespace
}  // namespace antiphon::models::text
