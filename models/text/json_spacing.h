#pragma once

#include <string>
#include <string_view>

namespace antiphon::models::text {

// JSON as chat templates print it and models are trained to write it: one space after each ':' and ','
// outside strings. REQUIRES: valid JSON without white space outside strings. Pure.
std::string spaced_json(std::string_view compact);

}  // namespace antiphon::models::text
