// SPDX-License-Identifier: Apache-2.0
// The only door to libtorrent: what a torrent says, how one is made, and the session that exchanges pieces. Its headers
// are included by torrents.cc alone, because they cost more to compile than all the rest of this program.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace backhaul::swarmd {

inline constexpr std::size_t largest_torrent = std::size_t{10} << 20;

// What a torrent says of its one file.
struct Torrent {
  std::string id;  // its info hash of version 2, in lower-case hex: what its swarm is known by
  std::uint64_t size = 0;
  std::uint32_t piece_length = 0;

  bool operator==(const Torrent&) const = default;
};
// The error says what it is instead of a torrent of version 2 with one file of this size.
base::Result<Torrent> read_torrent(std::string_view content, std::uint64_t size);

// The same, with what a session begins with. Any thread: it may have millions of tokens, and is read once.
struct ParsedTorrent;
struct OpenedTorrent {
  Torrent torrent;
  std::shared_ptr<ParsedTorrent> parsed;
};
base::Result<OpenedTorrent> open_torrent(std::string_view content, std::uint64_t size);

struct Publication {
  std::string file;
  std::string url;      // where it is going to be: the web seed
  std::string tracker;  // empty: none
};
// What the .torrent file has to hold: of version 2 and of version 1, and the same for the same file whenever it is made.
base::Result<std::string> make_torrent(const Publication& what);

struct SessionSettings {
  std::string listen;   // as libtorrent writes it: "0.0.0.0:2179,[::]:2179"
  std::string tracker;  // of the site; empty: none
  std::uint64_t send_bits_per_second = 0;  // 0: no limit
  std::uint64_t receive_bits_per_second = 0;
  std::string user_agent;
};

struct News {
  enum class What : std::uint8_t {
    piece,     // verified, with its octets
    no_piece,  // it could not be read
    complete,
    broken,  // nothing will come of this object any more; `text` says why
    warning,  // for an administrator
  };
  std::string id;
  What what = What::warning;
  std::uint32_t piece = 0;
  std::shared_ptr<const std::string> octets;
  std::string text;
};

struct Counts {
  std::uint64_t held = 0;         // octets that are here and verified
  std::uint64_t from_peers = 0;   // received, with those that had to be thrown away
  std::uint64_t from_origin = 0;  // likewise
  std::uint64_t sent = 0;
  std::uint32_t peers = 0;  // connected now
};

class Session {
 public:
  // `news`: there is something to take; called on a thread of libtorrent, which it must not call into.
  Session(const SessionSettings& settings, std::string folder, std::function<void()> news);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Once for each that was opened. The origin of the file is its web seed; trackers and web seeds that the torrent
  // names are not asked.
  base::Result<void> add(const OpenedTorrent& opened, const std::string& url);
  // Its file goes as well.
  void remove(const std::string& id);
  // Any thread: this piece before others, and then those behind it. It comes as news, also where it is here already.
  void want(const std::string& id, std::uint32_t piece);

  std::vector<News> take_news();
  // To be asked while it fetches, once a second or so: what connections to the origin brought is gone with them.
  Counts measure(const std::string& id);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace backhaul::swarmd
