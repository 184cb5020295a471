#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "models/text/utf8_repair.h"
#include "pipeline/compute/helper_threads.h"
#include "server/commands/commands.h"
#include "server/commands/conversation.h"
#include "server/commands/loaded_models.h"
#include "server/commands/model_choice.h"

namespace antiphon::server {
namespace {

constexpr const char* kFooter = R"(
At the prompt: a line is a message; /reset begins anew; /quit or end of input ends; Ctrl-C stops an answer.
Without a terminal, messages are the lines of standard input and answers go to standard output, so that a
conversation can be scripted. Times go to standard error.

Examples:
  antiphon chat
  antiphon chat --models small --temperature 0.7 --top-p 0.9 --seed 1
  antiphon chat --language-model ~/models/llama-3.2-1b-instruct-q4_k_m.gguf
  antiphon chat --language-model ~/models/Qwen2.5-0.5B-Instruct
  printf 'Hello!\nWhat is your name?\n' | antiphon chat
  echo 'Tell me a short joke.' | antiphon chat 2>/dev/null | antiphon say -o joke.wav)";

struct ChatOptions {
  ModelChoice models;
  std::string system;
  int context_tokens = 4096;
  Conversation::Options conversation;
  // What suits the model, unless they are given.
  std::optional<float> repetition_penalty;
  std::optional<int> reply_tokens_max;
  std::optional<int> history_tokens_max;
};

std::atomic<bool> stop_wanted = false;
static_assert(std::atomic<bool>::is_always_lock_free);

// Without SA_RESTART: while a line is awaited, Ctrl-C ends the input.
void catch_interrupt() {
  struct sigaction action = {};
  action.sa_handler = [](int) { stop_wanted = true; };
  sigaction(SIGINT, &action, nullptr);
}

void print_statistics(const Conversation::Reply& reply) {
  using End = Conversation::Reply::End;
  if (reply.end == End::kMessageTooLong) {
    std::fprintf(stderr, "antiphon: the message is too long for the model's context\n");
    return;
  }
  const double rate = reply.reply_tokens > 1 ? (reply.reply_tokens - 1) / reply.generation.count() : 0;
  std::fprintf(stderr, "[first token after %.0f ms (%d read), %d tokens at %.1f tokens/s%s%s]\n",
               reply.first_token.count() * 1000, reply.prompt_tokens, reply.reply_tokens, rate,
               reply.end == End::kTokenLimit ? ", cut at --max-tokens" : "",
               reply.turns_dropped > 0 ? ", oldest turns forgotten" : "");
}

class Chat {
 public:
  explicit Chat(Conversation& conversation) : conversation_(conversation) {}

  void run() {
    if (terminal_) catch_interrupt();
    std::string line;
    while (prompt() && std::getline(std::cin, line)) {
      if (line == "/quit") return;
      if (line == "/reset") {
        conversation_.reset();
      } else if (line.starts_with('/')) {
        std::fprintf(stderr, "antiphon: there are /reset and /quit, not %s\n", line.c_str());
      } else if (line.find_first_not_of(" \t\r") != std::string::npos) {
        answer(line);
      }
    }
    if (terminal_) std::cout << "\n";
  }

 private:
  bool prompt() const {
    if (terminal_) std::cout << "> " << std::flush;
    return static_cast<bool>(std::cout);
  }

  void answer(const std::string& line) {
    stop_wanted = false;
    const auto on_text = [](std::string_view text) { std::cout << text << std::flush; };
    const auto reply =
        conversation_.reply(models::text::repair_utf8(line), {on_text, [] { return stop_wanted.load(); }});
    std::cout << "\n" << std::flush;
    print_statistics(reply);
  }

  Conversation& conversation_;
  const bool terminal_ = isatty(STDIN_FILENO) == 1;
};

// As many as the machine has beside this one; reading the weights keeps no more than three busy.
int helper_count() {
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) - 1, 0, 3);
}

void chat(const ChatOptions& options) {
  const LoadedModels loaded =
      load_models(options.models.resolve(), {.jobs = {models::Job::kLanguageModel},
                                             .language_model_file = options.models.language_model_file(),
                                             .language_model_slots = 2,
                                             .language_model_passes = 1,
                                             .context_tokens_max = options.context_tokens});
  models::LanguageModel& model = *loaded.language_model;
  const models::text::ChatTemplate chat_template(loaded.chat_family, *loaded.tokenizer);
  auto prompt = models::text::spoken_assistant_prompt(model.info().weight_bytes);
  if (!options.system.empty()) {
    prompt.system = options.system;
    prompt.examples.clear();
  }
  Conversation::Options talk = options.conversation;
  talk.sampling.repetition_penalty = options.repetition_penalty.value_or(prompt.repetition_penalty);
  talk.reply_tokens_max = options.reply_tokens_max.value_or(prompt.reply_tokens_max);
  talk.history_tokens_max = options.history_tokens_max.value_or(prompt.history_tokens_max);
  pipeline::HelperThreads helpers(helper_count());
  talk.sharing = &helpers.sharing();
  Conversation conversation(model, *loaded.tokenizer, chat_template, prompt, talk);
  std::fprintf(stderr, "%s, %d tokens of context\n", model.info().name.c_str(), model.context_tokens_max());
  Chat(conversation).run();
}

void add_sampling_options(CLI::App& command, ChatOptions* options) {
  models::SamplingOptions& sampling = options->conversation.sampling;
  command.add_option("--temperature", sampling.temperature, "0: always the likeliest word; more: livelier")
      ->check(CLI::Range(0.0, 5.0))
      ->capture_default_str()
      ->group("Sampling");
  command.add_option("--top-p", sampling.top_p, "Only the likeliest words of together this probability")
      ->check(CLI::Range(0.01, 1.0))
      ->capture_default_str()
      ->group("Sampling");
  command
      .add_option("--repetition-penalty", options->repetition_penalty,
                  "Above 1: repeat less (by the model: 1.1 for small ones, else 1)")
      ->check(CLI::Range(1.0, 2.0))
      ->group("Sampling");
  command.add_option("--seed", options->conversation.seed, "The same seed gives the same answers")
      ->capture_default_str()
      ->group("Sampling");
  command
      .add_option("--max-tokens", options->reply_tokens_max,
                  "The longest answer (by the model: 60 for small ones, else 300)")
      ->check(CLI::Range(1, 100'000))
      ->group("Sampling");
}

}  // namespace

void add_chat_command(CLI::App& app) {
  const auto options = std::make_shared<ChatOptions>();
  CLI::App* command = app.add_subcommand("chat", "Talk to the language model in writing");
  command->add_option("--system", options->system, "What the model is told first, instead of our own text");
  command
      ->add_option("--context-tokens", options->context_tokens, "How much it remembers of the conversation")
      ->check(CLI::Range(64, 1'000'000))
      ->capture_default_str();
  command
      ->add_option("--history-tokens", options->history_tokens_max,
                   "How much of the conversation it is shown (by the model: 100 for small ones, else all)")
      ->check(CLI::Range(1, 1'000'000));
  add_sampling_options(*command, options.get());
  options->models.declare(*command, {models::Job::kLanguageModel});
  command->footer(kFooter);
  command->callback([options] { chat(*options); });
}

}  // namespace antiphon::server
