#include "models/torch/mini_lm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/text/word_piece.h"
#include "tests/support/model_files.h"

namespace antiphon::models {
namespace {

std::filesystem::path folder() {
  return test::models_folder() / "minilm";
}

nlohmann::json data(const char* name) {
  return nlohmann::json::parse(std::ifstream(std::string("tests/data/models/") + name));
}

double dot(const Embedding& a, const Embedding& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * double{b[i]};
  return sum;
}

double distance(const Embedding& a, const Embedding& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(double{a[i]} - double{b[i]}));
  return worst;
}

TEST(WordPieceGolden, TextsInManyScriptsGiveTheReferencesTokens) {
  const text::WordPiece words(folder() / "vocab.txt");
  for (const auto& expected : data("word_piece_golden.json")) {
    const auto text = expected.at("text").get<std::string>();
    EXPECT_EQ(words.encode(text, 256), expected.at("ids").get<std::vector<std::int32_t>>()) << text;
  }
}

TEST(MiniLmGolden, EmbeddingsAndTheirLikeness) {
  const auto golden = data("minilm_golden.json");
  const double tolerance = golden.at("tolerance").at("embedding");
  const text::WordPiece words(folder() / "vocab.txt");
  std::vector<std::string> texts;
  for (const auto& expected : golden.at("cases")) {
    texts.push_back(expected.at("text"));
    EXPECT_EQ(words.encode(texts.back(), 256), expected.at("ids").get<std::vector<std::int32_t>>())
        << texts.back();
  }
  const auto embeddings = MiniLm(folder()).embed(texts).run_to_end();
  ASSERT_EQ(embeddings.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    for (std::size_t n = 0; n < 8; ++n) {
      EXPECT_NEAR(embeddings[i][n], golden.at("cases")[i].at("embedding_first8")[n].get<float>(), tolerance);
    }
    for (std::size_t j = 0; j < texts.size(); ++j) {
      EXPECT_NEAR(dot(embeddings[i], embeddings[j]), golden.at("cosine")[i][j].get<double>(), 1e-5);
    }
  }
}

TEST(MiniLm, ABatchEqualsOneByOne) {
  const MiniLm embedder(folder());
  std::string long_text;
  for (int i = 0; i < 400; ++i) long_text += "word" + std::to_string(i) + " ";
  std::vector<std::string> texts{"", long_text, "a", "\xFF\xFE rubbish", long_text + "more"};
  for (int i = 0; i < 40; ++i) texts.push_back("This is sentence number " + std::to_string(i * 37) + ".");
  Stepped<std::vector<Embedding>> work = embedder.embed(texts);
  int steps = 1;
  while (!work.step()) ++steps;
  EXPECT_GT(steps, 3 * 13) << "many texts are many passes";
  const auto together = work.take();
  ASSERT_EQ(together.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto alone = embedder.embed({texts[i]}).run_to_end();
    EXPECT_LT(distance(together[i], alone[0]), 1e-5) << i;
    EXPECT_NEAR(dot(together[i], together[i]), 1, 1e-5) << i;
  }
  EXPECT_LT(distance(together[1], together[4]), 1e-5) << "what is beyond the limit does not count";
}

TEST(MiniLm, NoTextsGiveNoEmbeddings) {
  EXPECT_TRUE(MiniLm(folder()).embed({}).run_to_end().empty());
}

TEST(MiniLm, AMissingFileIsNamed) {
  try {
    MiniLm embedder("/nonexistent");
    FAIL() << "accepted";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("vocab.txt"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace antiphon::models
