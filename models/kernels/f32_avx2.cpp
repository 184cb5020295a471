#include "models/kernels/f32_tables.h"

#if defined(__x86_64__)
#define F32_LANES 8
#define F32_ROWS 6
#define F32_TARGET [[gnu::target("avx2,fma")]]

namespace antiphon::models::kernels::f32_avx2 {
namespace {

#include "models/kernels/f32_generic.inc"

}  // namespace

const F32Kernels kF32Kernels{&matrix, &lstm};

}  // namespace antiphon::models::kernels::f32_avx2
#endif
