#pragma once

#include <filesystem>
#include <vector>

namespace antiphon::test {

// The samples of a mono sound file, in [-1, 1). Throws std::runtime_error if it can't be read, is not mono,
// or has another sample rate.
std::vector<float> read_recording(const std::filesystem::path& path, int sample_rate = 16000);

}  // namespace antiphon::test
