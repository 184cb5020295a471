#pragma once

#include <string>

#include "models/catalogue/installation.h"

namespace CLI {
class App;
}

namespace antiphon::server {

// Which networks a command runs: the options that all such commands share.
//
// Lifetime: declare() keeps references to this object; it must outlive the parsing.
class ModelChoice {
 public:
  void declare(CLI::App& command);
  models::ResolvedModels resolve() const;
  const std::string& set() const { return set_; }

 private:
  std::string set_ = "standard";
};

}  // namespace antiphon::server
