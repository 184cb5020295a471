// The licences and notices that must travel: what is fetched, linked or installed is in
// THIRD_PARTY_NOTICES.md, and the weights come with their licence texts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/catalogue_text.h"

namespace antiphon::house {
namespace {

using models::Catalogue;
using models::CatalogueModel;
using models::ModelFile;
using testing::Contains;
using testing::Field;
using testing::HasSubstr;

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

// The table's row that begins with `name`; empty if there is none.
std::string row_of(const std::string& name) {
  static const std::vector<std::string> lines = lines_of("THIRD_PARTY_NOTICES.md");
  const auto row = std::ranges::find_if(
      lines, [&](const std::string& line) { return line.starts_with("| `" + name + "`"); });
  return row == lines.end() ? "" : *row;
}

bool is_library(const std::string& package) {
  return package.ends_with("-dev") && !package.starts_with("libclang");
}

TEST(Notices, NameEachLibraryOfThePackageList) {
  int libraries = 0;
  for (const std::string& line : lines_of("scripts/setup/packages.txt")) {
    std::istringstream columns(line);
    std::string stage;
    std::string package;
    columns >> stage >> package;
    if (stage.starts_with('#') || !is_library(package)) continue;
    ++libraries;
    EXPECT_NE(row_of(package), "") << package;
  }
  EXPECT_GE(libraries, 15);
}

TEST(Notices, NameEachModelWithLicenceAndOrigin) {
  for (const CatalogueModel& model : Catalogue::built_in().models()) {
    EXPECT_THAT(row_of(model.id), HasSubstr("| " + model.licence + " | " + model.origin + " |")) << model.id;
  }
}

TEST(Notices, NameEachWheelOfLibtorch) {
  const auto catalogue = nlohmann::json::parse(models::catalogue_text());
  for (const auto& wheel : catalogue["libtorch"]["packages"]) {
    const std::string version = wheel["version"];
    EXPECT_THAT(row_of(wheel["name"]), HasSubstr("` " + version + " |")) << wheel["name"];
  }
  EXPECT_THAT(lines_of("THIRD_PARTY_NOTICES.md"), Contains(HasSubstr("Intel oneMKL")));
}

TEST(Notices, TheWeightsBringTheirLicenceTexts) {
  for (const CatalogueModel& model : Catalogue::built_in().models()) {
    EXPECT_NE(model.licence, "");
    EXPECT_NE(model.origin, "");
    EXPECT_THAT(model.files, Contains(Field(&ModelFile::name, "LICENSE"))) << model.id;
    for (const ModelFile& file : model.files) {
      if (file.name.starts_with("LICENSE") || file.name == "NOTICE") {
        EXPECT_GT(file.bytes, 500U);
        EXPECT_EQ(file.sha256.size(), 64U);
      }
    }
  }
  EXPECT_THAT(Catalogue::built_in().find("hibari")->files, Contains(Field(&ModelFile::name, "NOTICE")));
}

}  // namespace
}  // namespace antiphon::house
