#pragma once

#include <string>
#include <utility>
#include <vector>

namespace antiphon::load {

struct PlotLine {
  std::string name;
  std::vector<std::pair<double, double>> points;
};

// An inline SVG: lines over a shared axis, from zero, with a legend and the values on hovering.
// `logarithmic`: the vertical axis, from 0.01 on.
std::string plot(const std::string& title, const std::string& x_name, const std::string& y_name,
                 const std::vector<PlotLine>& lines, bool logarithmic = false);

// Text for HTML.
std::string escaped(const std::string& text);

}  // namespace antiphon::load
