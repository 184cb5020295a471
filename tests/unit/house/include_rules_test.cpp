#include "tests/unit/house/include_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace antiphon::house {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> in(const std::string& path, const std::string& line) {
  return include_violations({path, "// first line\n" + line + "\n"});
}

TEST(IncludeRules, HoldInThisRepository) {
  const std::vector<SourceFile> files = repository_files();
  EXPECT_GT(files.size(), 20U);
  for (const SourceFile& file : files) EXPECT_THAT(include_violations(file), IsEmpty());
}

TEST(IncludeRules, LockFreeQueueIsIncludedOnce) {
  int includers = 0;
  for (const SourceFile& file : repository_files()) {
    if (file.path.starts_with("tests/")) continue;
    includers += file.text.find("concurrentqueue.h>") != std::string::npos;
  }
  EXPECT_LE(includers, 1);
}

TEST(IncludeRules, KeepLeafRoomsApart) {
  EXPECT_THAT(in("audio/opus_codec.cpp", "#include \"models/slot.h\""),
              ElementsAre("audio/opus_codec.cpp:2: audio/ may not include \"models/slot.h\""));
  EXPECT_THAT(in("models/text/words.h", "#include \"context_store/graph.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("context_store/graph.cpp", "#include \"audio/frame.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("models/native/silero.cpp", "#include \"pipeline/engine.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("audio/opus_codec.cpp", "#include \"audio/frame.h\""), IsEmpty());
}

TEST(IncludeRules, PointDownwards) {
  EXPECT_THAT(in("pipeline/engine.cpp", "  #  include \"server/listener.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("pipeline/engine.cpp", "#include \"models/slot.h\""), IsEmpty());
  EXPECT_THAT(in("pipeline/engine.cpp", "#include \"models/native/silero.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("pipeline/engine.cpp", "#include \"context_store/memory.h\""), IsEmpty());
  EXPECT_THAT(in("models/weights/reader.cpp", "#include \"models/torch/weights.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("models/torch/weights.cpp", "#include \"models/weights/reader.h\""), IsEmpty());
  EXPECT_THAT(in("server/listener.cpp", "#include \"models/torch/weights.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("server/main.cpp", "#include \"models/torch/weights.h\""), IsEmpty());
  EXPECT_THAT(in("server/main.cpp", "#include \"tests/support/model_files.h\""), testing::SizeIs(1));
  EXPECT_THAT(in("cellar/box.cpp", "#include \"audio/frame.h\""), ElementsAre(HasSubstr("kArrows")));
}

TEST(IncludeRules, KeepEachLibraryInItsRoom) {
  EXPECT_THAT(in("models/native/silero.cpp", "#include <ATen/ATen.h>"),
              ElementsAre("models/native/silero.cpp:2: <ATen/ATen.h> is not for this folder"));
  EXPECT_THAT(in("models/torch/silero.cpp", "#include <ATen/ATen.h>"), IsEmpty());
  EXPECT_THAT(in("pipeline/engine.cpp", "#include <boost/asio.hpp>"), testing::SizeIs(1));
  EXPECT_THAT(in("pipeline/engine.cpp", "#include <lmdb.h>"), testing::SizeIs(1));
  EXPECT_THAT(in("server/queue.h", "#include <concurrentqueue/moodycamel/concurrentqueue.h>"),
              testing::SizeIs(1));
  EXPECT_THAT(in("pipeline/runtime/queue.h", "#include <concurrentqueue.h>"), IsEmpty());
  EXPECT_THAT(in("models/slot.h", "#include <nlohmann/json.hpp>"),
              ElementsAre(HasSubstr("belongs in a .cpp")));
  EXPECT_THAT(in("models/slot.cpp", "#include <nlohmann/json.hpp>"), IsEmpty());
  EXPECT_THAT(in("models/slot.cpp", "#include <spdlog/spdlog.h>"), testing::SizeIs(1));
  EXPECT_THAT(in("audio/wav.cpp", "#include <gtest/gtest.h>"), testing::SizeIs(1));
  EXPECT_THAT(in("audio/wav.cpp", "#include <vector>"), IsEmpty());
}

TEST(IncludeRules, ReadIncludesOnly) {
  EXPECT_THAT(in("audio/wav.cpp", "// #include \"models/slot.h\""), IsEmpty());
  EXPECT_THAT(in("audio/wav.cpp", "#include"), IsEmpty());
  EXPECT_THAT(in("audio/notes.py", "#include \"models/slot.h\""), IsEmpty());
}

}  // namespace
}  // namespace antiphon::house
