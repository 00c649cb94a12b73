// SPDX-License-Identifier: Apache-2.0
// A program that is run as a command line and tells what it was given.
//   witness report FILE …    writes what it sees into FILE, line by line
//   witness exit CODE        ends with it
//   witness signal NUMBER    ends itself by that signal
//   witness print TEXT       to standard output and standard error
//   witness hold GO BEGUN FILE   opens the FIFO GO, writes a byte into the FIFO BEGUN, waits until
//   GO
//                                has lost its last writer, then makes FILE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

namespace {

std::string link_target(const std::string& path) {
  char target[4096];
  const ssize_t length = readlink(path.c_str(), target, sizeof target);
  return length < 0 ? "" : std::string(target, static_cast<std::size_t>(length));
}

// First of all: before anything of our own is open.
std::string descriptors() {
  std::vector<int> open;
  DIR* folder = opendir("/proc/self/fd");
  while (const dirent* entry = readdir(folder))
    if (entry->d_name[0] != '.' && std::atoi(entry->d_name) != dirfd(folder))
      open.push_back(std::atoi(entry->d_name));
  closedir(folder);
  std::sort(open.begin(), open.end());
  std::string text;
  for (const int fd : open) {
    const std::string name = std::to_string(fd);
    text += "fd " + name + " " + link_target("/proc/self/fd/" + name) + "\n";
  }
  return text;
}

void report_signals(std::ostream& out) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("SigBlk") || line.starts_with("SigIgn") ||
        line.starts_with("NoNewPrivs") || line.starts_with("Groups"))
      out << line << "\n";
}

void report(int argc, char** argv) {
  const std::string open_files = descriptors();
  std::ofstream out(argv[2]);
  for (int i = 0; i < argc; ++i) out << "arg " << argv[i] << "\n";
  for (char** variable = environ; *variable != nullptr; ++variable)
    out << "env " << *variable << "\n";
  out << open_files;
  char folder[4096];
  out << "cwd " << getcwd(folder, sizeof folder) << "\n";
  out << "leads its session " << (getsid(0) == getpid() ? "yes" : "no") << "\n";
  out << "umask " << umask(0) << "\n";
  out << "ids " << getuid() << " " << geteuid() << " " << getgid() << " " << getegid() << "\n";
  report_signals(out);
}

int hold(char** argv) {
  const int go = open(argv[2], O_RDONLY | O_CLOEXEC);
  const int begun = open(argv[3], O_WRONLY | O_CLOEXEC);
  char byte = 'x';
  if (go < 0 || begun < 0 || write(begun, &byte, 1) != 1) return 2;
  if (read(go, &byte, 1) != 0) return 3;
  std::ofstream(argv[4]) << "done\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  if (what == "report") {
    report(argc, argv);
    return 0;
  }
  if (what == "exit") return std::atoi(argv[2]);
  if (what == "signal") return raise(std::atoi(argv[2]));
  if (what == "print") {
    std::printf("out %s\n", argv[2]);
    std::fprintf(stderr, "err %s\n", argv[2]);
    return 0;
  }
  if (what == "hold") return hold(argv);
  return 1;
}
