// Speaks lines of phonemes into WAV files, to listen to or to transcribe:
//   say_phonemes_tool FOLDER [chunk hops] < lines
// Each line of standard input becomes FOLDER/<line number>.wav (24 kHz, mono, 16 bit). A line's last
// punctuation decides its pause.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "models/torch/hibari.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"

namespace {

using namespace antiphon;

std::u32string code_points(const std::string& text) {
  std::u32string result;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t code = length == 1 ? lead : lead & (0x7fu >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      code = (code << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3fu);
    }
    result.push_back(code);
    i += length;
  }
  return result;
}

models::text::PhraseEnd end_of(const std::u32string& symbols) {
  if (symbols.empty()) return models::text::PhraseEnd::kOpen;
  const auto has = [&](std::u32string_view set) {
    return set.find(symbols.back()) != std::u32string_view::npos;
  };
  if (has(U".?!…")) return models::text::PhraseEnd::kSentence;
  return has(U",;:—") ? models::text::PhraseEnd::kClause : models::text::PhraseEnd::kOpen;
}

void write_wav(const std::filesystem::path& path, const std::vector<float>& samples) {
  std::ofstream file(path, std::ios::binary);
  const auto put = [&](std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) file.put(static_cast<char>(value >> (8 * i)));
  };
  const auto size = static_cast<std::uint32_t>(samples.size() * 2);
  const std::uint32_t rate = models::SynthesisStream::kSampleRate;
  file << "RIFF";
  put(36 + size, 4);
  file << "WAVEfmt ";
  for (const auto& [value, bytes] :
       {std::pair{16u, 4}, {1u, 2}, {1u, 2}, {rate, 4}, {rate * 2, 4}, {2u, 2}, {16u, 2}}) {
    put(value, bytes);
  }
  file << "data";
  put(size, 4);
  for (const float sample : samples) {
    put(static_cast<std::uint16_t>(std::lround(std::clamp(sample, -1.0f, 1.0f) * 32767.0f)), 2);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: say_phonemes_tool FOLDER [chunk hops] < lines\n");
    return 2;
  }
  models::torch::use_one_thread();
  const int hops = count > 2 ? std::max(1, std::atoi(arguments[2])) : 12;
  const auto voice = models::torch::load_hibari(test::models_folder() / "hibari");
  std::string line;
  for (int number = 0; std::getline(std::cin, line); ++number) {
    models::text::PhonemePhrase phrase;
    phrase.symbols = code_points(line);
    phrase.end = end_of(phrase.symbols);
    const models::SynthesisStart start = voice->begin(phrase, {});
    if (!start.stream) {
      std::fprintf(stderr, "line %d: refused (%d)\n", number, static_cast<int>(start.refusal));
      continue;
    }
    std::vector<float> samples;
    while (!start.stream->finished()) {
      const auto chunk = start.stream->next(hops).run_to_end();
      samples.insert(samples.end(), chunk.begin(), chunk.end());
    }
    write_wav(std::filesystem::path(arguments[1]) / (std::to_string(number) + ".wav"), samples);
  }
  return 0;
}
