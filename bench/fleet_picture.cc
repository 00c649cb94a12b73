// SPDX-License-Identifier: Apache-2.0
#include "bench/fleet_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace backhaul::fleet {
namespace {

constexpr double left = 56, right = 700, top = 30, bottom = 270;
constexpr const char* grey = "#808080";

std::string number(double value, const char* format = "%.1f") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

double place(const Axis& axis, double value, double from, double to) {
  const auto scaled = [&](double one) { return axis.logarithmic ? std::log10(std::max(one, axis.least)) : one; };
  const double inside = std::clamp(value, axis.least, axis.most);
  return from + (to - from) * (scaled(inside) - scaled(axis.least)) / (scaled(axis.most) - scaled(axis.least));
}

std::string mark_x(const Axis& axis, double value) {
  const std::string x = number(place(axis, value, left, right));
  return "<path d=\"M" + x + " " + number(top) + "V" + number(bottom) + "\" stroke=\"" + grey +
         "\" stroke-dasharray=\"1 4\"/><text x=\"" + x + "\" y=\"" + number(bottom + 14) +
         "\" text-anchor=\"middle\">" + number(value, "%g") + "</text>\n";
}

std::string mark_y(const Axis& axis, double value) {
  const std::string y = number(place(axis, value, bottom, top));
  return "<path d=\"M" + number(left) + " " + y + "H" + number(right) + "\" stroke=\"" + grey +
         "\" stroke-dasharray=\"1 4\"/><text x=\"" + number(left - 6) + "\" y=\"" + y + "\" text-anchor=\"end\">" +
         number(value, "%g") + "</text>\n";
}

}  // namespace

std::string picture(const std::string& title, const Axis& x, const Axis& y, const std::vector<Curve>& curves) {
  const double height = bottom + 44 + 14 * static_cast<double>(curves.size());
  std::string text = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 720 " + number(height) +
                     "\" font-family=\"sans-serif\" font-size=\"11\">\n"
                     "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n<text x=\"" +
                     number(left) + "\" y=\"16\" font-weight=\"bold\">" + title + "</text>\n";
  for (const double value : x.marks) text += mark_x(x, value);
  for (const double value : y.marks) text += mark_y(y, value);
  text += "<path d=\"M" + number(left) + " " + number(top) + "V" + number(bottom) + "H" + number(right) +
          "\" fill=\"none\" stroke=\"" + grey + "\"/>\n";
  text += "<text x=\"" + number(right) + "\" y=\"" + number(bottom + 28) + "\" text-anchor=\"end\">" + x.name +
          "</text>\n";
  text += "<text x=\"" + number(left + 6) + "\" y=\"" + number(top + 10) + "\">" + y.name + "</text>\n";
  double line = bottom + 40;
  for (const Curve& curve : curves) {
    text += "<polyline fill=\"none\" stroke=\"" + curve.colour + "\" stroke-width=\"1.6\" points=\"";
    std::string before;
    for (const auto& [across, up] : curve.points) {
      const std::string point = number(place(x, across, left, right)) + "," + number(place(y, up, bottom, top));
      if (point != before) text += point + " ";
      before = point;
    }
    text += "\"/>\n<text x=\"" + number(left) + "\" y=\"" + number(line) + "\" fill=\"" + curve.colour + "\">" +
            curve.name + "</text>\n";
    line += 14;
  }
  return text + "</svg>\n";
}

}  // namespace backhaul::fleet
