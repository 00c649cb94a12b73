// SPDX-License-Identifier: Apache-2.0
#include "swarm/torrents.h"

#include <libtorrent/add_torrent_params.hpp>
#include <libtorrent/alert_types.hpp>
#include <libtorrent/create_torrent.hpp>
#include <libtorrent/extensions/smart_ban.hpp>
#include <libtorrent/file_storage.hpp>
#include <libtorrent/fingerprint.hpp>
#include <libtorrent/ip_filter.hpp>
#include <libtorrent/peer_class.hpp>
#include <libtorrent/peer_info.hpp>
#include <libtorrent/session.hpp>
#include <libtorrent/session_params.hpp>
#include <libtorrent/settings_pack.hpp>
#include <libtorrent/torrent_flags.hpp>
#include <libtorrent/torrent_handle.hpp>
#include <libtorrent/torrent_info.hpp>
#include <libtorrent/torrent_status.hpp>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <exception>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "base/hex.h"
#include "os/lower_effort.h"

namespace backhaul::swarmd {
namespace {

// A piece is served from memory, and a torrent is somebody else's word.
constexpr int longest_piece = 16 << 20;
constexpr int deepest_nesting = 32;
constexpr int most_tokens = 2'000'000;
constexpr int most_pieces = 1 << 20;
// Behind the piece that is waited for: so many more, each a little later. Of the rest, what is rare comes first.
constexpr std::uint32_t pieces_ahead = 3;
constexpr int milliseconds_apart = 500;
constexpr int most_connections = 120;
constexpr int most_served = 16;  // peers at once
constexpr int origin_request = 1 << 20;  // libtorrent asks for no less at once
constexpr int origin_requests = 2;

std::string hex_of(const lt::sha256_hash& hash) {
  return base::to_hex(std::string_view(hash.data(), static_cast<std::size_t>(lt::sha256_hash::size())));
}

base::Error refused(std::string text) { return {base::Code::WINHTTP_INVALID_SERVER_RESPONSE, std::move(text)}; }

lt::load_torrent_limits bounds() {
  lt::load_torrent_limits most;
  most.max_buffer_size = static_cast<int>(largest_torrent);
  most.max_pieces = most_pieces;
  most.max_decode_depth = deepest_nesting;
  most.max_decode_tokens = most_tokens;
  return most;
}

// libtorrent tells by exceptions what is wrong with a torrent.
base::Result<std::shared_ptr<lt::torrent_info>> parsed(std::string_view content) {
  if (content.size() > largest_torrent) return refused("the torrent is too large");
  try {
    const lt::span<const char> octets(content.data(), static_cast<std::ptrdiff_t>(content.size()));
    return std::make_shared<lt::torrent_info>(octets, bounds(), lt::from_span);
  } catch (const std::exception& error) {
    return refused(std::string("this is no torrent: ") + error.what());
  }
}

base::Result<Torrent> facts_of(const lt::torrent_info& info, std::uint64_t size) {
  if (!info.is_valid()) return refused("this is no torrent");
  if (!info.info_hashes().has_v2())
    return refused("the torrent is of version 1 alone, whose hashes are not believed");
  const lt::file_storage& files = info.files();
  // The last piece is filled up by a file of nothing, which nobody keeps.
  int count = 0;
  lt::file_index_t only{0};
  for (const lt::file_index_t file : files.file_range())
    if (!files.pad_file_at(file) && ++count == 1) only = file;
  if (count != 1) return refused("the torrent has " + std::to_string(count) + " files and not one");
  // Its octets are those of the torrent from the first one on, and Session::add gives a name to the first file.
  if (only != lt::file_index_t{0}) return refused("the file of the torrent is not the first in it");
  if (files.file_flags(only) & lt::file_storage::flag_symlink)
    return refused("what the torrent has is no file");
  const auto told = static_cast<std::uint64_t>(std::max<std::int64_t>(files.file_size(only), 0));
  if (told != size || size == 0)
    return refused("the file of the torrent has " + std::to_string(told) + " octets and not " + std::to_string(size));
  if (info.piece_length() > longest_piece) return refused("the pieces of the torrent are too long");
  // Without them libtorrent would ask other peers for the hashes. A file of one piece needs none but its root.
  if (info.num_pieces() > 1 && info.piece_layer(only).size() != info.num_pieces() * lt::sha256_hash::size())
    return refused("the torrent lacks hashes of its pieces");
  return Torrent{.id = hex_of(info.info_hashes().v2),
                 .size = size,
                 .piece_length = static_cast<std::uint32_t>(info.piece_length())};
}

// Octets a second, as libtorrent counts; 0 is no limit for both.
int rate(std::uint64_t bits_per_second) {
  if (bits_per_second == 0) return 0;
  return static_cast<int>(std::clamp<std::uint64_t>(bits_per_second / 8, 1, INT_MAX));
}

lt::settings_pack pack_of(const SessionSettings& settings) {
  lt::settings_pack pack;
  pack.set_str(lt::settings_pack::listen_interfaces, settings.listen);
  pack.set_str(lt::settings_pack::user_agent, settings.user_agent);
  pack.set_str(lt::settings_pack::peer_fingerprint, lt::generate_fingerprint("BH", 0, 1, 0, 0));
  // Who is found are machines of the site, by their announcements and its tracker, and nobody else.
  pack.set_bool(lt::settings_pack::enable_dht, false);
  pack.set_bool(lt::settings_pack::enable_upnp, false);
  pack.set_bool(lt::settings_pack::enable_natpmp, false);
  pack.set_bool(lt::settings_pack::enable_lsd, true);
  pack.set_int(lt::settings_pack::local_service_announce_interval, 60);
  pack.set_int(lt::settings_pack::upload_rate_limit, rate(settings.send_bits_per_second));
  pack.set_int(lt::settings_pack::download_rate_limit, rate(settings.receive_bits_per_second));
  pack.set_int(lt::settings_pack::connections_limit, most_connections);
  pack.set_int(lt::settings_pack::unchoke_slots_limit, most_served);
  pack.set_int(lt::settings_pack::peer_dscp, os::lower_effort);  // the whole octet
  pack.set_int(lt::settings_pack::stop_tracker_timeout, 1);
  // A piece that is waited for stands behind all that the origin was asked for before.
  pack.set_int(lt::settings_pack::urlseed_max_request_bytes, origin_request);
  pack.set_int(lt::settings_pack::urlseed_pipeline_size, origin_requests);
  pack.set_int(lt::settings_pack::request_queue_time, 1);
  pack.set_int(lt::settings_pack::alert_mask, lt::alert_category::status | lt::alert_category::storage);
  return pack;
}

// libtorrent lets neighbours of the same network past all limits of rates and of who is served; here they are the rule.
void limit_neighbours_too(lt::session& session) {
  lt::ip_filter everybody;
  const std::uint32_t usual = 1U << static_cast<std::uint32_t>(lt::session_handle::global_peer_class_id);
  everybody.add_rule(lt::make_address("0.0.0.0"), lt::make_address("255.255.255.255"), usual);
  everybody.add_rule(lt::make_address("::"), lt::make_address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), usual);
  session.set_peer_class_filter(everybody);
}

lt::session_params params_of(const SessionSettings& settings) {
  // No exchange of peers and of metadata: the only extension is the one that finds out who sent wrong octets.
  return {pack_of(settings), std::vector<std::shared_ptr<lt::plugin>>{}};
}

}  // namespace

struct ParsedTorrent {
  std::shared_ptr<lt::torrent_info> info;
};

base::Result<OpenedTorrent> open_torrent(std::string_view content, std::uint64_t size) {
  BH_TRY(auto info, parsed(content));
  BH_TRY(Torrent torrent, facts_of(*info, size));
  return OpenedTorrent{std::move(torrent), std::make_shared<ParsedTorrent>(std::move(info))};
}

base::Result<Torrent> read_torrent(std::string_view content, std::uint64_t size) {
  BH_TRY(OpenedTorrent opened, open_torrent(content, size));
  return std::move(opened.torrent);
}

base::Result<std::string> make_torrent(const Publication& what) {
  struct stat info {};
  if (stat(what.file.c_str(), &info) != 0) return {base::code_from_errno(errno), what.file + " cannot be read"};
  if (!S_ISREG(info.st_mode)) return {base::Code::BAD_FILE_TYPE, what.file + " is no ordinary file"};
  if (info.st_size == 0) return {base::Code::E_INVALIDARG, what.file + " is empty: nothing of it can be exchanged"};
  const std::size_t slash = what.file.rfind('/');
  const std::string name = slash == std::string::npos ? what.file : what.file.substr(slash + 1);
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : what.file.substr(0, slash);
  try {
    lt::file_storage files;
    files.add_file(name, info.st_size);
    // A hybrid one: of one of version 2 alone libtorrent fills up the last piece with a file of nothing, and asks the web
    // seed as it asks one of several files, by an address that is not that of the file.
    lt::create_torrent torrent(files, 0, lt::create_torrent::canonical_files_no_tail_padding);
    torrent.set_creation_date(0);
    torrent.set_creator("backhaul");
    torrent.add_url_seed(what.url);
    if (!what.tracker.empty()) torrent.add_tracker(what.tracker);
    lt::error_code problem;
    lt::set_piece_hashes(torrent, folder, problem);
    if (problem) return {base::Code::E_FAIL, what.file + " cannot be read: " + problem.message()};
    const std::vector<char> octets = torrent.generate_buf();
    return std::string(octets.begin(), octets.end());
  } catch (const std::exception& error) {
    return {base::Code::E_FAIL, what.file + ": " + error.what()};
  }
}

struct Session::State {
  struct Object {
    lt::torrent_handle handle;
    std::uint32_t pieces = 0;
    std::set<std::uint32_t> wanted{};  // those that are to be told of when they are here
    std::uint64_t from_origin = 0;    // by connections that are gone
    std::uint64_t origin_before = 0;  // by those that were there when it was measured last
  };

  State(const SessionSettings& settings, std::string where)
      : folder(std::move(where)), tracker(settings.tracker), session(params_of(settings)) {
    limit_neighbours_too(session);
  }

  lt::torrent_handle find(const std::string& id) {
    const std::scoped_lock lock(mutex);
    const auto object = objects.find(id);
    return object == objects.end() ? lt::torrent_handle() : object->second.handle;
  }

  void is_told(const News& news) {
    const std::scoped_lock lock(mutex);
    if (const auto object = objects.find(news.id); object != objects.end()) object->second.wanted.erase(news.piece);
  }

  const std::string folder;
  const std::string tracker;
  std::mutex mutex;  // of `objects`: threads that serve are there as well
  std::map<std::string, Object> objects;
  lt::session session;  // last: its end waits for its threads
};

Session::Session(const SessionSettings& settings, std::string folder, std::function<void()> news)
    : state_(std::make_unique<State>(settings, std::move(folder))) {
  state_->session.set_alert_notify(std::move(news));
}

Session::~Session() { state_->session.set_alert_notify([] {}); }

base::Result<void> Session::add(const OpenedTorrent& opened, const std::string& url) {
  const Torrent& torrent = opened.torrent;
  std::shared_ptr<lt::torrent_info> info = std::move(opened.parsed->info);  // it becomes the session's own
  try {
    // The name is the publisher's; ours can be nothing but a name in our folder.
    info->rename_file(lt::file_index_t{0}, torrent.id);
    info->clear_trackers();
    info->set_web_seeds({});
    lt::add_torrent_params params;
    params.ti = std::move(info);
    params.save_path = state_->folder;
    params.url_seeds.push_back(url);
    if (!state_->tracker.empty()) params.trackers.push_back(state_->tracker);
    params.flags |= lt::torrent_flags::override_trackers | lt::torrent_flags::override_web_seeds |
                    lt::torrent_flags::disable_dht | lt::torrent_flags::disable_pex;
    params.flags &= ~(lt::torrent_flags::auto_managed | lt::torrent_flags::paused);
    params.extensions.emplace_back(&lt::create_smart_ban_plugin);
    lt::error_code problem;
    const lt::torrent_handle handle = state_->session.add_torrent(std::move(params), problem);
    if (problem) return {base::Code::E_FAIL, "the torrent was not taken: " + problem.message()};
    const std::scoped_lock lock(state_->mutex);
    const auto pieces = static_cast<std::uint32_t>((torrent.size + torrent.piece_length - 1) / torrent.piece_length);
    state_->objects.insert_or_assign(torrent.id, State::Object{.handle = handle, .pieces = pieces});
    return {};
  } catch (const std::exception& error) {
    return {base::Code::E_FAIL, std::string("the torrent was not taken: ") + error.what()};
  }
}

void Session::remove(const std::string& id) {
  const lt::torrent_handle handle = state_->find(id);
  {
    const std::scoped_lock lock(state_->mutex);
    state_->objects.erase(id);
  }
  try {
    if (handle.is_valid()) state_->session.remove_torrent(handle, lt::session_handle::delete_files);
  } catch (const std::exception&) {
    return;  // it went by itself
  }
}

void Session::want(const std::string& id, std::uint32_t piece) {
  // The session hears it in this order: a deadline that was set without the flag would take it from one with it.
  const std::scoped_lock lock(state_->mutex);
  const auto found = state_->objects.find(id);
  if (found == state_->objects.end() || piece >= found->second.pieces) return;
  State::Object& object = found->second;
  try {
    object.wanted.insert(piece);
    object.handle.set_piece_deadline(lt::piece_index_t{static_cast<int>(piece)}, 0,
                                     lt::torrent_handle::alert_when_available);
    for (std::uint32_t ahead = 1; ahead <= pieces_ahead && piece + ahead < object.pieces; ++ahead)
      if (!object.wanted.contains(piece + ahead))
        object.handle.set_piece_deadline(lt::piece_index_t{static_cast<int>(piece + ahead)},
                                         static_cast<int>(ahead) * milliseconds_apart);
  } catch (const std::exception&) {
    return;  // it was removed meanwhile, and whoever waits for it is told so
  }
}

namespace {

// Unset: of no use to anybody.
bool news_of(const lt::alert& alert, News& news) {
  if (const auto* piece = lt::alert_cast<lt::read_piece_alert>(&alert)) {
    news.piece = static_cast<std::uint32_t>(static_cast<int>(piece->piece));
    news.what = piece->error ? News::What::no_piece : News::What::piece;
    if (!piece->error)
      news.octets = std::make_shared<const std::string>(piece->buffer.get(), static_cast<std::size_t>(piece->size));
  } else if (lt::alert_cast<lt::torrent_finished_alert>(&alert) != nullptr) {
    news.what = News::What::complete;
  } else if (lt::alert_cast<lt::torrent_error_alert>(&alert) != nullptr ||
             lt::alert_cast<lt::file_error_alert>(&alert) != nullptr) {
    news.what = News::What::broken;
    news.text = alert.message();
  } else if (lt::alert_cast<lt::listen_failed_alert>(&alert) != nullptr) {
    news.what = News::What::warning;
    news.text = alert.message();
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::vector<News> Session::take_news() {
  std::vector<News> all;
  try {
    std::vector<lt::alert*> alerts;
    state_->session.pop_alerts(&alerts);
    for (const lt::alert* alert : alerts) {
      News news;
      if (!news_of(*alert, news)) continue;
      if (const auto* of_torrent = dynamic_cast<const lt::torrent_alert*>(alert))
        news.id = hex_of(of_torrent->handle.info_hashes().v2);
      if (news.what == News::What::piece || news.what == News::What::no_piece) state_->is_told(news);
      all.push_back(std::move(news));
    }
  } catch (const std::exception& error) {
    all.push_back({.id = {}, .what = News::What::warning, .piece = 0, .octets = nullptr, .text = error.what()});
  }
  return all;
}

Counts Session::measure(const std::string& id) {
  Counts counts;
  const lt::torrent_handle handle = state_->find(id);
  try {
    if (!handle.is_valid()) return counts;
    const lt::torrent_status status = handle.status({});
    std::vector<lt::peer_info> peers;
    handle.get_peer_info(peers);
    std::uint64_t origin_now = 0;
    for (const lt::peer_info& one : peers) {
      if (one.connection_type == lt::peer_info::web_seed)
        origin_now += static_cast<std::uint64_t>(std::max<std::int64_t>(one.total_download, 0));
      else
        ++counts.peers;
    }
    const auto all = static_cast<std::uint64_t>(std::max<std::int64_t>(status.total_payload_download, 0));
    counts.held = static_cast<std::uint64_t>(std::max<std::int64_t>(status.total_wanted_done, 0));
    counts.sent = static_cast<std::uint64_t>(std::max<std::int64_t>(status.total_payload_upload, 0));
    const std::scoped_lock lock(state_->mutex);
    const auto object = state_->objects.find(id);
    if (object == state_->objects.end()) return counts;
    // Less than before: a connection went, and what it brought is told by nobody any more.
    if (origin_now < object->second.origin_before) object->second.from_origin += object->second.origin_before;
    object->second.origin_before = origin_now;
    counts.from_origin = std::min(all, object->second.from_origin + origin_now);
    counts.from_peers = all - counts.from_origin;
  } catch (const std::exception&) {
    return counts;
  }
  return counts;
}

}  // namespace backhaul::swarmd
