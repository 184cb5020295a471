#pragma once

#include <filesystem>
#include <initializer_list>
#include <map>
#include <string>

#include "models/catalogue/installation.h"

namespace CLI {
class App;
}

namespace antiphon::server {

// Which networks a command runs: the options that such commands share, --models and one for each job.
//
// Lifetime: declare() keeps references to this object; it must outlive the parsing.
class ModelChoice {
 public:
  enum class Sets { kReal, kRealAndFake };

  // `jobs`: those that the command has work for.
  void declare(CLI::App& command, std::initializer_list<models::Job> jobs, Sets sets = Sets::kReal);

  // Stand-ins instead of networks: resolve() and language_model_file() have nothing to say.
  bool fake() const { return set_ == "fake"; }

  // Throws std::runtime_error that names the option.
  models::ResolvedModels resolve() const;
  const std::string& set() const { return set_; }

  // The language model's file: the user's own (or folder), or the one of the catalogue's model. Throws
  // std::runtime_error if it is not there.
  std::filesystem::path language_model_file() const;

 private:
  std::string set_ = "standard";
  std::map<models::Job, std::string> own_;  // what the options name, empty where not given
};

}  // namespace antiphon::server
