#include "tests/load/spoken_parts.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>
#include <utility>

#include "audio/g711.h"
#include "audio/pcm16.h"
#include "audio/resampler.h"
#include "audio/wav_writer.h"
#include "models/stand_ins/spoken_code.h"

namespace antiphon::load {
namespace {

using audio::SampleFormat;
using models::stand_ins::Word;

// Words that a small recogniser hears well and does not take for each other.
constexpr std::array<const char*, 16> kFirst = {
    "bananas",   "elephants", "computers", "mountains", "tomatoes",    "guitars",    "bicycles", "football",
    "dinosaurs", "chocolate", "volcanoes", "airplanes", "butterflies", "telephones", "penguins", "diamonds"};
constexpr std::array<const char*, 16> kSecond = {
    "Germany",  "winter", "coffee",   "history",  "hospitals", "Japan",  "newspapers",   "kitchens",
    "Saturday", "Mexico", "soldiers", "rainbows", "medicine",  "Canada", "universities", "summer"};
constexpr int kUsersMax = 256;
constexpr int kManyUsers = 32;  // from here on each says one sentence only

struct Lines {
  std::vector<std::string> sentences;
  std::set<std::string> words;
};

// The user's number in two words of two digits each: no other user says both.
Lines code_lines(int user) {
  const Word first{user % 8, user / 8 % 8};
  const Word second{user / 64 % 8, (user + user / 8) % 8};
  const std::string a = text_of(first);
  const std::string b = text_of(second);
  return {{a + " " + b, b + " " + a + " " + b}, {a, b}};
}

Lines real_lines(int user, bool many) {
  const std::string a = kFirst[static_cast<std::size_t>(user) % kFirst.size()];
  const std::string b = kSecond[static_cast<std::size_t>(user / 16 + user) % kSecond.size()];
  Lines lines{{"Tell me something about " + a + " and " + b + "."}, {}};
  if (!many) lines.sentences.push_back("Do you like " + a + " and " + b + "?");
  for (const std::string& word : {a, b}) lines.words.insert(plain_words(word).front());
  return lines;
}

std::string wire_bytes(const std::vector<float>& samples_24k, SampleFormat format) {
  if (format == SampleFormat::kPcm16) return audio::pcm16_bytes(samples_24k);
  std::string bytes;
  for (const float sample : audio::resample(samples_24k, audio::kRenderRateHz, audio::kTelephoneRateHz)) {
    const std::int16_t pcm = audio::pcm16_from_float(sample);
    bytes += static_cast<char>(format == SampleFormat::kPcmu ? audio::mulaw_from_pcm16(pcm)
                                                             : audio::alaw_from_pcm16(pcm));
  }
  return bytes;
}

void add_utterance(bench::Utterance utterance, SampleFormat format, SpokenPart* part) {
  part->bytes.push_back(wire_bytes(utterance.samples, format));
  part->utterances.push_back(std::move(utterance));
}

}  // namespace

std::vector<std::string> plain_words(std::string_view text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char c : text) {
    const bool letter = std::isalpha(static_cast<unsigned char>(c)) != 0;
    if (letter && !inside) words.emplace_back();
    if (letter) words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    inside = letter;
  }
  return words;
}

SpokenParts spoken_by_server(const ServerAddress& server, int users, bool fake, SampleFormat format) {
  if (users > kUsersMax && !fake) throw std::runtime_error("there are words for 256 users at most");
  SpokenParts all;
  all.replies_echo = fake;
  for (int user = 0; user < users; ++user) {
    Lines lines = fake ? code_lines(user) : real_lines(user, users > kManyUsers);
    auto part = std::make_shared<SpokenPart>();
    for (const std::string& sentence : lines.sentences) {
      const std::string pcm = spoken(server, sentence);
      const std::vector<float> samples = audio::floats_from_pcm16(std::as_bytes(std::span(pcm)));
      add_utterance(bench::utterance_of(sentence, samples), format, part.get());
    }
    all.all_words.insert(lines.words.begin(), lines.words.end());
    part->words = std::move(lines.words);
    all.parts.push_back(std::move(part));
  }
  return all;
}

SpokenParts spoken_in_recordings(const std::filesystem::path& folder, int users, SampleFormat format) {
  const std::vector<bench::Utterance> recordings = bench::recorded_utterances({folder});
  constexpr std::size_t kEach = 4;
  SpokenParts all;
  for (std::size_t user = 0; user < static_cast<std::size_t>(users); ++user) {
    auto part = std::make_shared<SpokenPart>();
    for (std::size_t i = 0; i < kEach; ++i) {
      add_utterance(recordings[(user * kEach + i) % recordings.size()], format, part.get());
    }
    all.parts.push_back(std::move(part));
  }
  return all;
}

}  // namespace antiphon::load
