// SPDX-License-Identifier: Apache-2.0
#include "swarm/publish.h"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/posix/failure.h"
#include "base/code.h"
#include "base/hex.h"
#include "base/result.h"
#include "base/vocabulary.h"
#include "os/descriptor.h"
#include "os/hash.h"
#include "swarm/output.h"
#include "swarm/torrents.h"

namespace backhaul::swarmd {
namespace {

constexpr std::string_view link_rest = "rel=describedby; type=\"application/x-bittorrent\"";

struct Digested {
  std::string digest;  // "sha-256=:…:"
  std::uint64_t size = 0;
};

base::Result<Digested> digest_of(const std::string& path) {
  const os::Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return posix::failure("open", path);
  os::Hash hash("sha256");
  Digested result;
  std::string piece(std::size_t{256} * 1024, '\0');
  while (true) {
    const ssize_t got = read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return posix::failure("read", path);
    if (got == 0) break;
    hash.add(std::as_bytes(std::span(piece).first(static_cast<std::size_t>(got))));
    result.size += static_cast<std::uint64_t>(got);
  }
  const std::string digest = hash.end();
  if (digest.empty()) return {base::Code::E_OUTOFMEMORY, "no digest can be computed"};
  result.digest = "sha-256=:" + os::base64(digest) + ":";
  return result;
}

std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// As a reference beside the file.
std::string escaped(std::string_view name) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string out;
  for (const char c : name)
    if (plain.find(c) != std::string_view::npos) out += c;
    else out += "%" + base::hex_of(static_cast<std::uint8_t>(c), base::upper_hex);
  return out;
}

std::string path_in(const std::string& url) {
  const std::size_t host = url.find("//") + 2;
  const std::size_t slash = url.find('/', host);
  if (slash == std::string::npos) return "/";
  return url.substr(slash, url.find_first_of("?#", slash) - slash);
}

// Servers match the path as it is behind its escapes.
std::string unescaped(const std::string& path) {
  std::string out;
  for (std::size_t at = 0; at < path.size(); ++at) {
    unsigned int code = 0;
    const char* const digits = path.data() + at + 1;
    if (path[at] != '%' || at + 2 >= path.size() || std::from_chars(digits, digits + 2, code, 16).ptr != digits + 2) {
      out += path[at];
      continue;
    }
    out += static_cast<char>(code);
    at += 2;
  }
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string quoted_json(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += std::string("\\") + c;
    else if (static_cast<unsigned char>(c) < 0x20) out += "\\u00" + base::hex_of(static_cast<std::uint8_t>(c));
    else out += c;
  }
  return out + '"';
}

// In a value that Apache writes, % begins a format.
std::string doubled_percent(std::string_view text) {
  std::string out;
  for (const char c : text) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out;
}

std::string link_of(const Published& what) {
  return "<" + escaped(name_in(what.torrent_path)) + ">; " + std::string(link_rest);
}

struct Made {
  Published what;
  std::string torrent;
};

base::Result<Made> publish_file(const Options& options) {
  const std::string usual_name = name_in(options.file) + ".torrent";
  Published what{.url = options.url, .torrent_url = {}, .torrent_path = options.file + ".torrent", .digest = {}};
  what.on_standard_output = options.output == "-";
  if (!options.output.empty() && !what.on_standard_output) what.torrent_path = output_path(options.output, usual_name);
  // Before what may take long.
  if (!what.on_standard_output) BH_CHECK(check_output(what.torrent_path, options.file));
  const Publication publication{.file = options.file, .url = options.url, .tracker = options.tracker};
  BH_TRY(std::string torrent, make_torrent(publication));
  BH_TRY(Digested digested, digest_of(options.file));
  // What the machines that read it would say to it, said now; and that the file was the same all the time.
  BH_CHECK(read_torrent(torrent, digested.size));
  what.digest = std::move(digested.digest);
  const std::string folder = options.url.substr(0, options.url.find_first_of("?#"));
  what.torrent_url = folder.substr(0, folder.rfind('/') + 1) + escaped(name_in(what.torrent_path));
  if (!what.on_standard_output) {
    BH_CHECK(check_output(what.torrent_path, options.file));  // time enough for a change
    BH_CHECK(put_in_place(what.torrent_path, torrent));
  }
  return Made{std::move(what), std::move(torrent)};
}

bool print_all(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

// As the command tells its other failures: to people, and with --json to programs as well.
void tell_failure(const std::string& text, const std::string& for_programs, bool json) {
  std::fprintf(stderr, "backhaul: %s\n", text.c_str());
  if (json) print_all(for_programs);
}

// "E_FAIL", or nothing where the code has no name.
std::string name_of(base::Code code) {
  std::string name = base::symbol(code);
  return name.starts_with('x') ? std::string() : name;
}

std::string number_of(base::Code code) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "0x%08x", base::to_number(code));
  return text.data();
}

// The object by which the command tells a failure; each argument is a value of JSON already.
std::string error_object(const std::string& code, const std::string& symbol, const std::string& context,
                         const std::string& text, const std::string& what) {
  return "{\"error\":{\"code\":" + code + ",\"symbol\":" + symbol + ",\"context\":" + context +
         ",\"file\":null,\"text\":" + text + "},\"what\":" + what + ",\"hint\":null}\n";
}

std::string what_failed(const Options& options) { return "the torrent of " + options.file; }

int fail_for(const Options& options, const base::Error& error) {
  const std::string name = name_of(error.code);
  std::string text = what_failed(options) + ": " + error.text;
  if (text.ends_with('.')) text.pop_back();
  text += " (" + (name.empty() ? "" : name + " ") + number_of(error.code) + ")";
  tell_failure(text, failure_json(options, error), options.json);
  return EX_NOINPUT;
}

}  // namespace

std::string advice(const Published& what) {
  const std::string path = in_quotes(unescaped(path_in(what.url)));
  const std::string link = link_of(what);
  const std::string where =
      what.on_standard_output ? "The torrent is on standard output" : what.torrent_path + " is written";
  return where + "; it belongs beside the file, as\n  " + what.torrent_url +
         "\n\nThe web server has to say of " + what.url + "\n\n  Link: " + link + "\n  Repr-Digest: " + what.digest +
         "\n\nnginx:\n\n  location = " + path + " {\n    add_header Link '" + link +
         "';\n    add_header Repr-Digest '" + what.digest + "';\n  }\n\nApache:\n\n  <Location " + path +
         ">\n    Header set Link " + in_quotes(doubled_percent(link)) + "\n    Header set Repr-Digest " +
         in_quotes(what.digest) + "\n  </Location>\n";
}

std::string json(const Published& what) {
  return "{\"torrent\":" + quoted_json(what.torrent_path) + ",\"torrent-url\":" + quoted_json(what.torrent_url) +
         ",\"link\":" + quoted_json(link_of(what)) + ",\"repr-digest\":" + quoted_json(what.digest) + "}\n";
}

std::string failure_json(const Options& options, const base::Error& error) {
  const std::string name = name_of(error.code);
  return error_object(quoted_json(number_of(error.code)), name.empty() ? "null" : quoted_json(name),
                      quoted_json(base::to_word(error.context)), quoted_json(error.text),
                      quoted_json(what_failed(options)));
}

int refuse_words(const std::string& why, bool json) {
  tell_failure(why, error_object("null", "null", "null", quoted_json(why), "null"), json);
  return EX_USAGE;
}

int publish(const Options& options) {
  const auto made = publish_file(options);
  if (!made) return fail_for(options, made.error());
  const std::string text = options.json ? json(made->what) : advice(made->what);
  const bool to_output = made->what.on_standard_output;
  if (!print_all(to_output ? made->torrent : text)) {
    std::fputs("backhaul: the output could not be written\n", stderr);
    return EX_IOERR;
  }
  if (to_output) std::fputs(text.c_str(), stderr);
  return EX_OK;
}

}  // namespace backhaul::swarmd
