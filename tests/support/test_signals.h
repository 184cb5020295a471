// Signals that tests and goldens share, given by formulas so that no recording is needed.
#pragma once

#include <vector>

namespace antiphon::test {

// A buzz of 20 harmonics of 130 Hz whose loudness swells three times a second; 16 kHz, 48,000 samples:
// x[n] = 0.25 * (1 + sin(2 pi 3 n / 16000)) / 2 * sum over k = 1..20 of sin(2 pi 130 k n / 16000) / k
std::vector<float> swelling_buzz();

}  // namespace antiphon::test
