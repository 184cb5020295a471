#include "models/kernels/f32_tables.h"

#define F32_LANES 4
#define F32_ROWS 2
#define F32_TARGET

namespace antiphon::models::kernels::f32_portable {
namespace {

#include "models/kernels/f32_generic.inc"

}  // namespace

const F32Kernels kF32Kernels{&matrix, &lstm};

}  // namespace antiphon::models::kernels::f32_portable
