// The composition root: the command line of `antiphon`.
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>

#include "models/torch/threads.h"
#include "server/commands/commands.h"

namespace antiphon::server {
namespace {

constexpr int kWrongUse = 2;

// The exit code of what the parser threw: asking for help is no fault; a command may give its own code.
int exit_code(const CLI::App& app, const CLI::ParseError& error) {
  const auto* own = dynamic_cast<const CLI::RuntimeError*>(&error);
  if (own != nullptr) return own->get_exit_code();
  return app.exit(error) == 0 ? 0 : kWrongUse;
}

int run(int argc, char** argv) {
  models::torch::use_one_thread();
  CLI::App app("Antiphon: a server that you can talk to. `antiphon COMMAND --help` says more about each.");
  app.require_subcommand(1);
  app.set_version_flag("--version", ANTIPHON_VERSION);
  add_bench_command(app);
  add_chat_command(app);
  add_key_command(app);
  add_memory_command(app);
  add_models_command(app);
  add_say_command(app);
  add_selftest_command(app);
  add_serve_command(app);
  add_talk_command(app);
  add_transcribe_command(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return exit_code(app, error);
  }
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
