#include "server/commands/bench/bench_report.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "models/catalogue/catalogue.h"

namespace antiphon::server::bench {

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  return values.at(static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5));
}

void BenchReport::add(models::Job job, std::string what, const std::vector<double>& rounds,
                      std::string unit) {
  measurements_.push_back({job, std::move(what), quantile(rounds, 0.5), std::move(unit)});
}

void BenchReport::print() const {
  std::printf("set %s, kernels %s, one thread; medians\n\n", set.c_str(), kernels.c_str());
  std::printf("| network | measurement | value | unit |\n|---|---|---:|---|\n");
  for (const Measurement& one : measurements_) {
    std::printf("| %s | %s | %.*f | %s |\n", std::string(name_of(one.job)).c_str(), one.what.c_str(),
                one.value < 10 ? 3 : 1, one.value, one.unit.c_str());
  }
  std::printf("\n| network | load ms | warm-up ms | steps | p50 ms | p99 ms | longest ms |\n");
  std::printf("|---|---:|---:|---:|---:|---:|---:|\n");
  for (const LoadTime& time : loading) {
    const auto steps = step_ms_.find(time.job);
    std::printf("| %s | %.0f | %.0f |", std::string(name_of(time.job)).c_str(), time.load_ms,
                time.warm_up_ms);
    if (steps == step_ms_.end()) {
      std::printf(" 0 | | | |\n");
      continue;
    }
    std::printf(" %zu | %.2f | %.2f | %.2f |\n", steps->second.size(), quantile(steps->second, 0.5),
                quantile(steps->second, 0.99), quantile(steps->second, 1));
  }
  std::printf("\nloaded and warmed up side by side in %.0f ms; resident %.0f MiB\n", loading_ms,
              resident_mib);
}

void BenchReport::write_json(const std::filesystem::path& path) const {
  boost::json::array measured, steps, load_times;
  for (const Measurement& one : measurements_) {
    measured.push_back(
        {{"network", name_of(one.job)}, {"what", one.what}, {"value", one.value}, {"unit", one.unit}});
  }
  for (const auto& [job, ms] : step_ms_) {
    steps.push_back({{"network", name_of(job)},
                     {"count", ms.size()},
                     {"p50_ms", quantile(ms, 0.5)},
                     {"p99_ms", quantile(ms, 0.99)},
                     {"longest_ms", quantile(ms, 1)}});
  }
  for (const LoadTime& time : loading) {
    load_times.push_back(
        {{"network", name_of(time.job)}, {"load_ms", time.load_ms}, {"warm_up_ms", time.warm_up_ms}});
  }
  boost::json::object spoken;
  for (const auto& [what, symbols] : phonemes) {
    boost::json::array code_points;
    for (const char32_t symbol : symbols) code_points.push_back(std::uint32_t{symbol});
    spoken[what] = std::move(code_points);
  }
  const boost::json::object report = {{"set", set},
                                      {"kernels", kernels},
                                      {"measurements", std::move(measured)},
                                      {"phonemes", std::move(spoken)},
                                      {"steps", std::move(steps)},
                                      {"loading", std::move(load_times)},
                                      {"loading_ms", loading_ms},
                                      {"resident_mib", resident_mib}};
  std::ofstream file(path);
  file << boost::json::serialize(report) << "\n";
  if (!file.flush()) throw std::runtime_error("cannot write '" + path.string() + "'");
}

}  // namespace antiphon::server::bench
