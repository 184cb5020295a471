#pragma once

#include <string_view>

namespace antiphon::models {

// The contents of models/catalogue/catalogue.json, as they were when the binary was built.
std::string_view catalogue_text();

}  // namespace antiphon::models
