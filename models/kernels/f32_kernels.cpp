#include "models/kernels/f32_kernels.h"

#include <array>

#include "models/kernels/f32_tables.h"

namespace antiphon::models::kernels {
namespace {

struct Supported {
  std::array<const F32Kernels*, 3> kernels{};
  std::size_t count = 0;
};

Supported find_supported() {
  Supported found;
  const auto add = [&found](const F32Kernels& kernels) { found.kernels[found.count++] = &kernels; };
  add(f32_portable::kF32Kernels);
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    add(f32_avx2::kF32Kernels);
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) add(f32_avx512::kF32Kernels);
  }
#endif
  return found;
}

}  // namespace

std::span<const F32Kernels* const> f32_kernels_supported() {
  static const Supported kSupported = find_supported();
  return {kSupported.kernels.data(), kSupported.count};
}

const F32Kernels& f32_kernels() {
  return *f32_kernels_supported().back();
}

}  // namespace antiphon::models::kernels
