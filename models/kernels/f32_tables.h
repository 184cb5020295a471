// Only for f32_kernels.cpp and the translation units that define these.
#pragma once

#include "models/kernels/f32_kernels.h"

namespace antiphon::models::kernels {

namespace f32_portable {
extern const F32Kernels kF32Kernels;
}
#if defined(__x86_64__)
namespace f32_avx2 {  // needs AVX2 and FMA
extern const F32Kernels kF32Kernels;
}
namespace f32_avx512 {  // needs AVX-512 F and VL
extern const F32Kernels kF32Kernels;
}
#endif

}  // namespace antiphon::models::kernels
