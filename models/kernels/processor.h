// Which set of kernels runs: the best that this processor has, unless told otherwise.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "models/kernels/kernel_table.h"

namespace antiphon::models::kernels {

enum class Variant : std::uint8_t {
  kPortable,  // plain C++
  kAvx2,      // AVX2, FMA, F16C
  kAvx512     // AVX-512 F, BW, DQ, VL and VNNI
};

std::string_view name_of(Variant variant);
// What this processor and this build can run, from the slowest to the fastest.
const std::vector<Variant>& supported_variants();

// The fastest one, or the one that the environment variable ANTIPHON_KERNELS names (portable, avx2, avx512).
// Throws std::runtime_error, at its first call, if that is unknown or not supported.
Variant active_variant();
const KernelTable& active_kernels();

// For tests and benchmarks: not while another thread uses kernels.  REQUIRES: a supported one.
void use_variant(Variant variant);

}  // namespace antiphon::models::kernels
