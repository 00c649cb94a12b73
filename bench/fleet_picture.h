// SPDX-License-Identifier: Apache-2.0
// Curves as SVG; the same points give the same file.
#ifndef BACKHAUL_BENCH_FLEET_PICTURE_H
#define BACKHAUL_BENCH_FLEET_PICTURE_H

#include <string>
#include <utility>
#include <vector>

namespace backhaul::fleet {

struct Curve {
  std::string name;
  std::string colour;
  std::vector<std::pair<double, double>> points;
};

struct Axis {
  std::string name;
  double least = 0;
  double most = 1;
  bool logarithmic = false;
  std::vector<double> marks;
};

std::string picture(const std::string& title, const Axis& x, const Axis& y, const std::vector<Curve>& curves);

}  // namespace backhaul::fleet

#endif
