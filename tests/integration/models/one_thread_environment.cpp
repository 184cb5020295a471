// All network tests run with one thread for each operator, as the server does.
#include <gtest/gtest.h>

#include "models/torch/threads.h"

namespace antiphon::models {
namespace {

class OneThread : public testing::Environment {
  void SetUp() override { torch::use_one_thread(); }
};

const testing::Environment* const kOneThread = testing::AddGlobalTestEnvironment(new OneThread);

}  // namespace
}  // namespace antiphon::models
