#pragma once

#include "models/kernels/tile_layout.h"

namespace antiphon::models::kernels {

// QuantisedMatrix's product for AVX2, FMA and F16C; those for other processors lie beside their tables.
void multiply_avx2(const TileCall& call);

}  // namespace antiphon::models::kernels
