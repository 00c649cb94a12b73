// SPDX-License-Identifier: Apache-2.0
#include "swarm/service.h"

#include <sys/statvfs.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <tuple>
#include <utility>

#include "bus/names.h"
#include "swarm/address.h"
#include "swarm/request.h"

namespace backhaul::swarmd {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_readers = 64;
constexpr unsigned fetching_threads = 4;
constexpr base::Microseconds measure_interval = 1s;
constexpr base::Microseconds question_limit = 5s;

std::string obstacle_to(const bus::SwarmJoin& what) {
  if (const auto why = obstacle_to_address(what.torrent); !why.empty()) return "Torrent " + std::string(why);
  if (const auto why = obstacle_to_web_seed(what.url); !why.empty()) return "Url " + std::string(why);
  if (what.size == 0 || what.size > INT64_MAX) return "Size is none";
  return {};
}

// On a worker, the reading of it as well: it is somebody else's word, and may be a long one.
base::Result<OpenedTorrent> fetch_torrent(const bus::SwarmJoin& what, const FetchLimits& limits) {
  BH_TRY(const std::string content, swarmd::fetch(what.torrent, limits));
  return open_torrent(content, what.size);
}

bool has_room(const std::string& folder, std::uint64_t size) {
  struct statvfs info {};
  if (statvfs(folder.c_str(), &info) != 0) return false;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize > size;
}

}  // namespace

Service::Service(loop::Loop& loop, bus::Bus& bus, Session& session, Shelf& shelf, ServiceSettings settings,
                 base::Log& log, std::function<void()> over)
    : loop_(loop),
      bus_(bus),
      session_(session),
      shelf_(shelf),
      settings_(std::move(settings)),
      log_(log),
      over_(std::move(over)),
      tenancy_(settings_.tenancy, loop.now()),
      timer_(loop, 100ms, [this] { look_at_time(); }),
      measure_(loop, 100ms, [this] { measure(); }),
      worker_(loop, fetching_threads) {
  arm();
}

Service::~Service() = default;

base::Result<void> Service::publish() {
  std::vector<bus::Row<Service>> rows{
      bus::method<&Service::join>("Join", "what\0socket\0path\0"),
      bus::method<&Service::leave>("Leave", "id\0"),
      bus::method<&Service::list>("ListObjects", "objects\0"),
  };
  BH_TRY(object_, bus_.add_object(bus::swarm_path, bus::swarm_interface, std::move(rows), *this));
  return {};
}

// The bus vouches for the account of a caller. Who is answered is decided here as well as by the policy of the bus.
template <class Reply, class GoOn>
void Service::for_reader(Reply reply, GoOn go_on) {
  const std::string sender = reply.call().sender();
  ask_who(sender, [sender, reply = std::move(reply), go_on = std::move(go_on)](bool permitted) mutable {
    if (!permitted) return reply.fail(base::Error(base::Code::E_ACCESSDENIED, "it answers its service alone"));
    go_on(sender, std::move(reply));
  });
}

// A caller is watched before it is asked about, so that whoever goes meanwhile is not waited for.
void Service::ask_who(const std::string& sender, std::move_only_function<void(bool permitted)> go_on) {
  Caller& caller = callers_[sender];
  if (caller.permitted) return go_on(*caller.permitted);
  if (!caller.watch)
    caller.watch = bus_.watch_name(sender, [this, sender](const std::string&, const std::string& now) {
      if (now.empty()) end_all_of(sender);
    });
  const std::uint64_t number = ++asked_;
  questions_[number] = bus_.call_async<std::uint32_t>(
      {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "GetConnectionUnixUser", question_limit, false},
      [this, number, sender, go_on = std::move(go_on)](bus::Outcome<std::uint32_t> told) mutable {
        const bus::Slot slot = std::move(questions_[number]);
        questions_.erase(number);
        const auto asker = callers_.find(sender);
        const bool permitted = told && asker != callers_.end() && std::get<0>(*told) == settings_.caller;
        if (told && asker != callers_.end()) asker->second.permitted = permitted;
        if (!told && asker != callers_.end()) callers_.erase(asker);
        go_on(permitted);
      },
      sender);
}

void Service::join(bus::Reply<std::string, std::string> reply, bus::SwarmJoin what) {
  for_reader(std::move(reply), [this, what = std::move(what)](const std::string& sender, auto permitted) mutable {
    begin({sender, what.id}, std::move(permitted), std::move(what));
  });
}

void Service::leave(bus::Reply<> reply, std::uint64_t id) {
  for_reader(std::move(reply), [this, id](const std::string& sender, auto permitted) {
    end({sender, id});
    permitted.send();
  });
}

void Service::list(bus::Reply<std::vector<bus::SwarmObject>> reply) {
  for_reader(std::move(reply), [this](const std::string&, auto permitted) {
    std::vector<bus::SwarmObject> all;
    for (const auto& object : shelf_.all()) {
      const Torrent& torrent = object->torrent;
      const Counts counts = session_.measure(torrent.id);
      all.push_back({.id = torrent.id,
                     .size = torrent.size,
                     .held = counts.held,
                     .from_peers = counts.from_peers,
                     .from_origin = counts.from_origin,
                     .sent = counts.sent,
                     .peers = counts.peers,
                     .readers = tenancy_.readers(torrent.id),
                     .complete = tenancy_.is_complete(torrent.id)});
    }
    permitted.send(all);
  });
}

void Service::begin(const Key& key, bus::Reply<std::string, std::string> reply, bus::SwarmJoin what) {
  if (const std::string why = obstacle_to(what); !why.empty())
    return reply.fail(base::Error(base::Code::E_INVALIDARG, why));
  if (readers_.contains(key)) return reply.fail(base::Error(base::Code::E_INVALIDARG, "this number has joined"));
  if (readers_.size() >= most_readers) return reply.fail(base::Error(base::Code::E_FAIL, "too many have joined"));
  Reader& reader = readers_[key];
  reader.reply = std::move(reply);
  reader.attempt = ++attempts_;
  worker_.submit([this, key, attempt = reader.attempt, what = std::move(what)]() mutable -> loop::Callback {
    auto opened = fetch_torrent(what, settings_.fetch);
    return [this, key, attempt, url = std::move(what.url), opened = std::move(opened)] {
      fetched(key, attempt, url, opened);
    };
  });
  arm();
}

void Service::fetched(const Key& key, std::uint64_t attempt, const std::string& url,
                      const base::Result<OpenedTorrent>& opened) {
  const auto reader = readers_.find(key);
  if (reader == readers_.end() || reader->second.attempt != attempt) return;
  if (!opened) return refuse(key, opened.error());
  auto object = take_in(*opened, url);
  if (!object) return refuse(key, object.error());
  reader->second.object = *object;
  reader->second.reply->send(settings_.socket, std::string(object_prefix) + *object);
  reader->second.reply.reset();
  arm();
}

base::Result<std::string> Service::take_in(const OpenedTorrent& opened, const std::string& url) {
  const Torrent& torrent = opened.torrent;
  const bool known = tenancy_.has(torrent.id);
  const auto leave = tenancy_.join(torrent.id, torrent.size);
  if (!leave) return base::Error(base::Code::DISK_FULL, "the cache of the swarm has no room for the file");
  for (const std::string& other : *leave) drop(other);
  if (known) return torrent.id;
  base::Result<void> added = base::Error(base::Code::DISK_FULL, "there is not enough space on the disk for the file");
  if (has_room(settings_.folder, torrent.size)) added = session_.add(opened, url);
  if (!added) {
    tenancy_.remove(torrent.id, loop_.now());
    return std::move(added).error();
  }
  auto ask = [&session = session_, id = torrent.id](std::uint32_t piece) { session.want(id, piece); };
  shelf_.put(std::make_shared<Object>(torrent, std::move(ask), settings_.stall));
  measure_.arm(loop_.now() + measure_interval);
  return torrent.id;
}

void Service::refuse(const Key& key, const base::Error& why) {
  auto node = readers_.extract(key);
  log_.write(base::LogLevel::info, "a file is not exchanged: " + why.text);
  node.mapped().reply->fail(why);
  arm();
}

void Service::end(const Key& key) {
  auto node = readers_.extract(key);
  if (node.empty()) return;
  Reader& reader = node.mapped();
  if (reader.reply) reader.reply->fail(base::Error(base::Code::E_ABORT, "its reader left"));
  if (!reader.object.empty()) tenancy_.leave(reader.object, loop_.now());
  arm();
}

void Service::end_all_of(const std::string& sender) {
  std::vector<Key> keys;
  for (const auto& [key, reader] : readers_)
    if (key.first == sender) keys.push_back(key);
  for (const Key& key : keys) end(key);
  const auto caller = callers_.extract(sender);  // with the slot that this runs in: the last that is touched
}

// Nothing but its place in the tenancy, which whoever calls this has seen to.
void Service::drop(const std::string& id) {
  shelf_.remove(id);
  session_.remove(id);
}

// Its readers hear it from the connections that end; they are none of the next that has this name.
void Service::give_up(const std::string& id) {
  drop(id);
  tenancy_.remove(id, loop_.now());
  for (auto& [key, reader] : readers_)
    if (reader.object == id) reader.object.clear();
}

void Service::hear() {
  for (const News& news : session_.take_news()) hear_one(news);
  arm();
}

void Service::hear_one(const News& news) {
  const auto object = shelf_.find(news.id);
  switch (news.what) {
    case News::What::piece:
    case News::What::no_piece:
      if (object) object->pieces.arrived(news.piece, news.octets);
      return;
    case News::What::complete:
      if (object) session_.measure(news.id);  // before the connections to the origin go
      return tenancy_.completed(news.id, loop_.now());
    case News::What::broken:
      log_.write(base::LogLevel::warning, news.text);
      if (object) give_up(news.id);
      return;
    case News::What::warning: return log_.write(base::LogLevel::warning, news.text);
  }
}

void Service::look_at_time() {
  const base::BootTime now = loop_.now();
  for (const std::string& id : tenancy_.due(now)) {
    drop(id);
    tenancy_.remove(id, now);
  }
  if (tenancy_.is_over(now) && readers_.empty()) return over_();
  arm();
}

void Service::arm() {
  const base::BootTime next = tenancy_.next();
  // Whoever still fetches a torrent holds it up for as long as that may take.
  timer_.arm(readers_.empty() || next == base::never ? next : std::max(next, loop_.now() + measure_interval));
}

void Service::measure() {
  for (const auto& object : shelf_.all()) session_.measure(object->torrent.id);
  if (tenancy_.fetches()) measure_.arm(loop_.now() + measure_interval);
}

}  // namespace backhaul::swarmd
