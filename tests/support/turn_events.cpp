#include "tests/support/turn_events.h"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace antiphon::test {
namespace {

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  std::istringstream stream(line);
  for (std::string column; std::getline(stream, column, '\t');) columns.push_back(column);
  return columns;
}

std::vector<std::vector<std::string>> read_table(const std::filesystem::path& path, std::size_t columns) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(file, line);  // the header
  while (std::getline(file, line)) {
    rows.push_back(columns_of(line));
    if (rows.back().size() < columns) throw std::runtime_error(path.string() + ": a row is too short");
  }
  return rows;
}

}  // namespace

std::map<int, TurnEvent> read_turn_events(const std::filesystem::path& folder) {
  std::map<int, TurnEvent> events;
  for (const auto& row : read_table(folder / "clips.tsv", 5)) {
    TurnEvent& event = events[std::stoi(row[1])];
    event.kind = row[2];
    event.clips[std::stoi(row[3])] = row[0];
    if (const int pause_ms = std::stoi(row[4]); pause_ms >= 0) event.pause_ms = pause_ms;
  }
  return events;
}

void write_turn_cues(const std::filesystem::path& table, const std::map<int, TurnEvent>& events) {
  std::ofstream file(table);
  file << "event\tkind\tpause_ms\tsilence_ms\tsound_complete\ttext_end_log_probability\ttranscript\n";
  for (const auto& [number, event] : events) {
    for (const auto& [silence_ms, sound] : event.sound_complete) {
      file << number << '\t' << event.kind << '\t' << event.pause_ms.value_or(-1) << '\t' << silence_ms
           << '\t' << sound << '\t' << event.text_end_log_probability.value_or(0) << '\t' << event.transcript
           << '\n';
    }
  }
  if (!file.flush()) throw std::runtime_error("cannot write " + table.string());
}

void read_turn_cues(const std::filesystem::path& table, std::map<int, TurnEvent>* events) {
  for (const auto& row : read_table(table, 6)) {
    const auto found = events->find(std::stoi(row[0]));
    if (found == events->end()) throw std::runtime_error(table.string() + ": no event " + row[0]);
    found->second.sound_complete[std::stoi(row[3])] = std::stof(row[4]);
    found->second.text_end_log_probability = std::stof(row[5]);
    if (row.size() > 6) found->second.transcript = row[6];
  }
}

}  // namespace antiphon::test
