#include "server/talk/reply_playout.h"

#include <gtest/gtest.h>

#include <vector>

namespace antiphon::server {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kFrame = 480;

std::vector<float> sound(int frames, float level = 0.5F) {
  return std::vector<float>(kFrame * static_cast<std::size_t>(frames), level);
}

class ReplyPlayoutTest : public ::testing::Test {
 protected:
  ReplyPlayout::Popped pop() { return playout_.pop(frame_); }
  int sounding_frames() {
    int frames = 0;
    while (pop().sounds) ++frames;
    return frames;
  }

  ReplyPlayout playout_;
  audio::RenderFrame frame_{};
};

TEST_F(ReplyPlayoutTest, BeginsWhenTwoFramesAreThereAndSaysWhereItIsAudible) {
  EXPECT_FALSE(pop().sounds);
  playout_.add("a", sound(1, 0));
  EXPECT_FALSE(pop().sounds);
  std::vector<float> late = sound(1, 0);
  late[100] = 0.5F;
  playout_.add("a", late);
  const auto silent = pop();
  EXPECT_TRUE(silent.sounds);
  EXPECT_FALSE(silent.audible_at);
  EXPECT_EQ(pop().audible_at, 100U);
  EXPECT_EQ(playout_.item(), "a");
  EXPECT_TRUE(playout_.playing());
  playout_.end("a");
  EXPECT_FALSE(pop().sounds);
  EXPECT_FALSE(playout_.playing());
  EXPECT_EQ(playout_.underruns(), 0) << "the end is none";
}

TEST_F(ReplyPlayoutTest, CountsAnUnderrunOnlyIfMoreComesAndWaitsThenForMore) {
  playout_.add("a", sound(2));
  EXPECT_EQ(sounding_frames(), 2);
  playout_.add("a", sound(2));
  EXPECT_EQ(playout_.underruns(), 1);
  EXPECT_FALSE(pop().sounds) << "three frames this time";
  playout_.add("a", sound(1));
  EXPECT_EQ(sounding_frames(), 3);
}

TEST_F(ReplyPlayoutTest, PlaysShortRepliesAndOneAfterTheOther) {
  playout_.add("a", std::vector<float>(100, 0.5F));
  playout_.end("a");
  playout_.add("b", sound(3));
  playout_.end("b");
  EXPECT_TRUE(pop().sounds);
  EXPECT_EQ(frame_[99], 0.5F);
  EXPECT_EQ(frame_[100], 0.0F);
  EXPECT_EQ(playout_.item(), "a");
  EXPECT_EQ(pop().audible_at, 0U);
  EXPECT_EQ(playout_.item(), "b");
  EXPECT_EQ(sounding_frames(), 2);
  EXPECT_FALSE(playout_.playing());
}

TEST_F(ReplyPlayoutTest, TakesALongReplyAtOnce) {
  playout_.add("a", sound(3000));
  playout_.end("a");
  EXPECT_EQ(sounding_frames(), 3000);
}

TEST_F(ReplyPlayoutTest, StopsWithAFadeAndSaysHowMuchWasHeard) {
  EXPECT_FALSE(playout_.stop());
  playout_.add("a", sound(10));
  pop();
  pop();
  const auto heard = playout_.stop();
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->item, "a");
  EXPECT_EQ(heard->audio, milliseconds(48)) << "two frames and a fade of 8 ms";
  EXPECT_TRUE(heard->cut);
  EXPECT_TRUE(pop().sounds);
  EXPECT_LT(frame_[191], 0.001F);
  EXPECT_EQ(frame_[192], 0.0F);
  EXPECT_FALSE(pop().sounds);
  EXPECT_FALSE(playout_.playing());
  playout_.add("b", sound(2));
  EXPECT_TRUE(pop().sounds) << "the next reply";
}

TEST_F(ReplyPlayoutTest, StopsInAnUnderrunAndAfterTheEnd) {
  playout_.add("a", sound(2));
  EXPECT_EQ(sounding_frames(), 2);
  const auto dry = playout_.stop();
  EXPECT_EQ(dry->audio, milliseconds(40));
  EXPECT_FALSE(dry->cut);
  EXPECT_FALSE(playout_.playing());
  playout_.add("b", sound(1));
  const auto unheard = playout_.stop();
  EXPECT_EQ(unheard->item, "a") << "nothing of b was heard";
  EXPECT_TRUE(unheard->cut);
}

TEST_F(ReplyPlayoutTest, DropsWhatIsBeyondTheLimit) {
  for (int minute = 0; minute < 11; ++minute) playout_.add("a", sound(3000));
  EXPECT_EQ(playout_.overruns(), 1);
}

}  // namespace
}  // namespace antiphon::server
