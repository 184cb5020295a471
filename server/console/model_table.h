// What `antiphon models` prints.
#pragma once

#include <ostream>
#include <span>

#include "models/catalogue/catalogue.h"
#include "models/catalogue/installation.h"

namespace antiphon::server {

struct ModelRow {
  const models::CatalogueModel* model;
  models::Installation found;
};

// Two lines for each model: what it is and whether it is there; what it costs.
void print_model_table(std::span<const ModelRow> rows, std::ostream& out);

// One JSON array with an object for each model.
void print_model_json(std::span<const ModelRow> rows, std::ostream& out);

}  // namespace antiphon::server
