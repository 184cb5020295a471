#include "models/torch/moonshine_recognizer.h"

#include <utility>

#include "models/native/moonshine_config.h"
#include "models/native/moonshine_decoder.h"
#include "models/native/moonshine_transcriber.h"
#include "models/text/sentencepiece_vocabulary.h"
#include "models/torch/moonshine_encoder.h"
#include "models/weights/safetensors.h"

namespace antiphon::models::torch {
namespace {

class MoonshineRecognizer final : public SpeechRecognizer {
 public:
  MoonshineRecognizer(const SafetensorsFile& file, const MoonshineConfig& config,
                      text::SentencePieceVocabulary vocabulary, Precision precision)
      : encoder_(file, config, precision),
        decoder_(file, config),
        vocabulary_(std::move(vocabulary)),
        transcriber_(decoder_, vocabulary_) {}

  Stepped<EncodedSpeech> encode(std::vector<float> audio) const override {
    return encoder_.encode(std::move(audio));
  }
  Stepped<Transcript> decode(EncodedSpeech speech, TranscribeOptions options) const override {
    return transcriber_.decode(std::move(speech), std::move(options));
  }

  // Touches every weight, and has FBGEMM generate its code for whole and for partial blocks of rows.
  void warm_up() const override {
    for (const int seconds : {1, 3, 4}) {
      std::vector<float> audio(static_cast<std::size_t>(seconds) * kSpeechSampleRate + 400);
      (void)transcribe(std::move(audio), {.draft = {500, 600}, .word_times = true}).run_to_end();
    }
  }

 private:
  MoonshineEncoder encoder_;
  MoonshineDecoder decoder_;
  text::SentencePieceVocabulary vocabulary_;
  MoonshineTranscriber transcriber_;
};

}  // namespace

std::unique_ptr<SpeechRecognizer> load_moonshine(const std::filesystem::path& folder,
                                                 Precision encoder_precision) {
  const MoonshineConfig config = MoonshineConfig::read(folder / "config.json");
  const SafetensorsFile file(folder / "model.safetensors");
  auto recognizer = std::make_unique<MoonshineRecognizer>(
      file, config, text::SentencePieceVocabulary::read(folder / "tokenizer.json"), encoder_precision);
  file.file().release_pages();
  return recognizer;
}

}  // namespace antiphon::models::torch
