#include "server/console/model_table.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cstdint>
#include <iomanip>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace antiphon::server {
namespace {

std::string megabytes(std::uint64_t bytes) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(bytes < 10'000'000 ? 1 : 0) << static_cast<double>(bytes) / 1e6
       << " MB";
  return text.str();
}

std::string sets_of(const models::CatalogueModel& model) {
  std::string sets;
  for (const models::ModelSet set : model.sets) {
    sets += (sets.empty() ? "" : ", ") + std::string(models::name_of(set));
  }
  return sets;
}

std::string_view state_of(models::Installed state) {
  switch (state) {
    case models::Installed::kYes:
      return "installed";
    case models::Installed::kMissing:
      return "missing";
    case models::Installed::kDamaged:
      return "damaged";
  }
  return "";
}

using Cells = std::array<std::string, 6>;

Cells cells_of(const ModelRow& row) {
  const models::CatalogueModel& model = *row.model;
  std::string state(state_of(row.found.state));
  if (!row.found.problem.empty()) state += ": " + row.found.problem;
  return {std::string(models::name_of(model.job)), model.id,       model.licence,
          megabytes(model.bytes_installed()),      sets_of(model), std::move(state)};
}

}  // namespace

void print_model_table(std::span<const ModelRow> rows, std::ostream& out) {
  std::vector<Cells> table = {{"JOB", "ID", "LICENCE", "SIZE", "SETS", "STATE"}};
  for (const ModelRow& row : rows) table.push_back(cells_of(row));
  std::array<std::size_t, 6> widths{};
  for (const Cells& cells : table) {
    for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  for (std::size_t line = 0; line < table.size(); ++line) {
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) {
      out << std::left << std::setw(static_cast<int>(widths[i])) << table[line][i] << "  ";
    }
    out << table[line].back() << "\n";
    if (line > 0)
      out << "    " << rows[line - 1].model->network << ": " << rows[line - 1].model->cost << "\n";
  }
}

void print_model_json(std::span<const ModelRow> rows, std::ostream& out) {
  boost::json::array list;
  for (const auto& [model, found] : rows) {
    boost::json::array sets;
    for (const models::ModelSet set : model->sets) sets.emplace_back(models::name_of(set));
    list.push_back({{"id", model->id},
                    {"job", models::name_of(model->job)},
                    {"network", model->network},
                    {"licence", model->licence},
                    {"origin", model->origin},
                    {"bytes", model->bytes_installed()},
                    {"bytes_to_fetch", model->bytes_to_fetch()},
                    {"sets", std::move(sets)},
                    {"cost", model->cost},
                    {"state", state_of(found.state)},
                    {"problem", found.problem}});
  }
  out << boost::json::serialize(list) << "\n";
}

}  // namespace antiphon::server
