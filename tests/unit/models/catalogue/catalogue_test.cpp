#include "models/catalogue/catalogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "models/catalogue/catalogue_text.h"

namespace antiphon::models {
namespace {

using testing::HasSubstr;

std::string refusal(const std::string& json) {
  try {
    const Catalogue catalogue(json);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

// The built-in catalogue with one passage changed.
std::string altered(const std::string& from, const std::string& to) {
  std::string text(catalogue_text());
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Catalogue, HasOneModelPerJobInEachSet) {
  const Catalogue& catalogue = Catalogue::built_in();
  EXPECT_EQ(catalogue.model(ModelSet::kStandard, Job::kRecognition).id, "moonshine-base-en");
  EXPECT_EQ(catalogue.model(ModelSet::kSmall, Job::kRecognition).id, "moonshine-tiny-en");
  EXPECT_EQ(catalogue.model(ModelSet::kStandard, Job::kLanguageModel).id, "qwen2.5-coder-1.5b-instruct");
  EXPECT_EQ(catalogue.model(ModelSet::kSmall, Job::kLanguageModel).id, "smollm2-135m-instruct");
  EXPECT_EQ(&catalogue.model(ModelSet::kSmall, Job::kSynthesis),
            &catalogue.model(ModelSet::kStandard, Job::kSynthesis));
}

TEST(Catalogue, PinsWhatIsFetchedAndWhatItBecomes) {
  std::set<std::string> ids;
  for (const CatalogueModel& model : Catalogue::built_in().models()) {
    EXPECT_TRUE(ids.insert(model.id).second) << model.id;
    EXPECT_EQ(Catalogue::built_in().find(model.id), &model);
    EXPECT_GT(model.bytes_installed(), 100'000U);
    EXPECT_GT(model.bytes_to_fetch(), 100'000U);
    for (const SourcePackage& package : model.packages) {
      EXPECT_THAT(package.file, HasSubstr("-" + package.version + "-")) << model.id;
    }
    EXPECT_THAT(model.files, testing::Contains(testing::Field(&ModelFile::name, "LICENSE"))) << model.id;
  }
  const CatalogueModel* qwen = Catalogue::built_in().find("qwen2.5-coder-1.5b-instruct");
  ASSERT_NE(qwen, nullptr);
  EXPECT_EQ(qwen->packages.size(), 22U);
  EXPECT_EQ(Catalogue::built_in().find("unknown"), nullptr);
}

TEST(Catalogue, NamesEntryAndFieldOfAMistake) {
  EXPECT_EQ(refusal(std::string(catalogue_text())), "");
  EXPECT_THAT(refusal("{"), HasSubstr("not JSON"));
  EXPECT_THAT(refusal("[]"), HasSubstr("the file is not an object"));
  EXPECT_THAT(refusal("{}"), HasSubstr("the file lacks 'models'"));
  EXPECT_THAT(refusal(R"({"models":[1]})"), HasSubstr("a model is not an object"));
  EXPECT_THAT(refusal(altered(R"("job": "voice activity")", R"("job": "voices")")),
              HasSubstr("'silero-vad': 'job' is unknown"));
  EXPECT_THAT(refusal(altered(R"("licence": "MIT")", R"("license": "MIT")")),
              HasSubstr("'silero-vad' lacks 'licence'"));
  EXPECT_THAT(refusal(altered(R"("sets": ["small", "standard"])", R"("sets": ["tiny"])")),
              HasSubstr("unknown set"));
  EXPECT_THAT(refusal(altered(R"("sets": ["small", "standard"])", R"("sets": ["small"])")),
              HasSubstr("the set standard needs one model for voice activity"));
  EXPECT_THAT(refusal(altered(R"("sha256": "7b7f54)", R"("sha256": "7B7f54)")),
              HasSubstr("a package of 'silero-vad': 'sha256'"));
  EXPECT_THAT(refusal(altered(R"("bytes": 11317527)", R"("bytes": -1)")), HasSubstr("'bytes' is not a size"));
}

TEST(Catalogue, KnowsTheSetsByName) {
  EXPECT_EQ(model_set("small"), ModelSet::kSmall);
  EXPECT_EQ(model_set(name_of(ModelSet::kStandard)), ModelSet::kStandard);
  EXPECT_THAT([] { (void)model_set("large"); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("unknown model set 'large'")));
}

}  // namespace
}  // namespace antiphon::models
