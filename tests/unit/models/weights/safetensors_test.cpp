#include "models/weights/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_folder.h"

namespace antiphon::models {
namespace {

using testing::HasSubstr;

std::string file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + std::string(data_bytes, '\1');
}

SafetensorsIndex parse(const std::string& bytes) {
  return parse_safetensors(std::as_bytes(std::span(bytes)));
}

std::string refusal(const std::string& bytes) {
  try {
    (void)parse(bytes);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string one(const std::string& fields) {
  return R"({"w":{)" + fields + "}}";
}

TEST(Safetensors, FindsTensorsAndMetadata) {
  const std::string bytes = file_of(R"({"__metadata__":{"licence":"MIT"},)"
                                    R"("a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                                    R"("b":{"dtype":"I8","shape":[],"data_offsets":[24,25]}})",
                                    25);
  const SafetensorsIndex index = parse(bytes);
  EXPECT_EQ(index.metadata.at("licence"), "MIT");
  EXPECT_EQ(index.tensors.at("a").shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(index.tensors.at("a").elements(), 6);
  EXPECT_EQ(index.tensors.at("b").elements(), 1);
}

TEST(Safetensors, RefusesWhatIsMalformedAndNamesIt) {
  const std::string good = one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])");
  EXPECT_EQ(refusal(file_of(good, 8)), "");
  EXPECT_THAT(refusal("short"), HasSubstr("too short"));
  EXPECT_THAT(refusal(file_of(good, 7)), HasSubstr("'w' lies outside the file"));
  EXPECT_THAT(refusal(file_of(good, 8).substr(0, 20)), HasSubstr("truncated"));
  EXPECT_THAT(refusal(file_of("[]", 0)), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal(file_of("{", 0)), HasSubstr("not a JSON object"));
  EXPECT_THAT(refusal(file_of(one(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), 8)),
              HasSubstr("does not match"));
  EXPECT_THAT(refusal(file_of(one(R"("dtype":"F31","shape":[2],"data_offsets":[0,8])"), 8)),
              HasSubstr("unknown type 'F31'"));
  EXPECT_THAT(refusal(file_of(one(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), 8)),
              HasSubstr("whole number"));
  EXPECT_THAT(
      refusal(file_of(one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8])"), 8)),
      HasSubstr("too large"));
  EXPECT_THAT(refusal(file_of(one(R"("dtype":"F32","shape":[2])"), 8)), HasSubstr("lacks"));
  EXPECT_THAT(refusal(file_of(R"({"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},)"
                              R"("b":{"dtype":"I8","shape":[4],"data_offsets":[3,7]}})",
                              7)),
              HasSubstr("overlap"));
}

TEST(Safetensors, NamesTheFileAndTheTensor) {
  const test::TemporaryFolder folder;
  const auto path = folder.file("model.safetensors");
  std::ofstream(path, std::ios::binary)
      << file_of(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])"), 8);
  const SafetensorsFile file(path);
  EXPECT_THAT([&] { (void)file.tensor("v"); }, testing::ThrowsMessage<std::runtime_error>(HasSubstr("'v'")));
  EXPECT_THAT([] { SafetensorsFile("/nonexistent.safetensors"); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("/nonexistent.safetensors")));
}

}  // namespace
}  // namespace antiphon::models
