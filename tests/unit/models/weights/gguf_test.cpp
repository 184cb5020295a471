#include "models/weights/gguf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "tests/support/gguf_bytes.h"
#include "tests/support/temporary_folder.h"

namespace antiphon::models {
namespace {

using test::GgufBytes;
using testing::ElementsAre;
using testing::HasSubstr;

GgufIndex parse(const std::string& bytes) {
  return parse_gguf(std::as_bytes(std::span(bytes)));
}

std::string refusal(const std::string& bytes) {
  try {
    (void)parse(bytes);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

std::string refusal(const GgufBytes& file) {
  return refusal(file.bytes());
}

GgufBytes small_file() {
  GgufBytes file;
  file.text("general.architecture", "llama").whole("llama.block_count", 30).number("eps", 1e-5f);
  file.boolean("add_bos", false).texts("tokens", {"a", "b c"}).wholes("kinds", {-1, 3});
  file.f32("norm", {2}, std::array{1.0f, 2.0f}).tensor("w", {32, 3}, 2, std::string(54, '\1'));
  return file;
}

// A value of each width of whole number.
std::string value_of(std::uint32_t type) {
  return std::string(type <= 1 ? 1 : type <= 3 ? 2 : type <= 5 ? 4 : 8, '\x7f');
}

TEST(Gguf, FindsFieldsAndTensors) {
  const std::string bytes = small_file().bytes();
  const GgufIndex index = parse(bytes);
  EXPECT_EQ(std::get<std::string_view>(index.fields.at("general.architecture")), "llama");
  EXPECT_EQ(std::get<std::int64_t>(index.fields.at("llama.block_count")), 30);
  const GgufTensor& w = index.tensors.at("w");
  EXPECT_EQ(w.type, GgufType::kQ4_0);
  EXPECT_THAT(w.shape, ElementsAre(3, 32)) << "outermost extent first";
  EXPECT_EQ(w.rows(), 3);
  EXPECT_EQ(w.bytes.size(), 54u);
  EXPECT_EQ(w.bytes[53], std::byte{1});
}

TEST(Gguf, ReadsWholeNumbersOfEachWidth) {
  for (const std::uint32_t type : {0u, 1u, 2u, 3u, 4u, 5u, 10u, 11u}) {
    const std::string bytes = GgufBytes().raw("n", type, value_of(type)).bytes();
    EXPECT_GT(std::get<std::int64_t>(parse(bytes).fields.at("n")), 0) << type;
  }
  const std::string negative = GgufBytes().raw("n", 1, "\xff").bytes();
  EXPECT_EQ(std::get<std::int64_t>(parse(negative).fields.at("n")), -1);
}

TEST(Gguf, AGoodFileCutAnywhereIsRefused) {
  const std::string bytes = small_file().bytes();
  ASSERT_EQ(refusal(bytes), "");
  const std::size_t last = bytes.size() - (64 - 54);  // the data of the last tensor end here
  for (std::size_t length = 0; length < last; ++length) {
    EXPECT_NE(refusal(bytes.substr(0, length)), "") << length;
  }
}

TEST(Gguf, AnyOneByteChangedIsReadOrRefused) {
  const std::string bytes = small_file().bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string changed = bytes;
      changed[i] = value;
      (void)refusal(changed);  // must neither crash nor throw anything but std::runtime_error
    }
  }
}

TEST(Gguf, RefusesWhatIsMalformedAndNamesIt) {
  const auto u32 = GgufBytes::of<std::uint32_t>;
  const auto u64 = GgufBytes::of<std::uint64_t>;
  EXPECT_THAT(refusal("GGML" + u32(3)), HasSubstr("begin with 'GGUF'"));
  EXPECT_THAT(refusal("GGUF" + u32(1)), HasSubstr("version is 1"));
  EXPECT_THAT(refusal("GGUF" + u32(3) + u64(1ull << 40) + u64(0)), HasSubstr("too many"));
  EXPECT_THAT(refusal("GGUF" + u32(3) + u64(0) + u64(1ull << 40)), HasSubstr("too many"));
  EXPECT_THAT(refusal("GGUF" + u32(3) + u64(0) + u64(1) + u64(~0ull)), HasSubstr("too long"));
  EXPECT_THAT(refusal(GgufBytes().raw("f", 13, "")), HasSubstr("field 'f': unknown value type 13"));
  EXPECT_THAT(refusal(GgufBytes().raw("f", 10, std::string(8, '\xff'))), HasSubstr("above 2^63"));
  EXPECT_THAT(refusal(GgufBytes().raw("f", 7, "\2")), HasSubstr("neither 0 nor 1"));
  EXPECT_THAT(refusal(GgufBytes().raw("f", 8, u64(99) + "abc")), HasSubstr("too long"));
  EXPECT_THAT(refusal(GgufBytes().whole("f", 1).whole("f", 1)), HasSubstr("'f': it occurs twice"));
  EXPECT_THAT(refusal(GgufBytes().raw("f", 9, u32(4) + u64(1ull << 62))), HasSubstr("too many array"));
  EXPECT_THAT(refusal(GgufBytes().raw("f", 9, u32(4) + u64(1 << 20))), HasSubstr("truncated"));
  std::string nested;
  for (int i = 0; i < 9; ++i) nested += u32(9) + u64(1);
  EXPECT_THAT(refusal(GgufBytes().raw("f", 9, nested)), HasSubstr("nested too deeply"));
}

TEST(Gguf, RefusesImpossibleTensorsAndNamesThem) {
  const std::string data(64, '\0');
  const auto with = [&](const std::vector<std::uint64_t>& extents, std::uint32_t type) {
    return refusal(GgufBytes().tensor("w", extents, type, data));
  };
  EXPECT_EQ(with({16}, 0), "");
  EXPECT_THAT(with({17}, 0), HasSubstr("tensor 'w' lies outside the file"));
  EXPECT_THAT(with({16}, 5), HasSubstr("tensor 'w': its element type 5 is not known"));
  EXPECT_THAT(with({16}, 2), HasSubstr("not whole Q4_0 blocks"));
  EXPECT_THAT(with({0}, 0), HasSubstr("shape is unusable"));
  EXPECT_THAT(with({1ull << 32, 1ull << 32}, 0), HasSubstr("shape is unusable"));
  EXPECT_THAT(with({~0ull, 2, 2, 2}, 0), HasSubstr("shape is unusable"));
  EXPECT_THAT(with({}, 0), HasSubstr("0 dimensions"));
  EXPECT_THAT(with({1, 1, 1, 1, 1}, 0), HasSubstr("5 dimensions"));
  EXPECT_THAT(refusal(GgufBytes().whole("general.alignment", 24)), HasSubstr("power of two"));
  EXPECT_THAT(refusal(GgufBytes().text("general.alignment", "32")), HasSubstr("power of two"));
  EXPECT_THAT(refusal(GgufBytes()
                          .whole("general.alignment", 64)
                          .f32("a", {1}, std::array{1.0f})
                          .f32("b", {1}, std::array{1.0f})),
              HasSubstr("tensor 'b' is not aligned"));
}

class GgufOnDisk : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& bytes) {
    std::ofstream(folder_.file("model.gguf"), std::ios::binary) << bytes;
    return folder_.file("model.gguf");
  }

 private:
  const test::TemporaryFolder folder_;
};

TEST_F(GgufOnDisk, GivesTypedFields) {
  const GgufFile file(write(small_file().bytes()));
  EXPECT_EQ(file.text("general.architecture"), "llama");
  EXPECT_EQ(file.integer("llama.block_count"), 30);
  EXPECT_FLOAT_EQ(static_cast<float>(file.number("eps")), 1e-5f);
  EXPECT_EQ(file.number("llama.block_count"), 30.0);
  EXPECT_FALSE(file.boolean("add_bos"));
  EXPECT_THAT(file.texts("tokens"), ElementsAre("a", "b c"));
  EXPECT_THAT(file.integers("kinds"), ElementsAre(-1, 3));
  EXPECT_EQ(file.integer_or("absent", 7), 7);
  EXPECT_EQ(file.tensor("norm", {2}).bytes.size(), 8u);
}

TEST_F(GgufOnDisk, NamesTheFileAndWhatIsWrong) {
  const GgufFile file(write(small_file().bytes()));
  const auto refuses = [](auto call, const char* what) {
    EXPECT_THAT(call, testing::ThrowsMessage<std::runtime_error>(
                          testing::AllOf(HasSubstr("model.gguf"), HasSubstr(what))));
  };
  refuses([&] { (void)file.integer("absent"); }, "no field 'absent'");
  refuses([&] { (void)file.integer("tokens"); }, "'tokens' is not a whole number");
  refuses([&] { (void)file.integer_or("eps", 1); }, "'eps' is not a whole number");
  refuses([&] { (void)file.texts("kinds"); }, "'kinds' is not an array of texts");
  refuses([&] { (void)file.tensor("v"); }, "no tensor 'v'");
  refuses([&] { (void)file.tensor("norm", {3}); }, "'norm' has an unexpected shape");
  refuses([&] { GgufFile(write("GGUF")); }, "not a usable GGUF file");
}

}  // namespace
}  // namespace antiphon::models
