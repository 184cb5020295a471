// antiphon-load: what a server of the Realtime protocol does with many sessions at once. See README.md beside
// it.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/load/load_run.h"

namespace {

using namespace antiphon;

struct Options {
  std::string url;
  std::string server;
  std::string models = "small";
  std::string server_arguments;
  int process = 0;
  std::string key;
  load::ProfileOptions profile;
  int threads = 1;
  int rest_ms = 1200;
  int reply_tokens = 0;
  std::string format = "pcm16";
  std::string microphone = "silence";
  std::string detection = "server_vad:500";
  std::string speech;
  std::string json_file;
  std::string html_file;
  std::uint64_t seed = 1;
  bool quiet = false;
  bool strict = false;
  bool no_times = false;
  std::optional<double> voice_to_voice_p95, barge_in_p99, playout_p99, playout_p999, round_trip_p99;
};

audio::SampleFormat format_of(const std::string& name) {
  if (name == "pcmu") return audio::SampleFormat::kPcmu;
  return name == "pcma" ? audio::SampleFormat::kPcma : audio::SampleFormat::kPcm16;
}

boost::json::object wire_format(audio::SampleFormat format) {
  if (format == audio::SampleFormat::kPcmu) return {{"type", "audio/pcmu"}};
  if (format == audio::SampleFormat::kPcma) return {{"type", "audio/pcma"}};
  return {{"type", "audio/pcm"}, {"rate", 24000}};
}

// "server_vad:500" or "semantic_vad:high".
boost::json::object turn_detection(const std::string& text) {
  const std::size_t colon = text.find(':');
  const std::string kind = text.substr(0, colon);
  const std::string value = colon == std::string::npos ? "" : text.substr(colon + 1);
  boost::json::object detection{{"type", kind}};
  if (kind == "semantic_vad") {
    if (!value.empty()) detection["eagerness"] = value;
  } else if (kind == "server_vad") {
    if (!value.empty()) detection["silence_duration_ms"] = std::stoi(value);
  } else {
    throw std::runtime_error("--detection: '" + text +
                             "' is neither server_vad:MS nor semantic_vad:EAGERNESS");
  }
  return detection;
}

std::string session_update(const Options& options, audio::SampleFormat format) {
  const boost::json::object input{{"format", wire_format(format)},
                                  {"transcription", {{"model", "any"}}},
                                  {"turn_detection", turn_detection(options.detection)}};
  const boost::json::object output{{"format", wire_format(format)}};
  boost::json::object session{{"type", "realtime"}, {"audio", {{"input", input}, {"output", output}}}};
  if (options.reply_tokens > 0) session["max_output_tokens"] = options.reply_tokens;
  return boost::json::serialize(boost::json::object{{"type", "session.update"}, {"session", session}});
}

std::string models_of(const load::ServerAddress& server) {
  const load::Answer answer = ask(server, "/readyz");
  boost::json::error_code error;
  const boost::json::value body = boost::json::parse(answer.body, error);
  if (error || !body.is_object()) return {};
  const auto* models = body.as_object().if_contains("models");
  return models != nullptr && models->is_string() ? std::string(models->as_string()) : std::string();
}

// `room`: connections that the server is to hold.
std::vector<std::string> server_arguments(const Options& options, int room) {
  std::vector<std::string> arguments = {"--models",           options.models, "--sessions-max",
                                        std::to_string(room), "--log-level",  "warn"};
  std::istringstream more(options.server_arguments);
  for (std::string word; more >> word;) arguments.push_back(word);
  return arguments;
}

load::Objectives objectives_of(const Options& options, const std::string& models) {
  load::Objectives objectives;
  if (options.no_times) return load::without_times();
  objectives.voice_to_voice_p95 = models == "standard" ? 1500 : 800;
  if (models == "fake") {
    objectives.round_trip_p99 = 5;
    objectives.playout_lateness_p99 = 2;
    objectives.playout_lateness_p999 = 5;
  }
  objectives.voice_to_voice_p95 = options.voice_to_voice_p95.value_or(objectives.voice_to_voice_p95);
  objectives.barge_in_p99 = options.barge_in_p99.value_or(objectives.barge_in_p99);
  objectives.playout_lateness_p99 = options.playout_p99.value_or(objectives.playout_lateness_p99);
  objectives.playout_lateness_p999 = options.playout_p999.value_or(objectives.playout_lateness_p999);
  objectives.round_trip_p99 = options.round_trip_p99.value_or(objectives.round_trip_p99);
  return objectives;
}

void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw std::runtime_error("can't write " + path);
}

// How often an objective was missed, by a phase or the run as a whole.
int run(const Options& options, const std::string& command) {
  const std::vector<load::Phase> phases = phases_of(options.profile);
  const int connections = connections_of(phases);
  std::optional<load::OwnServer> own;
  load::TalkerSettings settings;
  if (!options.server.empty()) {
    const bool full = options.profile.profile == "overload";
    own.emplace(options.server, server_arguments(options, full ? options.profile.sessions : connections));
    settings.server = own->address();
  } else {
    settings.server = load::server_address(options.url);
  }
  settings.server.key = options.key;
  settings.format = format_of(options.format);
  settings.opus = options.format == "opus";
  settings.noise = options.microphone == "noise";
  if (settings.noise && settings.format != audio::SampleFormat::kPcm16) {
    throw std::runtime_error("--microphone noise: only with --format pcm16 or opus");
  }
  settings.session_update = session_update(options, settings.format);
  settings.rest_max = std::chrono::milliseconds(options.rest_ms);
  load::RunResult result;
  result.command = command;
  result.profile = options.profile.profile;
  result.models = models_of(settings.server);
  const bool fake = result.models == "fake";
  if (fake && settings.opus) {
    throw std::runtime_error(
        "--format opus: fake models understand direct current, which Opus does not carry");
  }
  if (fake) std::fprintf(stderr, "The server has FAKE MODELS: this measures the server itself.\n");
  // A session that leaves has its words until it is gone, another one comes meanwhile.
  const int users = connections + std::max(2, connections / 8);
  const load::SpokenParts parts = options.speech.empty()
                                      ? spoken_by_server(settings.server, users, fake, settings.format)
                                      : load::spoken_in_recordings(options.speech, users, settings.format);
  settings.parts = &parts;
  const pid_t process = own ? own->process() : options.process;
  const bool shows_progress = !options.quiet && isatty(STDERR_FILENO) == 1;
  load::LoadRun load_run(settings, phases, options.threads, options.seed, process, shows_progress);
  load_run.play(&result);
  if (shows_progress) std::fprintf(stderr, "\n");
  const load::Objectives objectives = objectives_of(options, result.models);
  std::fputs(text_of(result, objectives).c_str(), stdout);
  write_file(options.json_file, json_of(result, objectives));
  write_file(options.html_file, html_of(result, objectives));
  if (own && own->stop() != 0) throw std::runtime_error("the server did not end well");
  const auto missing = std::ranges::count_if(
      result.phases, [&](const load::PhaseResult& phase) { return !misses(phase, objectives).empty(); });
  return static_cast<int>(missing) + static_cast<int>(misses(result, objectives).size());
}

void declare(CLI::App& app, Options& options) {
  std::vector<std::string> names;
  std::string footer = "Profiles:\n";
  for (const auto& [name, help] : load::profiles()) {
    names.push_back(name);
    footer += "  " + name + std::string(14 - name.size(), ' ') + help + "\n";
  }
  app.footer(footer + R"(
Examples:
  antiphon-load --server build/release/antiphon --models fake --sessions 250
  antiphon-load --server build/release/antiphon --models small --profile ramp --sessions 20 --html ramp.html
  antiphon-load --url ws://127.0.0.1:8080/v1/realtime --pid 4711 --profile barge-in --sessions 5)");
  auto* where = app.add_option_group("server")->require_option(1);
  where->add_option("--url", options.url, "A server that runs: ws://ADDRESS:PORT/v1/realtime");
  where->add_option("--server", options.server, "The antiphon program: starts one, and ends it");
  app.add_option("--models", options.models, "Of --server: fake, small or standard")->capture_default_str();
  app.add_option("--server-args", options.server_arguments, "More arguments for it, parted by spaces");
  app.add_option("--pid", options.process, "Of --url: the process whose CPU and memory are read");
  app.add_option("--key", options.key, "API key");
  app.add_option("--profile", options.profile.profile)->check(CLI::IsMember(names))->capture_default_str();
  app.add_option("--sessions", options.profile.sessions)->check(CLI::Range(1, 5000))->capture_default_str();
  app.add_option("--step", options.profile.sessions_step, "Of ramp; 0: a tenth of the sessions");
  app.add_option("--seconds", options.profile.seconds, "Of each phase")->capture_default_str();
  app.add_option("--settle", options.profile.settle_seconds,
                 "Seconds before each phase that are not counted; default: as the profile has it");
  app.add_option("--barge-in", options.profile.barge_in_share, "Part of the answers that are spoken into")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  app.add_option("--rest-ms", options.rest_ms, "After an answer, at most")->capture_default_str();
  app.add_option("--reply-tokens", options.reply_tokens,
                 "Longest reply; 0: as the server likes. Users speak about half of the time with 8")
      ->check(CLI::Range(0, 4096));
  app.add_option("--threads", options.threads, "Of the tool")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--format", options.format, "Of the audio, both ways; opus: PCM16 as Opus packets")
      ->check(CLI::IsMember({"pcm16", "pcmu", "pcma", "opus"}))
      ->capture_default_str();
  app.add_option("--microphone", options.microphone,
                 "What it hears around the speech: digital silence, or white noise at -60 dBFS")
      ->check(CLI::IsMember({"silence", "noise"}))
      ->capture_default_str();
  app.add_option("--detection", options.detection, "server_vad:MS or semantic_vad:EAGERNESS")
      ->capture_default_str();
  app.add_option(
      "--speech", options.speech,
      "Folder of recordings (WAV, 16 kHz, mono); default: sentences in the server's own voice, with words "
      "of their own for each session");
  app.add_option("--json", options.json_file, "Writes the figures");
  app.add_option("--html", options.html_file, "Writes a report");
  app.add_option("--seed", options.seed)->capture_default_str();
  app.add_flag("--no-progress", options.quiet, "No line that tells how it goes; none is printed to a file");
  app.add_flag("--no-times", options.no_times, "No objective is a time: words, losses and leaks only");
  app.add_flag("--strict", options.strict, "Exit with 1 if an objective is missed");
  const std::string objectives = "Objectives, in ms";
  app.add_option("--voice-to-voice-p95", options.voice_to_voice_p95)->group(objectives);
  app.add_option("--barge-in-p99", options.barge_in_p99)->group(objectives);
  app.add_option("--playout-p99", options.playout_p99)->group(objectives);
  app.add_option("--playout-p999", options.playout_p999)->group(objectives);
  app.add_option("--round-trip-p99", options.round_trip_p99)->group(objectives);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Load for a server of the Realtime protocol: open loop, real time, every client measures");
  Options options;
  declare(app, options);
  CLI11_PARSE(app, argc, argv);
  std::string command = "antiphon-load";
  for (int i = 1; i < argc; ++i) command += " " + std::string(argv[i]);
  try {
    const int missed = run(options, command);
    return options.strict && missed > 0 ? 1 : 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "antiphon-load: %s\n", error.what());
    return 2;
  }
}
