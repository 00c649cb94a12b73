// SPDX-License-Identifier: Apache-2.0
// The second opinion on server certificates (notifications.md §14): which servers the program of a
// job has accepted. Only acceptance is remembered; whoever is not in the list is asked about.
#pragma once

#include <optional>
#include <string>

namespace backhaul::core {

// A server as it showed itself: another certificate, another port or another name is another one.
struct ServerCertificate {
  std::string server;  // "example.org:443", as url_server() writes it
  std::string sha256;  // of the server's own certificate (DER), 64 lower-case hex digits

  bool operator==(const ServerCertificate&) const = default;
};

// Kept as the text that is stored, a line for each: few jobs have one, and few have two.
class AcceptedServers {
 public:
  static constexpr std::size_t max = 64;  // the first ones are asked about again then

  // Unset: not what text() gives.
  static std::optional<AcceptedServers> parse(std::string text);
  const std::string& text() const { return text_; }

  bool contains(const ServerCertificate& certificate) const;
  void add(const ServerCertificate& certificate);
  bool operator==(const AcceptedServers&) const = default;

 private:
  std::string text_;
};

}  // namespace backhaul::core
