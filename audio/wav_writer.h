#pragma once

#include <filesystem>
#include <span>

namespace antiphon::audio {

// Writes mono 16-bit PCM; `samples` in [-1, 1], clipped beyond. Throws std::runtime_error that names the
// file.
void write_wav(const std::filesystem::path& path, std::span<const float> samples, int sample_rate_hz);

}  // namespace antiphon::audio
