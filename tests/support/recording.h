#pragma once

#include <filesystem>
#include <vector>

namespace antiphon::test {

// The samples of a mono 16 kHz sound file, [-1, 1]. Throws std::runtime_error on anything else.
std::vector<float> read_recording(const std::filesystem::path& path);

}  // namespace antiphon::test
