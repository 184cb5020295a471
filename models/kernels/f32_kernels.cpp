#include "models/kernels/f32_kernels.h"

#include "models/kernels/f32_tables.h"

namespace antiphon::models::kernels {

const F32Kernels& f32_kernels(Variant variant) {
#if defined(__x86_64__)
  if (variant == Variant::kAvx512) return f32_avx512::kF32Kernels;
  if (variant == Variant::kAvx2) return f32_avx2::kF32Kernels;
#endif
  return f32_portable::kF32Kernels;
}

}  // namespace antiphon::models::kernels
