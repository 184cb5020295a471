#include "models/kernels/f32_tables.h"

#if defined(__x86_64__)
#define F32_LANES 16
#define F32_ROWS 12
#define F32_TARGET [[gnu::target("avx512f,avx512vl,avx2,fma")]]

namespace antiphon::models::kernels::f32_avx512 {
namespace {

#include "models/kernels/f32_generic.inc"

}  // namespace

const F32Kernels kF32Kernels{&matrix, &lstm};

}  // namespace antiphon::models::kernels::f32_avx512
#endif
