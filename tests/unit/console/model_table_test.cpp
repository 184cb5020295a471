#include "server/console/model_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

namespace antiphon::server {
namespace {

using testing::HasSubstr;

std::vector<ModelRow> rows() {
  const auto& catalogue = models::Catalogue::built_in();
  return {{catalogue.find("silero-vad"), {models::Installed::kYes, ""}},
          {catalogue.find("hibari"), {models::Installed::kMissing, "'x/LICENSE' is missing"}}};
}

TEST(ModelTable, SaysWhatIsMissing) {
  std::ostringstream out;
  print_model_table(rows(), out);
  EXPECT_THAT(out.str(), HasSubstr("silero-vad  MIT         1.2 MB  small, standard  installed\n"));
  EXPECT_THAT(out.str(), HasSubstr("missing: 'x/LICENSE' is missing\n"));
}

TEST(ModelTable, JsonHasWhatTheTableHas) {
  std::ostringstream out;
  print_model_json(rows(), out);
  const auto json = nlohmann::json::parse(out.str());
  ASSERT_EQ(json.size(), 2U);
  EXPECT_EQ(json[0]["id"], "silero-vad");
  EXPECT_EQ(json[0]["job"], "voice activity");
  EXPECT_EQ(json[0]["state"], "installed");
  EXPECT_EQ(json[1]["licence"], "Apache-2.0");
  EXPECT_EQ(json[1]["sets"], nlohmann::json({"small", "standard"}));
  EXPECT_EQ(json[1]["bytes"], rows()[1].model->bytes_installed());
  EXPECT_EQ(json[1]["problem"], "'x/LICENSE' is missing");
}

}  // namespace
}  // namespace antiphon::server
