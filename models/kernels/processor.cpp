#include "models/kernels/processor.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace antiphon::models::kernels {
namespace {

std::vector<Variant> detect() {
  std::vector<Variant> found{Variant::kPortable};
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 =
      __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512vnni");
  if (avx2) found.push_back(Variant::kAvx2);
  if (avx512) found.push_back(Variant::kAvx512);
#endif
  return found;
}

bool is_supported(Variant variant) {
  const std::vector<Variant>& all = supported_variants();
  return std::find(all.begin(), all.end(), variant) != all.end();
}

Variant choose() {
  const char* wanted = std::getenv("ANTIPHON_KERNELS");
  if (wanted == nullptr || *wanted == '\0') return supported_variants().back();
  for (const Variant variant : {Variant::kPortable, Variant::kAvx2, Variant::kAvx512}) {
    if (name_of(variant) != wanted) continue;
    if (is_supported(variant)) return variant;
    throw std::runtime_error("ANTIPHON_KERNELS: this processor has no " + std::string(wanted));
  }
  throw std::runtime_error("ANTIPHON_KERNELS: unknown value '" + std::string(wanted) +
                           "'; known are portable, avx2, avx512");
}

std::atomic<Variant>& chosen() {
  static std::atomic<Variant> variant{choose()};
  return variant;
}

}  // namespace

std::string_view name_of(Variant variant) {
  switch (variant) {
    case Variant::kPortable:
      return "portable";
    case Variant::kAvx2:
      return "avx2";
    case Variant::kAvx512:
      return "avx512";
  }
  return "";
}

const std::vector<Variant>& supported_variants() {
  static const std::vector<Variant> found = detect();
  return found;
}

Variant active_variant() {
  return chosen().load(std::memory_order_relaxed);
}

const KernelTable& active_kernels() {
#if defined(__x86_64__)
  if (active_variant() == Variant::kAvx512) return kAvx512Kernels;
  if (active_variant() == Variant::kAvx2) return kAvx2Kernels;
#endif
  return kPortableKernels;
}

void use_variant(Variant variant) {
  assert(is_supported(variant));
  chosen().store(variant, std::memory_order_relaxed);
}

}  // namespace antiphon::models::kernels
