#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "server/commands/commands.h"
#include "server/talk/sound_card.h"
#include "server/talk/talk.h"

namespace antiphon::server {
namespace {

constexpr const char* kFooter = R"(
Speaks with a server of the Realtime protocol, ours or another. Captions go to standard output, times and all
else to standard error. The time of an answer counts from the end of your speech, as the server found it, to
the first sample of the answer that can be heard.

Without --microphone your machine's own is used, until Ctrl-C. Put headphones on: a terminal has no echo
cancellation, and the server would hear itself. Recordings are spoken one after the other, at the pace of
speech, each when the answer to the last one is over.

Exit codes: 0 all was said (or Ctrl-C), 2 wrong use or no sound card, 3 not let in (nobody answers, wrong key,
server full), 4 the connection broke, 5 a recording got no answer.

Examples:
  antiphon talk
  antiphon talk --microphone question.wav --speaker answer.wav
  antiphon talk --microphone one.wav two.wav --speaker none --opus --eagerness high
  ANTIPHON_KEY=ak_... antiphon talk --url wss://host:8080 --ca-file cert.pem --user igor
  antiphon say "What is the capital of France?" -o q.wav && antiphon talk --microphone q.wav 2>/dev/null)";

constexpr int kNotLetIn = 3;
constexpr int kConnectionLost = 4;
constexpr int kUnanswered = 5;

struct TalkOptions {
  std::string url = "ws://127.0.0.1:8080/v1/realtime";
  ClientAccess access;
  std::string user;
  TalkSession session;
  std::vector<std::string> recordings;
  std::string speaker;
};

[[noreturn]] void fail(const std::string& why, int exit_code) {
  std::fprintf(stderr, "antiphon: %s\n", why.c_str());
  throw CLI::RuntimeError(exit_code);
}

int terminal_columns() {
  struct winsize size = {};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

// A trace of each turn, which servers of others don't know and pass over; and whose memory it is.
ServerUrl talk_url(const TalkOptions& options) {
  ServerUrl url = server_url(options.url);
  url.target += url.target.find('?') == std::string::npos ? "?" : "&";
  url.target += "turn_trace=true";
  if (!options.user.empty()) url.target += "&antiphon_user=" + options.user;
  return url;
}

std::unique_ptr<Loudspeaker> open_loudspeaker(const TalkOptions& options) {
  if (options.speaker == "none") return std::make_unique<RecordingLoudspeaker>("");
  if (!options.speaker.empty()) return std::make_unique<RecordingLoudspeaker>(options.speaker);
  if (options.recordings.empty()) return open_card_loudspeaker();
  try {
    return open_card_loudspeaker();
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "antiphon: answers are not played: %s\n", error.what());
    return std::make_unique<RecordingLoudspeaker>("");
  }
}

void print_summary(const Talk& talk) {
  std::vector<std::chrono::milliseconds> times;
  for (const TalkTurn& turn : talk.conversation().turns()) {
    if (turn.voice_to_voice) times.push_back(*turn.voice_to_voice);
  }
  if (times.empty()) return;
  std::ranges::sort(times);
  const std::chrono::milliseconds median = (times[(times.size() - 1) / 2] + times[times.size() / 2]) / 2;
  std::fprintf(stderr, "[voice to voice %lld ms at the median of %zu, underruns: %d]\n",
               static_cast<long long>(median.count()), times.size(), talk.underruns());
}

void talk(const TalkOptions& options) {
  ClientAccess access = options.access;
  access.url = talk_url(options);
  Talk::Parts parts;
  std::vector<Recording> recordings;
  for (const std::string& file : options.recordings) recordings.push_back(read_recording(file));
  RecordedMicrophone recorded(std::move(recordings));
  std::unique_ptr<Microphone> card;
  if (options.recordings.empty()) {
    card = open_card_microphone();
    parts.microphone = card.get();
  } else {
    parts.microphone = parts.recordings = &recorded;
  }
  const std::unique_ptr<Loudspeaker> loudspeaker = open_loudspeaker(options);
  CaptionPrinter captions(std::cout, std::cerr, isatty(STDOUT_FILENO) == 1);
  parts.loudspeaker = loudspeaker.get();
  parts.captions = &captions;
  parts.terminal_columns = terminal_columns;
  Talk talk(access, options.session, parts);
  Talk::End end = Talk::End::kLost;
  try {
    end = talk.run();
  } catch (const NotLetIn& refusal) {
    fail(refusal.what(), kNotLetIn);
  }
  print_summary(talk);
  if (end == Talk::End::kLost) fail("the connection was lost: " + talk.why_lost(), kConnectionLost);
  if (end == Talk::End::kUnanswered) fail("there was no answer to '" + recorded.name() + "'", kUnanswered);
}

void add_access_options(CLI::App& command, TalkOptions* options) {
  command
      .add_option("--url", options->url, "The server: ws:// or wss://, host, port; a path if it is not ours")
      ->capture_default_str();
  command.add_option("--key", options->access.key, "The server's key for you")
      ->envname("ANTIPHON_KEY")
      ->type_name("KEY");
  command.add_option("--ca-file", options->access.ca_file, "PEM file: whose certificates to trust")
      ->check(CLI::ExistingFile)
      ->type_name("FILE");
  command.add_flag("--opus", options->access.opus,
                   "Send and get Opus, a seventeenth of the bytes, if the server has it");
}

}  // namespace

void add_talk_command(CLI::App& app) {
  const auto options = std::make_shared<TalkOptions>();
  CLI::App* command = app.add_subcommand("talk", "Speak with a server from this terminal");
  add_access_options(*command, options.get());
  command->add_option("--microphone", options->recordings, "Recordings to speak, instead of the sound card's")
      ->type_name("FILE...");
  command
      ->add_option("--speaker", options->speaker,
                   "WAV file for what would be heard, or none; else the sound card's")
      ->type_name("FILE");
  command->add_option("--instructions", options->session.instructions, "What the assistant is told first");
  command->add_option("--voice", options->session.voice, "The assistant's voice, if the server has several");
  command
      ->add_option("--eagerness", options->session.eagerness,
                   "How soon a pause counts as the end of what you say")
      ->check(CLI::IsMember({"low", "medium", "high", "auto"}))
      ->capture_default_str();
  command->add_option("--user", options->user, "Whose memory this is: a name of letters, digits, - and _")
      ->check([](const std::string& name) {
        const auto plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_'; };
        return std::ranges::all_of(name, plain) ? "" : "letters, digits, - and _ only";
      });
  command->footer(kFooter);
  command->callback([options] { talk(*options); });
}

}  // namespace antiphon::server
