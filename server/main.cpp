// The composition root: the command line of `antiphon`.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "models/torch/threads.h"
#include "server/commands/commands.h"

namespace antiphon::server {
namespace {

int run(int argc, char** argv) {
  models::torch::use_one_thread();
  CLI::App app("Antiphon: a server that you can talk to.");
  app.require_subcommand(1);
  add_bench_command(app);
  add_models_command(app);
  add_say_command(app);
  add_selftest_command(app);
  CLI11_PARSE(app, argc, argv);
  return 0;
}

}  // namespace
}  // namespace antiphon::server

int main(int argc, char** argv) {
  try {
    return antiphon::server::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "antiphon: " << error.what() << "\n";
    return 2;
  }
}
