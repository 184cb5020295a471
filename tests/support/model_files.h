// Where the tests find the converted weights: $ANTIPHON_MODELS, else the user's cache.
#pragma once

#include <filesystem>

namespace antiphon::test {

std::filesystem::path models_folder();

// The development recordings and goldens that are not part of the repository; empty where they are absent.
std::filesystem::path shared_folder();

}  // namespace antiphon::test
