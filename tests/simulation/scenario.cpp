#include "tests/simulation/scenario.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace antiphon::simulation {
namespace {

using namespace pipeline;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

enum class Theme {
  kBargeIn,
  kWrongEnds,
  kPushToTalk,
  kBursts,
  kSlowReaders,
  kLostConnections,
  kEverything,
  kCrowd,
  kDrain,
  kExpiry,
  kFunctions,
  kAside,
  kFullLanes,
  kFailures,
};
static_assert(static_cast<int>(Theme::kFailures) == kThemes - 1);

milliseconds ms_between(Dice& dice, int low, int high) {
  return milliseconds(dice.between(low, high));
}

// --- the machine ---

Speeds speeds_of(Dice& dice) {
  // Of a step, as measured with the small models; then the same on a machine that is slower by a factor.
  constexpr std::array<int, kTaskKinds> kStepMicroseconds = {3000, 6000, 6000, 8000, 6000, 5000};
  const int slower = dice.chance(0.6) ? dice.between(1, 2) : dice.between(3, 12);
  Speeds speeds;
  for (std::size_t kind = 0; kind < kTaskKinds; ++kind) {
    speeds.step[kind] = microseconds(kStepMicroseconds[kind]) * slower / 2;
  }
  speeds.voice_pass = microseconds(dice.between(100, 2000));
  speeds.media_wake = microseconds(dice.between(20, 1000));
  if (dice.chance(0.3)) {
    speeds.stall_chance = 0.002;
    speeds.stall_max = ms_between(dice, 50, 500);
  }
  return speeds;
}

EngineConfig engine_of(Theme theme, Dice& dice) {
  EngineConfig config;
  config.sessions_max = theme == Theme::kCrowd ? 2 : 4;
  config.compute_lanes = dice.between(1, 3);
  config.limits.speculate = dice.chance(0.8);
  if (theme == Theme::kExpiry) config.limits.session_max = ms_between(dice, 1000, 9000);
  config.wall_clock = [] { return WallTime(seconds(1'700'000'000)); };
  return config;
}

// --- what clients ask for ---

TurnDetectionUpdate detection_of(Theme theme, Dice& dice) {
  using Kind = TurnDetection::Kind;
  TurnDetectionUpdate update;
  update.kind = dice.chance(0.5) ? Kind::kServerVad : Kind::kSemanticVad;
  if (theme == Theme::kPushToTalk) update.kind = Kind::kPushToTalk;
  if (update.kind == Kind::kServerVad) {
    update.silence_duration = ms_between(dice, 150, 700);
    if (dice.chance(0.2)) update.idle_timeout = ms_between(dice, 5000, 7000);
  }
  if (update.kind == Kind::kSemanticVad) {
    constexpr std::array kAll = {turns::Eagerness::kLow, turns::Eagerness::kMedium, turns::Eagerness::kHigh};
    update.eagerness = kAll[static_cast<std::size_t>(dice.between(0, 2))];
  }
  update.prefix_padding = ms_between(dice, 0, 400);
  if (theme == Theme::kEverything && dice.chance(0.3)) update.interrupt_response = false;
  if (theme == Theme::kEverything && dice.chance(0.2)) update.create_response = false;
  return update;
}

void add_functions(SessionUpdate& update, Dice& dice) {
  update.tools = {
      {"look", "Looks.", R"({"type":"object","properties":{"word":{"type":"string"}},"required":["word"]})"},
      {"wait", "", ""}};
  ToolChoice choice;
  if (dice.chance(0.1)) choice.kind = ToolChoice::Kind::kNone;
  if (dice.chance(0.1)) choice.kind = ToolChoice::Kind::kRequired;
  if (dice.chance(0.1)) choice = {ToolChoice::Kind::kFunction, "wait"};
  update.tool_choice = choice;
  if (dice.chance(0.4)) update.output_modality = OutputModality::kText;
  update.max_output_tokens = TokenLimit();
  if (dice.chance(0.15)) update.max_output_tokens = TokenLimit(dice.between(1, 150));
}

SessionUpdate first_update(Theme theme, audio::SampleFormat input, Dice& dice) {
  SessionUpdate update;
  update.input_format = input;
  update.turn_detection = detection_of(theme, dice);
  if (dice.chance(0.8)) update.transcription = Transcription{"any", "", ""};
  if (dice.chance(0.15)) update.output_modality = OutputModality::kText;
  if (dice.chance(0.2)) update.output_format = audio::SampleFormat::kPcmu;
  if (dice.chance(0.15)) update.max_output_tokens = TokenLimit(dice.between(1, 20));
  if (theme == Theme::kFailures) update.max_output_tokens = TokenLimit();
  if (theme == Theme::kFunctions) add_functions(update, dice);
  return update;
}

ConversationItem text_item(int session, Dice& dice) {
  std::vector<Word> words;
  for (int i = dice.between(1, 4); i > 0; --i) words.push_back({session, dice.between(0, Word::kDigits - 1)});
  ContentPart part;
  part.text = text_of(words) + ".";
  return {WireId(), ItemStatus::kCompleted, Message{Role::kUser, {std::move(part)}}};
}

RequestResponse some_response(Dice& dice) {
  RequestResponse request;
  if (dice.chance(0.3)) request.overrides.output_modality = OutputModality::kText;
  if (dice.chance(0.3)) request.overrides.outside_conversation = true;
  if (dice.chance(0.2)) request.overrides.instructions = "Be brief.";
  return request;
}

using Maker = std::function<std::optional<ClientEvent>(const SessionChecker&)>;

Maker always(ClientEvent::Body body) {
  return [body = std::move(body)](const SessionChecker&) { return ClientEvent{"", body}; };
}

// About the newest item, if there is one.
template <class Body>
Maker about_last_item(Body body) {
  return [body](const SessionChecker& seen) -> std::optional<ClientEvent> {
    if (seen.items().empty()) return std::nullopt;
    Body named = body;
    named.item_id = seen.items().back();
    return ClientEvent{"", named};
  };
}

// Of this session's words, of items of its conversation, or of the conversation; text or sound.
Maker aside_response(int session, Dice& dice) {
  RequestResponse request = some_response(dice);
  request.overrides.outside_conversation = true;
  request.overrides.metadata = {{"number", std::to_string(dice.between(0, 99))}};
  const bool own_input = dice.chance(0.6);
  const bool last_item = own_input && dice.chance(0.4);
  if (own_input) request.overrides.input = {text_item(session, dice)};
  return [request, last_item](const SessionChecker& seen) {
    RequestResponse made = request;
    if (last_item && !seen.items().empty()) {
      made.overrides.input->emplace_back(std::in_place_type<ItemReference>, seen.items().back());
    }
    return ClientEvent{"", std::move(made)};
  };
}

Maker cancel_aside() {
  return [](const SessionChecker& seen) -> std::optional<ClientEvent> {
    const auto response = seen.side_response();
    if (!response) return std::nullopt;
    return ClientEvent{"", CancelResponse{response}};
  };
}

Maker any_request(Theme theme, int session, Dice& dice) {
  switch (dice.between(0, 9)) {
    case 0:
      return always(CancelResponse{});
    case 1:
      return always(some_response(dice));
    case 2:
      return always(CreateItem{text_item(session, dice), std::nullopt});
    case 3:
      return always(ClearOutputAudio{});
    case 4:
      return always(ClearInputAudio{});
    case 5:
      return always(CommitInputAudio{});
    case 6:
      return about_last_item(RetrieveItem{});
    case 7:
      return about_last_item(DeleteItem{});
    case 8:
      return about_last_item(TruncateItem{WireId(), 0, ms_between(dice, 0, 3000)});
    default: {
      SessionUpdate update;
      update.turn_detection = detection_of(theme, dice);
      return always(update);
    }
  }
}

// --- what users say ---

// Long enough for every turn detection to end the turn.
void fall_silent(ScriptWriter& script, Dice& dice) {
  script.be_silent(ms_between(dice, 8300, 9500));
}

void talk(Theme theme, ScriptWriter& script, int turn, std::uint64_t seed, Dice& dice) {
  if (theme == Theme::kBursts && dice.chance(0.7)) script.begin_burst();
  script.say(dice.between(1, 5));
  switch (theme) {
    case Theme::kBargeIn:
      // The next turn begins at another moment of this one's reply for each seed.
      script.be_silent(milliseconds(
          200 + static_cast<int>(seed / kThemes * 37 + static_cast<std::uint64_t>(turn) * 1009) % 3500));
      return;
    case Theme::kWrongEnds:
      for (int piece = dice.between(1, 3); piece > 0; --piece) {
        script.be_silent(ms_between(dice, 60, 1500));
        script.say(dice.between(1, 3));
      }
      break;
    case Theme::kPushToTalk:
      script.be_silent(ms_between(dice, 0, 300));
      script.send(CommitInputAudio{});
      if (dice.chance(0.9)) script.send(some_response(dice));
      script.wait(ms_between(dice, 0, 4000));
      return;
    default:
      break;
  }
  script.be_silent(ms_between(dice, 100, 3000));
  if (theme == Theme::kBursts) script.end_burst();
}

// What a theme adds to a script that is written.
void sprinkle(Theme theme, int session, ScriptWriter& script, Dice& dice) {
  if (theme == Theme::kEverything) {
    for (int i = dice.between(1, 10); i > 0; --i) script.sprinkle(any_request(theme, session, dice));
  }
  if (theme == Theme::kAside) {
    for (int i = dice.between(1, 12); i > 0; --i) script.sprinkle(aside_response(session, dice));
    for (int i = dice.between(0, 3); i > 0; --i) script.sprinkle(cancel_aside());
  }
}

// The networks are whole again, so this turn gets its answer.
void last_turn(const Scenario& scenario, ClientPlan& plan, ScriptWriter& script, Dice& dice) {
  fall_silent(script, dice);
  const Time now = plan.connects + script.length();
  const Duration left = std::max(Duration::zero(), scenario.fails_until - now);
  script.be_silent(std::chrono::duration_cast<milliseconds>(left) + milliseconds(500));
  script.say(dice.between(2, 4));
  fall_silent(script, dice);
  plan.networks_fail = plan.last_turn_is_answered = true;
}

ClientPlan client_of(Theme theme, int session, std::uint64_t seed, const Scenario& scenario, Dice& dice) {
  constexpr std::array kFormats = {audio::SampleFormat::kPcm16, audio::SampleFormat::kPcm16,
                                   audio::SampleFormat::kPcmu, audio::SampleFormat::kPcma};
  const audio::SampleFormat format = kFormats[static_cast<std::size_t>(dice.between(0, 3))];
  constexpr std::array kChunks = {20, 20, 40, 100, 250};
  const milliseconds chunk(kChunks[static_cast<std::size_t>(dice.between(0, 4))]);
  ScriptWriter script(session, format, chunk, &dice);
  script.send(first_update(theme, format, dice));
  script.be_silent(ms_between(dice, 0, 300));
  for (int turn = 0; turn < dice.between(1, 3); ++turn) talk(theme, script, turn, seed, dice);
  if (theme == Theme::kPushToTalk) {
    script.send(CommitInputAudio{});
  } else {
    fall_silent(script, dice);
  }
  sprinkle(theme, session, script, dice);
  ClientPlan plan;
  plan.session = session;
  plan.connects = Time(ms_between(dice, 0, 1500));
  if (theme == Theme::kFailures) last_turn(scenario, plan, script, dice);
  if (theme == Theme::kFunctions) {
    plan.calls_answered_max = dice.between(0, 3);
    plan.answers_after = ms_between(dice, 0, 1500);
  }
  plan.says = script.said();
  if (theme == Theme::kLostConnections && dice.chance(0.8)) {
    plan.vanishes = dice.duration(Duration::zero(), script.length());
  }
  if (theme == Theme::kSlowReaders) {
    plan.events_queued_max = static_cast<std::size_t>(dice.between(16, 128));
    plan.reads_for_each_event = ms_between(dice, 1, 60);
  }
  if (theme == Theme::kCrowd) plan.connects = Time(ms_between(dice, 0, 20000));
  plan.script = script.take();
  return plan;
}

}  // namespace

Scenario scenario_of(std::uint64_t seed, Dice* dice) {
  const auto theme = static_cast<Theme>(seed % kThemes);
  Scenario scenario;
  scenario.engine = engine_of(theme, *dice);
  scenario.speeds = speeds_of(*dice);
  if (dice->chance(0.2)) scenario.context_tokens_max = dice->between(130, 220);
  if (theme == Theme::kFunctions) {
    scenario.context_tokens_max = 3000;
    scenario.reply_tokens_max = 250;
  }
  if (theme == Theme::kFailures) {
    scenario.failure_chance = dice->chance(0.3) ? 0.5 : 0.02;
    scenario.fails_until = Time(ms_between(*dice, 2000, 20000));
  }
  if (theme == Theme::kFullLanes) {
    const Time from = Time(ms_between(*dice, 500, 8000));
    scenario.full_lanes = {from, from + ms_between(*dice, 100, 4000)};
  }
  const int clients = theme == Theme::kCrowd ? dice->between(4, 6) : dice->between(1, 3);
  for (int session = 0; session < clients; ++session) {
    scenario.clients.push_back(client_of(theme, session, seed, scenario, *dice));
  }
  if (theme == Theme::kDrain) scenario.drains = dice->duration(Duration::zero(), seconds(10));
  return scenario;
}

}  // namespace antiphon::simulation
