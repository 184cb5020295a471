#include "models/torch/hibari_config.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "models/kernels/spectral_overlap.h"
#include "models/kernels/spectral_pulses.h"
#include "models/speech_synthesizer.h"

namespace antiphon::models::torch {
namespace {

using Json = nlohmann::json;

// The one code point of a UTF-8 string; empty if it is anything else.
std::optional<char32_t> single_code_point(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = lead < 0x80         ? 1
                             : lead >> 5 == 0x6  ? 2
                             : lead >> 4 == 0xe  ? 3
                             : lead >> 3 == 0x1e ? 4
                                                 : 0;
  if (length != text.size()) return std::nullopt;
  char32_t code = length == 1 ? lead : lead & (0x7fu >> length);
  for (const char next : text.substr(1)) {
    const auto byte = static_cast<unsigned char>(next);
    if (byte >> 6 != 0x2) return std::nullopt;
    code = (code << 6) | (byte & 0x3fu);
  }
  return code;
}

// The signal processing's constants are compiled in; a voice with others needs other code.
void require(const Json& json, const char* field, double value) {
  if (json.at(field).get<double>() != value) {
    throw std::runtime_error("field '" + std::string(field) + "' must be " + std::to_string(value));
  }
}

HibariConfig parse(const Json& json) {
  require(json, "sample_rate", SynthesisStream::kSampleRate);
  require(json, "n_fft", kernels::kSpectralWindow);
  require(json, "hop", kernels::kSpectralHop);
  require(json, "voiced_above_hz", kernels::PulseTrain::kVoicedAbove);
  require(json, "harmonics_below_hz", kernels::PulseTrain::kHarmonicsBelow);
  require(json, "pad_id", 0);
  HibariConfig config;
  config.heads = json.at("heads").get<int>();
  config.text_repeats = json.at("text_repeats").get<int>();
  config.prosody_repeats = json.at("prosody_repeats").get<int>();
  config.pro_dilations = json.at("pro_dilations").get<std::vector<int>>();
  config.min_duration = json.at("min_duration").get<int>();
  config.f0_scale = json.at("f0_scale").get<float>();
  config.energy_scale = json.at("energy_scale").get<float>();
  for (const auto& [symbol, id] : json.at("vocab").items()) {
    const auto code = single_code_point(symbol);
    if (!code || id.get<int>() < 1) throw std::runtime_error("field 'vocab': bad entry '" + symbol + "'");
    config.vocabulary[*code] = id.get<int>();
  }
  const bool sane = config.heads > 0 && config.heads <= 16 && config.min_duration > 0 &&
                    config.text_repeats > 0 && config.prosody_repeats > 0;
  if (!sane) throw std::runtime_error("heads, repeats and min_duration must be positive");
  for (const int dilation : config.pro_dilations) {
    if (dilation < 1 || dilation > 64) throw std::runtime_error("field 'pro_dilations' is out of range");
  }
  return config;
}

}  // namespace

HibariConfig read_hibari_config(const std::filesystem::path& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open '" + path.string() + "'");
  try {
    return parse(Json::parse(file));
  } catch (const std::exception& error) {
    throw std::runtime_error("'" + path.string() + "': " + error.what());
  }
}

}  // namespace antiphon::models::torch
