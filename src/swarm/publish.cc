// SPDX-License-Identifier: Apache-2.0
#include "swarm/publish.h"

#include <fcntl.h>
#include <sysexits.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/hex.h"
#include "base/result.h"
#include "os/descriptor.h"
#include "os/hash.h"
#include "swarm/torrents.h"

namespace backhaul::swarmd {
namespace {

constexpr std::string_view link_rest = "rel=describedby; type=\"application/x-bittorrent\"";

base::Error failed_with(const std::string& path) {
  return {base::code_from_errno(errno), path + ": " + std::strerror(errno)};
}

struct Digested {
  std::string digest;  // "sha-256=:…:"
  std::uint64_t size = 0;
};

base::Result<Digested> digest_of(const std::string& path) {
  const os::Descriptor file(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return failed_with(path);
  os::Hash hash("sha256");
  Digested result;
  std::string piece(std::size_t{256} * 1024, '\0');
  while (true) {
    const ssize_t got = read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed_with(path);
    if (got == 0) break;
    hash.add(std::as_bytes(std::span(piece).first(static_cast<std::size_t>(got))));
    result.size += static_cast<std::uint64_t>(got);
  }
  const std::string digest = hash.end();
  if (digest.empty()) return {base::Code::E_OUTOFMEMORY, "no digest can be computed"};
  result.digest = "sha-256=:" + os::base64(digest) + ":";
  return result;
}

base::Result<void> write_octets(int fd, std::string_view octets, const std::string& path) {
  while (!octets.empty()) {
    const ssize_t put = write(fd, octets.data(), octets.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return failed_with(path);
    octets.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

// Whoever fetches it meanwhile gets the one before or this one.
base::Result<void> put_in_place(const std::string& path, std::string_view octets) {
  const std::string beside = path + ".new";
  os::Descriptor file(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!file) return failed_with(beside);
  auto written = write_octets(file.get(), octets, beside);
  if (written && fsync(file.get()) != 0) written = failed_with(beside);
  if (written && rename(beside.c_str(), path.c_str()) != 0) written = failed_with(path);
  if (!written) unlink(beside.c_str());
  return written;
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

base::Result<Published> publish_file(const Options& options) {
  const Publication publication{.file = options.file, .url = options.url, .tracker = options.tracker};
  BH_TRY(const std::string torrent, make_torrent(publication));
  BH_TRY(const Digested digested, digest_of(options.file));
  // What the machines that read it would say to it, said now; and that the file was the same all the time.
  BH_CHECK(read_torrent(torrent, digested.size));
  Published what{.url = options.url, .torrent_url = {}, .torrent_path = options.output, .digest = digested.digest};
  if (what.torrent_path.empty()) what.torrent_path = options.file + ".torrent";
  const std::string folder = options.url.substr(0, options.url.find_first_of("?#"));
  what.torrent_url = folder.substr(0, folder.rfind('/') + 1) + escaped(name_in(what.torrent_path));
  BH_CHECK(put_in_place(what.torrent_path, torrent));
  return what;
}

}  // namespace

std::string advice(const Published& what) {
  const std::string path = in_quotes(unescaped(path_in(what.url)));
  const std::string link = link_of(what);
  return what.torrent_path + " is written; it belongs beside the file, as\n  " + what.torrent_url +
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

int publish(const Options& options) {
  const auto what = publish_file(options);
  if (!what) {
    std::fprintf(stderr, "%s\n", what.error().text.c_str());
    return EX_NOINPUT;
  }
  const std::string text = options.json ? json(*what) : advice(*what);
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return written ? EX_OK : EX_IOERR;
}

}  // namespace backhaul::swarmd
