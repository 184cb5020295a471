// The labelled ends and pauses of a turn set (clips.tsv), with what the networks made of them.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace antiphon::test {

struct TurnEvent {
  std::string kind;                  // end_complete, end_open, pause_open, hesitation, pause_final, ...
  std::optional<int> pause_ms;       // of a pause: the silence until the speaker went on
  std::map<int, std::string> clips;  // by milliseconds of silence at the end: file name

  std::string transcript;  // at the shortest silence
  std::optional<float> text_end_log_probability;
  std::map<int, float> sound_complete;  // by milliseconds of silence
};

// Throws std::runtime_error if FOLDER/clips.tsv can't be read.
std::map<int, TurnEvent> read_turn_events(const std::filesystem::path& folder);

// The cues of the events in a table, so that a later run need not run the networks.
void write_turn_cues(const std::filesystem::path& table, const std::map<int, TurnEvent>& events);
// Throws std::runtime_error if the table can't be read or names an event that is not there.
void read_turn_cues(const std::filesystem::path& table, std::map<int, TurnEvent>* events);

}  // namespace antiphon::test
