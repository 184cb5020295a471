#include "tests/load/plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace antiphon::load {
namespace {

constexpr double kWidth = 560;
constexpr double kHeight = 260;
constexpr double kLeft = 60;
constexpr double kBottom = 40;
constexpr double kTop = 34;
constexpr double kRight = 130;
constexpr double kTicks = 5;  // about
constexpr double kLogarithmicMin = 0.01;
constexpr std::array kColours = {"#1b6ca8", "#d1495b", "#3a7d44", "#8a5a9e", "#c77d0a", "#4b5563"};

std::string number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

struct Axes {
  double x_max = 0;
  double y_max = 0;
  bool logarithmic = false;

  double x(double value) const { return kLeft + (kWidth - kLeft - kRight) * value / x_max; }
  double share(double value) const {
    if (!logarithmic) return value / y_max;
    return std::log(std::max(value, kLogarithmicMin) / kLogarithmicMin) / std::log(y_max / kLogarithmicMin);
  }
  double y(double value) const { return kHeight - kBottom - (kHeight - kBottom - kTop) * share(value); }
};

// 1, 2 or 5 of a power of ten, so that there are about kTicks of them up to `max`.
double round_step(double max) {
  const double power = std::pow(10, std::floor(std::log10(max / kTicks)));
  for (const double step : {1.0, 2.0, 5.0}) {
    if (max / (step * power) <= kTicks) return step * power;
  }
  return 10 * power;
}

std::vector<double> round_values(double max) {
  std::vector<double> values;
  const double step = round_step(max);
  for (int i = 0; i * step <= max * 1.0001; ++i) values.push_back(i * step);
  return values;
}

std::vector<double> powers_of_ten(double max) {
  std::vector<double> values;
  for (double value = kLogarithmicMin; value <= max * 1.0001; value *= 10) values.push_back(value);
  return values;
}

// The end of the axis: the first round value, or power of ten, that nothing lies beyond.
double round_end(double max, bool logarithmic) {
  if (logarithmic) return std::pow(10, std::ceil(std::log10(max) - 0.0001));
  const double step = round_step(max);
  return step * std::ceil(max / step - 0.0001);
}

std::string label(double x, double y, const std::string& text, const char* anchor) {
  return "<text x='" + number(x) + "' y='" + number(y) + "' text-anchor='" + anchor + "'>" + escaped(text) +
         "</text>";
}

std::string grid(const Axes& axes) {
  std::string svg;
  const auto y_values = axes.logarithmic ? powers_of_ten(axes.y_max) : round_values(axes.y_max);
  for (const double y_value : y_values) {
    svg += "<line class='grid' x1='" + number(kLeft) + "' x2='" + number(kWidth - kRight) + "' y1='" +
           number(axes.y(y_value)) + "' y2='" + number(axes.y(y_value)) + "'/>";
    svg += label(kLeft - 6, axes.y(y_value) + 4, number(y_value), "end");
  }
  for (const double x_value : round_values(axes.x_max)) {
    svg += label(axes.x(x_value), kHeight - kBottom + 16, number(x_value), "middle");
  }
  return svg;
}

std::string drawn(const PlotLine& line, const Axes& axes, const char* colour) {
  std::string points;
  std::string dots;
  for (const auto& [x, y] : line.points) {
    points += number(axes.x(x)) + "," + number(axes.y(y)) + " ";
    dots += "<circle cx='" + number(axes.x(x)) + "' cy='" + number(axes.y(y)) + "' r='3' fill='" + colour +
            "'><title>" + escaped(line.name) + ": " + number(y) + " at " + number(x) + "</title></circle>";
  }
  return "<polyline fill='none' stroke='" + std::string(colour) + "' stroke-width='1.6' points='" + points +
         "'/>" + dots;
}

}  // namespace

std::string escaped(const std::string& text) {
  std::string html;
  for (const char c : text) {
    if (c == '<') {
      html += "&lt;";
    } else if (c == '&') {
      html += "&amp;";
    } else if (c == '\'') {
      html += "&#39;";
    } else {
      html += c;
    }
  }
  return html;
}

std::string plot(const std::string& title, const std::string& x_name, const std::string& y_name,
                 const std::vector<PlotLine>& lines, bool logarithmic) {
  Axes axes;
  axes.logarithmic = logarithmic;
  for (const PlotLine& line : lines) {
    for (const auto& [x, y] : line.points) {
      axes.x_max = std::max(axes.x_max, x);
      axes.y_max = std::max(axes.y_max, y);
    }
  }
  if (axes.x_max <= 0) axes.x_max = 1;
  if (axes.y_max <= (logarithmic ? 10 * kLogarithmicMin : 0)) axes.y_max = 1;
  axes.y_max = round_end(axes.y_max, logarithmic);
  std::string svg = "<svg viewBox='0 0 " + number(kWidth) + " " + number(kHeight) + "'>" +
                    "<text class='title' x='" + number(kLeft) + "' y='14'>" + escaped(title) + "</text>" +
                    grid(axes);
  svg += label((kWidth - kRight + kLeft) / 2, kHeight - 6, x_name, "middle");
  svg += label(0, kTop - 10, y_name, "start");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const char* const colour = kColours[i % kColours.size()];
    svg += drawn(lines[i], axes, colour);
    const double y = kTop + 16 * static_cast<double>(i);
    svg += "<rect x='" + number(kWidth - kRight + 10) + "' y='" + number(y) +
           "' width='10' height='10' fill='" + colour + "'/>" +
           label(kWidth - kRight + 25, y + 9, lines[i].name, "start");
  }
  return svg + "</svg>\n";
}

}  // namespace antiphon::load
