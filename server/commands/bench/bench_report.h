// What a measurement of the networks gives, as a table for people and as JSON for scripts/bench.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "models/stepped.h"
#include "server/commands/loaded_models.h"

namespace antiphon::server::bench {

using Clock = std::chrono::steady_clock;

inline double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

// REQUIRES: at least one value; 0 <= share <= 1, 0.5 is the median.
double quantile(std::vector<double> values, double share);

struct Measurement {
  models::Job job{};
  std::string what;  // the key by which scripts/bench knows it
  double value = 0;
  std::string unit;  // with "ms" and "MiB" less is better, with "tokens/s" and "times real time" more
};

class BenchReport {
 public:
  // The median of several rounds.
  void add(models::Job job, std::string what, const std::vector<double>& rounds, std::string unit);

  // Runs long work step by step and keeps the steps' times.
  template <class Result>
  Result run(models::Job job, models::Stepped<Result> work) {
    while (!work.done()) {
      const Clock::time_point begin = Clock::now();
      work.step();
      step_ms_[job].push_back(ms_since(begin));
    }
    return work.take();
  }
  void add_step(models::Job job, double ms) { step_ms_[job].push_back(ms); }

  void print() const;
  // Throws std::runtime_error that names the file if it cannot be written.
  void write_json(const std::filesystem::path& path) const;

  std::string set;
  std::string kernels;
  std::vector<LoadTime> loading;
  double loading_ms = 0;  // of all networks, side by side
  // What the voice was given, by measurement, so that its published runtime can be given the same.
  std::map<std::string, std::u32string> phonemes;
  double resident_mib = 0;  // with the networks loaded and warmed up, before any measurement

 private:
  std::vector<Measurement> measurements_;
  std::map<models::Job, std::vector<double>> step_ms_;
};

}  // namespace antiphon::server::bench
