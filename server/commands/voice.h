#pragma once

#include <memory>

#include "models/catalogue/installation.h"
#include "models/speech_synthesizer.h"
#include "models/text/pronouncer.h"

namespace antiphon::server {

// What a command needs to speak text, loaded and warmed up.
struct Voice {
  explicit Voice(const models::ResolvedModels& models);

  models::text::Pronouncer pronouncer;
  std::unique_ptr<const models::SpeechSynthesizer> synthesizer;
};

}  // namespace antiphon::server
