// How soon and how fast the voice speaks, on one thread:
//   synthesis_bench [PHRASE [HOPS]]      all phrases and sizes of chunks unless one is named
// First sound: from phonemes to the first chunk (4 hops, 50 ms). Real-time factor: seconds of sound given out
// per second of work, and of the whole phrase with the silence that is not given out. Steps: their time.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/torch/hibari.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"

namespace {

using namespace antiphon;
using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double percentile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

double resident_mb() {
  std::ifstream status("/proc/self/statm");
  long pages = 0;
  long resident = 0;
  status >> pages >> resident;
  return static_cast<double>(resident) * 4096e-6;
}

struct Phrase {
  const char* name;
  const char32_t* symbols;
};

const Phrase kPhrases[] = {
    {"short", U"jˈɛs, ʌv kˈɔɹs."},
    {"medium", U"ˌI kæn mˈuv ðˈæt tə θˈɜɹzdˌA æt tˈɛn, ɪf ðˈæt sˈuts ju."},
    {"long",
     U"ðə wˈɛðəɹ wɪl stˈA dɹˈI ˌʌntˈɪl ði ˈivnɪŋ, ænd ˈæftəɹ ðæt ju ʃˌʊd ɪkspˈɛkt ɐ fjˈu ʃˈɔɹt "
     U"ʃˈWəɹz, sˌO tˈAk ɐ kˈOt wɪð ju."},
    {"longest",
     U"ðˌɛɹ ɑɹ θɹˈi θˈɪŋz tə sˈɛTᵊl bəfˈɔɹ wi stˈɑɹt: hˌu bɹˈɪŋz ðə kˈiz, wˌɛɹ wi mˈit ɪn ðə mˈɔɹnɪŋ, ænd "
     U"wˌʌt hˈæpənz ɪf ðə ɹˈOd ɪz stˈɪl klˈOzd, bəkˈʌz ðə lˈæst tˈIm nˈObˌɑdi nˈu əbˈWt ɪt ænd wi lˈɔst ɐn "
     U"ˈWəɹ, wˌɪʧ wʌz ɐ pˈɪTi sˈɪns ðə ɡˈɛsts hæd ˌɔlɹˈɛdi əɹˈIvd ænd wɜɹ wˈATɪŋ ɪn ðə kˈOld hˈɔl, ænd ðə "
     U"kˈʊk kʊd nˌɑt fˈInd ɐ sˈɪŋɡᵊl klˈin pˈæn ɪn ðə hˈOl ʌv ðˈæt bˈɪɡ ˈOld hˈWs nˌɪɹ ðə ɹˈɪvəɹ."},
};

struct Figures {
  std::vector<double> first_ms;
  std::vector<double> total_ms;
  std::vector<double> step_ms;
  double sound_s = 0.0;
};

void speak(const models::SpeechSynthesizer& voice, const models::text::PhonemePhrase& phrase, int hops,
           Figures& figures) {
  const auto begin = Clock::now();
  const models::SynthesisStart start = voice.begin(phrase, {});
  std::size_t samples = 0;
  while (!start.stream->finished()) {
    auto work = start.stream->next(samples == 0 ? 4 : hops);
    for (bool done = false; !done;) {
      const auto step = Clock::now();
      done = work.step();
      figures.step_ms.push_back(ms_since(step));
    }
    if (samples == 0) figures.first_ms.push_back(ms_since(begin));
    samples += work.take().size();
  }
  figures.total_ms.push_back(ms_since(begin));
  figures.sound_s = static_cast<double>(samples) / models::SynthesisStream::kSampleRate;
}

}  // namespace

int main(int count, char** arguments) {
  constexpr int kRounds = 25;
  models::torch::use_one_thread();
  const double before_mb = resident_mb();
  const auto begin = Clock::now();
  const auto voice = models::torch::load_hibari(test::models_folder() / "hibari");
  const double load_ms = ms_since(begin);
  voice->warm_up();
  std::printf("load %.0f ms, with warm-up %.0f ms; resident %.0f MB before, %.0f MB after\n", load_ms,
              ms_since(begin), before_mb, resident_mb());
  std::printf("%-8s %5s %8s | %9s %9s | %7s %7s | %8s %8s | %8s\n", "phrase", "chunk", "sound s", "first p50",
              "first p95", "RTF", "whole", "step p50", "step p99", "step max");
  for (const Phrase& entry : kPhrases) {
    if (count > 1 && std::string_view(arguments[1]) != entry.name) continue;
    models::text::PhonemePhrase phrase;
    phrase.symbols = entry.symbols;
    const double whole_s = static_cast<double>(voice->trace(phrase, {}).pitch.size()) *
                           models::SynthesisStream::kHopSamples / 24000.0;
    for (const int hops : {4, 8, 12, 24, 48}) {
      if (count > 2 && std::string_view(arguments[2]) != std::to_string(hops)) continue;
      Figures figures;
      for (int round = 0; round < kRounds; ++round) speak(*voice, phrase, hops, figures);
      const double total_s = percentile(figures.total_ms, 0.5) / 1e3;
      std::printf("%-8s %5d %8.2f | %9.2f %9.2f | %7.0f %7.0f | %8.2f %8.2f | %8.2f\n", entry.name, hops,
                  figures.sound_s, percentile(figures.first_ms, 0.5), percentile(figures.first_ms, 0.95),
                  figures.sound_s / total_s, whole_s / total_s, percentile(figures.step_ms, 0.5),
                  percentile(figures.step_ms, 0.99), percentile(figures.step_ms, 1.0));
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("resident %.0f MB at the end, %.0f MB at most\n", resident_mb(),
              static_cast<double>(usage.ru_maxrss) / 1e3);
  return 0;
}
