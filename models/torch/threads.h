// Free of torch, so that a composition root can include it.
#pragma once

namespace antiphon::models::torch {

// One thread for each operator: a compute lane is a thread. Call once before the first network is loaded.
void use_one_thread();

}  // namespace antiphon::models::torch
