#include "tests/simulation/scenario.h"

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
};
constexpr int kThemes = 10;

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

SessionUpdate first_update(Theme theme, audio::SampleFormat input, Dice& dice) {
  SessionUpdate update;
  update.input_format = input;
  update.turn_detection = detection_of(theme, dice);
  if (dice.chance(0.8)) update.transcription = Transcription{"any", "", ""};
  if (dice.chance(0.15)) update.output_modality = OutputModality::kText;
  if (dice.chance(0.2)) update.output_format = audio::SampleFormat::kPcmu;
  if (dice.chance(0.15)) update.max_output_tokens = TokenLimit(dice.between(1, 20));
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

ClientPlan client_of(Theme theme, int session, std::uint64_t seed, Dice& dice) {
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
  if (theme == Theme::kEverything) {
    for (int i = dice.between(1, 10); i > 0; --i) script.sprinkle(any_request(theme, session, dice));
  }
  ClientPlan plan;
  plan.session = session;
  plan.connects = Time(ms_between(dice, 0, 1500));
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
  const int clients = theme == Theme::kCrowd ? dice->between(4, 6) : dice->between(1, 3);
  for (int session = 0; session < clients; ++session) {
    scenario.clients.push_back(client_of(theme, session, seed, *dice));
  }
  if (theme == Theme::kDrain) scenario.drains = dice->duration(Duration::zero(), seconds(10));
  return scenario;
}

}  // namespace antiphon::simulation
