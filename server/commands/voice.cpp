#include "server/commands/voice.h"

#include "models/catalogue/catalogue.h"
#include "models/torch/hibari.h"

namespace antiphon::server {

Voice::Voice(const models::ResolvedModels& models)
    : pronouncer(models.folder(models::Job::kSynthesis)),
      synthesizer(models::torch::load_hibari(models.folder(models::Job::kSynthesis))) {
  synthesizer->warm_up();
}

}  // namespace antiphon::server
