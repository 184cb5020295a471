#include "models/catalogue/installation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "tests/support/temporary_folder.h"

namespace antiphon::models {
namespace {

using testing::HasSubstr;

// A models folder of its own, deleted at the end.
class InstallationTest : public testing::Test {
 protected:
  void write(const std::string& id, const std::string& name, const std::string& contents) const {
    std::filesystem::create_directories(folder_ / id);
    std::ofstream(folder_ / id / name, std::ios::binary) << contents;
  }

  // A sparse file of each size that the catalogue wants.
  void write_sizes(const CatalogueModel& model) const {
    for (const ModelFile& file : model.files) {
      write(model.id, file.name, "");
      std::filesystem::resize_file(folder_ / model.id / file.name, file.bytes);
    }
  }

  CatalogueModel small_model() const {
    CatalogueModel model;
    model.id = "abc";
    model.files = {{"letters", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}};
    return model;
  }

  const test::TemporaryFolder temporary_;
  const std::filesystem::path& folder_ = temporary_.path();
};

TEST_F(InstallationTest, TellsMissingFromDamaged) {
  const CatalogueModel model = small_model();
  const auto look = [&](Check check) { return check_installation(model, folder_, check); };

  EXPECT_EQ(look(Check::kSizes).state, Installed::kMissing);
  EXPECT_THAT(look(Check::kSizes).problem, HasSubstr("letters' is missing"));
  write("abc", "letters", "ab");
  EXPECT_EQ(look(Check::kSizes).state, Installed::kDamaged);
  EXPECT_THAT(look(Check::kSizes).problem, HasSubstr("2 bytes instead of 3"));
  write("abc", "letters", "abd");
  EXPECT_EQ(look(Check::kSizes).state, Installed::kYes);
  EXPECT_EQ(look(Check::kHashes).state, Installed::kDamaged);
  EXPECT_THAT(look(Check::kHashes).problem, HasSubstr("SHA-256"));
  write("abc", "letters", "abc");
  EXPECT_EQ(look(Check::kHashes).state, Installed::kYes);
  EXPECT_EQ(look(Check::kHashes).problem, "");
}

TEST_F(InstallationTest, ResolvesASetToFolders) {
  const Catalogue& catalogue = Catalogue::built_in();
  ResolvedModels resolved(catalogue, ModelSet::kSmall, folder_);
  EXPECT_THAT([&] { (void)resolved.folder(Job::kRecognition); },
              testing::ThrowsMessage<std::runtime_error>(
                  testing::AllOf(HasSubstr("recognition model moonshine-tiny-en is not installed"),
                                 HasSubstr("is missing; ./run --models small fetches it"))));
  write_sizes(*catalogue.find("moonshine-tiny-en"));
  EXPECT_EQ(resolved.folder(Job::kRecognition), folder_ / "moonshine-tiny-en");

  resolved.choose("moonshine-base-en");
  EXPECT_THAT([&] { (void)resolved.folder(Job::kRecognition); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("./run --models standard fetches it")));
  EXPECT_EQ(resolved.model(Job::kLanguageModel).id, "smollm2-135m-instruct");
  EXPECT_THAT([&] { resolved.choose("moonshine"); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("unknown model 'moonshine'")));
}

}  // namespace
}  // namespace antiphon::models
