// The end-of-turn features computed from the whole audio at once, the way they are published: slow and plain.
#pragma once

#include <span>
#include <vector>

namespace antiphon::test {

// audio: 16 kHz, its last 8 s count (zeros before it if it is shorter). Returns [80, 800].
std::vector<float> whole_turn_features(std::span<const float> audio);

}  // namespace antiphon::test
