// The subcommands of `antiphon`. Each add_*() declares one on the app; it runs when the command line names
// it. A command that fails throws; main prints the reason in one line and exits with 2, or with the code of a
// CLI::RuntimeError, whose reason was printed.
#pragma once

namespace CLI {
class App;
}

namespace antiphon::server {

void add_bench_command(CLI::App& app);
void add_chat_command(CLI::App& app);
void add_key_command(CLI::App& app);
void add_memory_command(CLI::App& app);
void add_models_command(CLI::App& app);
void add_say_command(CLI::App& app);
void add_serve_command(CLI::App& app);
void add_selftest_command(CLI::App& app);
void add_talk_command(CLI::App& app);
void add_transcribe_command(CLI::App& app);

}  // namespace antiphon::server
