// Turn-level evidence recall of the context store on conversations in LoCoMo's form:
//   locomo_bench FILE.json [--embed] [--note] [--weights NAME=VALUE ...] [--tune]
// Prints recall@5, @10 and @50 over all questions with evidence, with the graph and without, by category, and
// how long a recall took. recall@k = mean over questions of |evidence in the top k| / |evidence|.
// --embed: also by meaning: each turn and question with its direction (MiniLM).
// --note: what of it a prompt is told, by how like in meaning a turn has to be; goes with --embed.
// --tune: looks for better weights, one at a time, and scores each conversation with those that are best for
// the others; then prints those that are best for all.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "context_store/context_store.h"
#include "context_store/meaning.h"
#include "context_store/prompt_note.h"
#include "context_store/recall.h"
#include "models/torch/mini_lm.h"
#include "models/torch/threads.h"
#include "tests/support/model_files.h"
#include "tests/support/temporary_folder.h"

namespace {

using namespace antiphon::context_store;
namespace models = antiphon::models;
using Clock = std::chrono::steady_clock;
using nlohmann::json;

constexpr std::array<int, 3> kDepths = {5, 10, 50};
constexpr int kCategories = 5;
constexpr int kAdversarial = 5;
constexpr std::array<const char*, kCategories + 1> kCategoryNames = {
    "all", "multi-hop", "temporal", "open-domain", "single-hop", "adversarial"};

// "1:56 pm on 8 May, 2023"
Timestamp parse_date(const std::string& text) {
  static const std::array<std::string, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
  int hour = 0;
  int minute = 0;
  int day = 0;
  int year = 0;
  std::array<char, 16> half{};
  std::array<char, 32> month{};
  if (std::sscanf(text.c_str(), "%d:%d %15s on %d %31[A-Za-z], %d", &hour, &minute, half.data(), &day,
                  month.data(), &year) != 6) {
    throw std::runtime_error("no date: '" + text + "'");
  }
  const auto at = std::find(kMonths.begin(), kMonths.end(), std::string(month.data())) - kMonths.begin();
  const std::chrono::sys_days date{std::chrono::year(year) / (static_cast<int>(at) + 1) / day};
  const int hours = hour % 12 + (half[0] == 'p' ? 12 : 0);
  return Timestamp(date) + std::chrono::minutes(hours * 60 + minute);
}

std::vector<std::string> evidence_of(const json& question) {
  std::vector<std::string> ids;
  for (const json& item : question.value("evidence", json::array())) {
    std::string text = item.get<std::string>();
    std::ranges::replace(text, ';', ' ');
    std::ranges::replace(text, ',', ' ');
    std::istringstream words(text);
    for (std::string id; words >> id;) ids.push_back(id);
  }
  return ids;
}

struct Score {
  std::array<double, kDepths.size()> hits{};
  int questions = 0;

  void add(const std::vector<std::string>& ranked, const std::vector<std::string>& evidence) {
    ++questions;
    for (std::size_t depth = 0; depth < kDepths.size(); ++depth) {
      const auto end = ranked.begin() + std::min<std::ptrdiff_t>(kDepths[depth], std::ssize(ranked));
      const auto found = std::ranges::count_if(
          evidence, [&](const std::string& id) { return std::find(ranked.begin(), end, id) != end; });
      hits[depth] += static_cast<double>(found) / static_cast<double>(evidence.size());
    }
  }
  void print(const char* name) const {
    std::printf("%-14s %6d", name, questions);
    for (const double hit : hits) std::printf("  %6.2f", 100 * hit / std::max(questions, 1));
    std::printf("\n");
  }
};
using Scores = std::array<Score, kCategories + 1>;

// How many prompts are told what helps, and how many something else.
struct NoteScore {
  int questions = 0;
  int with_quotes = 0;
  int with_evidence = 0;
  int quotes = 0;
  int of_evidence = 0;

  void add(const PromptNote& note, const std::vector<std::string>& evidence) {
    constexpr std::size_t kBeginning = 60;  // of a text that may be cut
    int told = 0;
    for (const std::string& quote : note.quotes) {
      told += std::ranges::any_of(evidence, [&](const std::string& text) {
        return quote.find(text.substr(0, kBeginning)) != std::string::npos;
      });
    }
    ++questions;
    with_quotes += note.quotes.empty() ? 0 : 1;
    with_evidence += told > 0 ? 1 : 0;
    quotes += static_cast<int>(note.quotes.size());
    of_evidence += told;
  }
};

std::vector<models::Embedding> embedded(const models::TextEmbedder& embedder,
                                        const std::vector<std::string>& texts) {
  constexpr std::size_t kTogether = 32;
  std::vector<models::Embedding> all;
  for (std::size_t at = 0; at < texts.size(); at += kTogether) {
    const auto end = texts.begin() + static_cast<std::ptrdiff_t>(std::min(at + kTogether, texts.size()));
    const auto some = embedder.embed({texts.begin() + static_cast<std::ptrdiff_t>(at), end}).run_to_end();
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// One conversation as a user of the store.
class Conversation {
 public:
  Conversation(ContextStore& store, const json& sample)
      : user_(UserPath::of("locomo", sample["sample_id"].get<std::string>()).value()), sample_(sample) {
    auto grant = store.try_lease({user_.path()}, "locomo");
    WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
    const json& conversation = sample["conversation"];
    for (int number = 1; conversation.contains("session_" + std::to_string(number)); ++number) {
      const std::string session = "session_" + std::to_string(number);
      last_ = parse_date(conversation[session + "_date_time"]);
      for (const json& turn : conversation[session]) add(lease, session, turn);
    }
    WriteLease* const leases[] = {&lease};
    if (const auto done = store.commit(leases, last_); !done) throw std::runtime_error(done.error().what);
    directions_.resize(sample_["qa"].size());
  }

  // Gives every turn and question its direction.
  void embed(ContextStore& store, const models::TextEmbedder& embedder) {
    auto grant = store.try_lease({user_.path()}, "locomo");
    WriteLease& lease = std::get<std::vector<WriteLease>>(grant).front();
    const ReadSnapshot snapshot = store.snapshot(user_.path(), last_).value();
    const UserGraph graph = snapshot.graph(user_).value();
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      texts.push_back(meaning_of(graph, static_cast<Ordinal>(i + 1)).value());
    }
    const auto turns = embedded(embedder, texts);
    for (std::size_t i = 0; i < turns.size(); ++i) {
      const Status kept = lease.set_vector(user_, static_cast<Ordinal>(i + 1), turns[i]);
      if (!kept) throw std::runtime_error(kept.error().what);
    }
    WriteLease* const leases[] = {&lease};
    if (const auto done = store.commit(leases, last_); !done) throw std::runtime_error(done.error().what);
    std::vector<std::string> questions;
    for (const json& question : sample_["qa"])
      questions.push_back(meaning_of(graph, question["question"].get<std::string>()).value());
    const auto found = embedded(embedder, questions);
    for (std::size_t i = 0; i < found.size(); ++i) directions_[i].assign(found[i].begin(), found[i].end());
  }

  void score(const ContextStore& store, Recaller& recaller, bool use_graph, Scores& scores,
             std::vector<double>& milliseconds) const {
    const ReadSnapshot snapshot = store.snapshot(user_.path(), last_).value();
    const UserGraph graph = snapshot.graph(user_).value();
    auto direction = directions_.begin();
    for (const json& question : sample_["qa"]) {
      const std::span<const float> meaning = *direction++;
      const std::vector<std::string> evidence = evidence_of(question);
      if (evidence.empty()) continue;
      const std::string text = question["question"];
      const auto begin = Clock::now();
      const Recall found = recaller
                               .recall(graph, {.text = text,
                                               .now = kForever,
                                               .turns_max = 50,
                                               .direction = meaning,
                                               .use_graph = use_graph})
                               .value();
      milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
      std::vector<std::string> ranked;
      for (const RecalledTurn& turn : found.turns) ranked.push_back(ids_[turn.turn.ordinal - 1]);
      scores[0].add(ranked, evidence);
      scores[static_cast<std::size_t>(question["category"].get<int>())].add(ranked, evidence);
    }
  }

  // What a prompt is told, with quotes by their meaning from a likeness on.
  void score_notes(const ContextStore& store, Recaller& recaller, const Conversation& asking,
                   float likeness_min, NoteScore* notes) const {
    const ReadSnapshot snapshot = store.snapshot(user_.path(), last_).value();
    const UserGraph graph = snapshot.graph(user_).value();
    auto direction = asking.directions_.begin();
    for (const json& question : asking.sample_["qa"]) {
      const std::span<const float> meaning = *direction++;
      if (evidence_of(question).empty() || question["category"] == kAdversarial) continue;
      const std::string text = question["question"];
      const Recall found =
          recaller.recall(graph, {.text = text, .now = kForever, .direction = meaning}).value();
      const NoteLimits limits{.likeness_min = likeness_min};
      const PromptNote note = prompt_note(graph, found, text, "", limits).value();
      notes->add(note, &asking == this ? texts_of(graph, evidence_of(question)) : std::vector<std::string>());
    }
  }

 private:
  std::vector<std::string> texts_of(const UserGraph& graph, const std::vector<std::string>& ids) const {
    std::vector<std::string> texts;
    for (const std::string& id : ids) {
      const auto at = std::ranges::find(ids_, id) - ids_.begin();
      if (at < std::ssize(ids_)) texts.push_back(graph.turn(static_cast<Ordinal>(at + 1)).value().text);
    }
    return texts;
  }
  void add(WriteLease& lease, const std::string& session, const json& turn) {
    NewTurn said{session, turn["speaker"], last_, turn["text"], "", {}};
    said.hint = turn.value("blip_caption", "") + "\n" + turn.value("query", "");
    ids_.push_back(turn["dia_id"]);
    if (const Status kept = lease.append_turn(user_, said); !kept)
      throw std::runtime_error(kept.error().what);
  }

  const UserPath user_;
  const json& sample_;
  std::vector<std::string> ids_;                // by turn ordinal, from 1
  std::vector<std::vector<float>> directions_;  // of the questions; empty: by words alone
  Timestamp last_;
};

// The weights that can be set, by name.
const std::map<std::string, float RecallWeights::*> kWeights = {{"k1", &RecallWeights::k1},
                                                                {"b", &RecallWeights::b},
                                                                {"answer", &RecallWeights::answer},
                                                                {"next", &RecallWeights::next},
                                                                {"session", &RecallWeights::session},
                                                                {"speaker", &RecallWeights::speaker},
                                                                {"asks", &RecallWeights::asks},
                                                                {"address", &RecallWeights::address},
                                                                {"feedback", &RecallWeights::feedback},
                                                                {"likeness", &RecallWeights::likeness}};

RecallWeights weights_of(const std::vector<std::string>& settings) {
  RecallWeights weights;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    const auto name = kWeights.find(setting.substr(0, equals));
    if (name == kWeights.end() || equals == std::string::npos)
      throw std::runtime_error("no weight: " + setting);
    weights.*name->second = std::stof(setting.substr(equals + 1));
  }
  return weights;
}

// Looks for weights by changing one at a time.
class Tuner {
 public:
  Tuner(const ContextStore& store, const std::vector<Conversation>& conversations)
      : store_(store), conversations_(conversations) {}

  // Of all conversations but one; none: -1.
  RecallWeights best_without(std::ptrdiff_t left_out, RecallWeights weights) {
    double best = value(weights, left_out);
    for (int round = 0; round < 2; ++round) {
      for (const auto& [name, member] : kWeights) {
        for (const float factor : {0.5F, 0.7F, 1.4F, 2.0F}) {
          RecallWeights other = weights;
          other.*member *= factor;
          const double other_value = value(other, left_out);
          if (other_value <= best) continue;
          best = other_value;
          weights = other;
        }
      }
    }
    return weights;
  }

  const std::vector<Score>& scores(const RecallWeights& weights) {
    std::vector<float> key;
    for (const auto& [name, member] : kWeights) key.push_back(weights.*member);
    std::vector<Score>& scores = known_[key];
    if (!scores.empty()) return scores;
    Recaller recaller(weights);
    for (const Conversation& conversation : conversations_) {
      Scores all;
      std::vector<double> unused;
      conversation.score(store_, recaller, true, all, unused);
      scores.push_back(all[0]);
    }
    return scores;
  }

 private:
  double value(const RecallWeights& weights, std::ptrdiff_t left_out) {
    const std::vector<Score>& found = scores(weights);
    double sum = 0;
    for (std::ptrdiff_t i = 0; i < std::ssize(found); ++i) {
      if (i != left_out)
        sum += found[static_cast<std::size_t>(i)].hits[0] + found[static_cast<std::size_t>(i)].hits[1];
    }
    return sum;
  }

  const ContextStore& store_;
  const std::vector<Conversation>& conversations_;
  std::map<std::vector<float>, std::vector<Score>> known_;
};

void print_weights(const RecallWeights& weights) {
  for (const auto& [name, member] : kWeights) std::printf("  %s=%.3g", name.c_str(), weights.*member);
  std::printf("\n");
}

void tune(const ContextStore& store, const std::vector<Conversation>& conversations,
          const RecallWeights& start) {
  Tuner tuner(store, conversations);
  Score held_out;
  for (std::ptrdiff_t i = 0; i < std::ssize(conversations); ++i) {
    const RecallWeights best = tuner.best_without(i, start);
    const Score& score = tuner.scores(best)[static_cast<std::size_t>(i)];
    held_out.questions += score.questions;
    for (std::size_t depth = 0; depth < kDepths.size(); ++depth) held_out.hits[depth] += score.hits[depth];
    std::printf("without conversation %td:", i);
    print_weights(best);
  }
  held_out.print("left out");
  const RecallWeights best = tuner.best_without(-1, start);
  std::printf("best for all:");
  print_weights(best);
}

// Questions to their own conversation, and to the others, where any quote is one too many.
void print_notes(const ContextStore& store, const std::vector<Conversation>& conversations,
                 const RecallWeights& weights) {
  const auto percent = [](int part, int all) { return 100.0 * part / std::max(all, 1); };
  std::printf(
      "of 100 questions: likeness from, told evidence, told anything, quotes that are evidence; "
      "asked elsewhere: told anything\n");
  Recaller recaller(weights);
  for (const float likeness_min : {0.35F, 0.4F, 0.45F, 0.5F, 0.55F, 0.6F, 0.65F, 0.7F, 2.0F}) {
    NoteScore own;
    NoteScore elsewhere;
    for (const Conversation& told : conversations) {
      for (const Conversation& asking : conversations) {
        told.score_notes(store, recaller, asking, likeness_min, &asking == &told ? &own : &elsewhere);
      }
    }
    std::printf("%5.2f  %6.1f  %6.1f  %6.1f   %6.1f\n", static_cast<double>(likeness_min),
                percent(own.with_evidence, own.questions), percent(own.with_quotes, own.questions),
                percent(own.of_evidence, own.quotes), percent(elsewhere.with_quotes, elsewhere.questions));
  }
}

int run(const std::string& path, const RecallWeights& weights, bool embeds, bool tunes, bool notes) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read '" + path + "'");
  const json samples = json::parse(file);
  const antiphon::test::TemporaryFolder folder;
  ContextStore store({.folder = folder.file("memory")});
  std::vector<Conversation> conversations;
  for (const json& sample : samples) conversations.emplace_back(store, sample);
  if (embeds) {
    models::torch::use_one_thread();
    const models::MiniLm embedder(antiphon::test::models_folder() / "minilm");
    for (Conversation& conversation : conversations) conversation.embed(store, embedder);
  }
  if (notes) {
    print_notes(store, conversations, weights);
    return 0;
  }
  if (tunes) {
    tune(store, conversations, weights);
    return 0;
  }
  Recaller recaller(weights);
  for (const bool use_graph : {false, true}) {
    Scores scores;
    std::vector<double> milliseconds;
    for (const Conversation& conversation : conversations) {
      conversation.score(store, recaller, use_graph, scores, milliseconds);
    }
    std::printf("%s\n%-14s %6s  %6s  %6s  %6s\n", use_graph ? "words and graph" : "words alone", "category",
                "asked", "R@5", "R@10", "R@50");
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i].print(kCategoryNames[i]);
    std::ranges::sort(milliseconds);
    std::printf("recall: p50 %.3f ms, p99 %.3f ms\n\n", milliseconds[milliseconds.size() / 2],
                milliseconds[milliseconds.size() * 99 / 100]);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  CLI::App app("Evidence recall of the context store on conversations in LoCoMo's form");
  std::string path;
  std::vector<std::string> settings;
  app.add_option("file", path, "A JSON array of conversations")->required();
  app.add_option("--weights", settings, "NAME=VALUE of RecallWeights");
  bool embeds = false;
  app.add_flag("--embed", embeds, "Also by meaning, with the text embedder");
  bool notes = false;
  app.add_flag("--note", notes, "What of it a prompt is told, by likeness in meaning")
      ->needs(app.get_option("--embed"));
  bool tunes = false;
  app.add_flag("--tune", tunes, "Look for better weights, leaving one conversation out each time");
  CLI11_PARSE(app, argc, argv);
  return run(path, weights_of(settings), embeds, tunes, notes);
} catch (const std::exception& error) {
  std::fprintf(stderr, "locomo_bench: %s\n", error.what());
  return 2;
}
