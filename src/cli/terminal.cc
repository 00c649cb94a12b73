// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <string_view>

namespace backhaul::cli {
namespace {

std::string_view variable(const char* name) {
  const char* value = getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

std::size_t columns_of(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

std::size_t lines_of(int fd) {
  winsize size{};
  if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return size.ws_row;
  return 24;
}

Terminal look_at(int fd, const std::string& colour_option) {
  Terminal terminal;
  terminal.tty = isatty(fd) == 1;
  // Off a terminal nothing is cut: the reader is a program, or a file.
  terminal.columns = terminal.tty ? columns_of(fd) : 1'000;
  terminal.utf8 = std::string_view(nl_langinfo(CODESET)) == "UTF-8";
  terminal.colour = terminal.tty && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  if (colour_option == "always") terminal.colour = true;
  if (colour_option == "never") terminal.colour = false;
  return terminal;
}

}  // namespace backhaul::cli
