// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/site.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/neighbours/announced.h"
#include "adapters/neighbours/own_file.h"
#include "state/state_file.h"

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds again_pause = 1min;
constexpr base::Microseconds key_is_looked_at_after = 24h;
constexpr const char* pins_name = "/peer.pins";

bool is_known(const std::vector<core::Neighbour>& all, const std::string& key) {
  return std::ranges::any_of(all, [&](const core::Neighbour& one) { return one.key == key; });
}

// Whatever says to be this machine (empty: nobody can say so), or to be at it, is nobody else.
std::vector<Found> found_elsewhere(const Discovery& all, const std::string& own_key) {
  std::optional<std::set<std::string>> own;
  return all.found([&](const Found& one) {
    if (own_key.starts_with(one.id)) return false;
    if (!own) own = own_addresses();
    return is_elsewhere(one.host, *own);
  });
}

// Whether whom it lets in, or where, is another.
bool needs_another_server(const core::NeighbourRules& one, const core::NeighbourRules& other) {
  return one.port.value != other.port.value || one.trust.value != other.trust.value ||
         one.authority.value != other.authority.value || one.fixed.value != other.fixed.value;
}

}  // namespace

Site::Site(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, ports::Introducer& introducer, SitePlaces places)
    : loop_(loop),
      inbox_(inbox),
      log_(log),
      introducer_(introducer),
      places_(std::move(places)),
      again_(loop, 1s, [this] { work(); }),
      key_day_(loop, 1min, [this] { look_at_key(); }),
      poster_(loop) {}

Site::~Site() = default;

void Site::apply(const core::NeighbourRules& rules, bool serves) {
  if (server_ && (!serves || needs_another_server(rules, rules_))) server_.reset();
  rules_ = rules;
  serves_ = serves;
  said_.clear();
  join_group();
  work();
  look_around(true);
}

// Avahi tells of everybody as they come and go; only whoever was told of already is looked for once more.
void Site::look(bool anew) {
  if (anew) discovery_.reset();
  work();
  look_around(true);
}

void Site::look_for_caches(bool looks) {
  caches_.reset();
  if (!looks) return;
  caches_ = std::make_unique<Discovery>(loop_, log_, places_.bus_address, [this] { tell_caches(); }, Service::cache);
  tell_caches();
}

void Site::tell_caches() {
  ports::CachesFound event;
  for (const Found& one : found_elsewhere(*caches_, {}))
    event.all.push_back({.name = one.id, .host = one.host, .port = one.port, .path = one.path});
  inbox_.post(std::move(event));
}

// What is laid down, as far as it is not done yet; what cannot be done is tried again.
void Site::work() {
  again_.disarm();
  const bool wanted = rules_.client.value || serves_;
  if (wanted) have_key();
  if (by_group() && !group_) join_group();
  const bool ready = wanted && key_ && (group_ || !by_group());
  if (ready && serves_) serve();
  if (ready && rules_.discovery.value) discover();
  if (!ready || !rules_.discovery.value) discovery_.reset();
  if (wanted && (!ready || (serves_ && !server_))) again_.arm(loop_.now() + again_pause);
}

void Site::have_key() {
  if (key_) return;
  auto key = have_machine_key(places_.state, log_);
  if (!key) return warn("Neighbours are neither asked nor served: " + key.error().text);
  key_ = *std::move(key);
  key_day_.arm(loop_.now() + key_is_looked_at_after);
  look_around(true);
}

// The secret is read whenever the settings are. Whoever knew an older one, and whom it made known, is nobody any more.
void Site::join_group() {
  std::optional<Group> now;
  if (by_group() && (rules_.client.value || serves_)) {
    auto read = Group::read(rules_.group_secret.value);
    if (!read) warn("Neighbours are neither asked nor served: " + read.error().text);
    if (read) now = *std::move(read);
  }
  if (now.has_value() == group_.has_value() && (!now || now->tag() == group_->tag())) return;
  server_.reset();  // it refers to both
  introductions_.reset();
  group_ = std::move(now);
  if (!group_) return pins_.end();
  auto stored = read_own_file(places_.state + pins_name, Whose::ours_alone);
  if (!stored) log_.write(base::LogLevel::warning, "Who is known of the group is forgotten: " + stored.error().text);
  pins_.begin(group_->tag(), stored && *stored ? std::string_view(**stored) : std::string_view());
  introductions_ = std::make_unique<Introductions>(loop_, introducer_, *group_, [this](const std::string& key) {
    if (pins_.add(key)) introduced(key);
  });
}

// It is kept that it was met; when others were met last is not worth a write. A disk that is slow holds up nobody: in a
// group that begins anew a hundred of them come one behind the other.
void Site::introduced(const std::string& key) {
  if (!group_) return;  // it was left meanwhile
  log_.write(base::LogLevel::notice, "A machine proved that it belongs to the group: the key " + key);
  if (!keeper_) keeper_.emplace(loop_, 1U);
  keeper_->submit([this, path = places_.state + pins_name, text = pins_.text()]() -> loop::Callback {
    auto kept = state::put_file(path, text);
    if (kept) return {};
    return [this, why = std::move(kept).error().text] {
      log_.write(base::LogLevel::warning, "Who is known of the group cannot be kept: " + why);
    };
  });
  look_around(true);
}

void Site::serve() {
  const ServeLimits limits{.at_once = rules_.served_at_once.value,
                           .bits_per_second = rules_.serve_bits_per_second.value,
                           .percent = rules_.serve_percent.value};
  if (server_) return server_->limit(limits);
  auto trust = Trust::of(rules_, {.group = group_ ? &*group_ : nullptr, .pins = group_ ? &pins_ : nullptr});
  if (!trust) return warn("Nobody is served: " + trust.error().text);
  auto server = std::make_unique<Server>(
      offers_, places_.copies,
      [this](base::RecordId id, bool begins, std::uint64_t octets) {
        poster_.post([this, id, begins, octets] {
          octets_given_ += octets;
          inbox_.post(ports::RecordServed{.id = id, .begins = begins});
        });
      },
      [this](const std::string& key) { poster_.post([this, key] { introduced(key); }); }, log_);
  server->limit(limits);
  if (auto started = server->start(rules_.port.value, *key_, *std::move(trust)); !started)
    return warn("Nobody is served: " + started.error().text);
  server_ = std::move(server);
  said_.clear();
}

void Site::discover() {
  if (!discovery_) discovery_ = std::make_unique<Discovery>(loop_, log_, places_.bus_address, [this] { look_around(false); });
  std::optional<Announcement> own;
  if (server_)
    own = Announcement{.id = key_->key.substr(0, machine_digits),
                       .group = group_ ? group_->tag() : std::string(),
                       .port = server_->port()};
  discovery_->announce(std::move(own));
}

// A certificate that is renewed, by us or by its authority, is shown from then on.
void Site::look_at_key() {
  key_day_.arm(loop_.now() + key_is_looked_at_after);
  auto key = have_machine_key(places_.state, log_);
  if (!key) return warn(key.error().text);
  if (key->certificates == key_->certificates) return;
  key_ = *std::move(key);
  server_.reset();
  work();
  look_around(true);
}

void Site::warn(const std::string& text) {
  if (said_ == text) return;
  said_ = text;
  log_.write(base::LogLevel::warning, text + " (it is tried again every minute)");
}

std::vector<core::Neighbour> Site::neighbours(const std::vector<Found>& found) const {
  std::vector<core::Neighbour> all;
  if (!key_) return all;
  for (const Found& one : found) {
    core::Neighbour neighbour{.key = one.id, .host = one.host, .port = one.port, .name = one.name};
    // With a list its whole key is known; else its certificate tells it at the first answer.
    const auto listed = std::ranges::find_if(rules_.fixed.value, [&](const core::Neighbour& fixed) { return fixed.key.starts_with(one.id); });
    if (listed != rules_.fixed.value.end()) {
      if (!listed->host.empty()) continue;  // where it is, the settings say
      neighbour.key = listed->key;
    } else if (by_group()) {
      neighbour.key = pins_.key_of(one.id);
      if (neighbour.key.empty()) continue;  // it has to introduce itself first
    } else if (rules_.trust.value == core::NeighbourTrust::list) {
      continue;
    }
    all.push_back(std::move(neighbour));
  }
  for (const core::Neighbour& one : rules_.fixed.value)
    if (one.key != key_->key && !one.host.empty() && !is_known(all, one.key)) all.push_back(one);
  std::ranges::sort(all, {}, &core::Neighbour::key);
  return all;
}

// Of those that say to be of the group, and those that the settings name, by which both know each other.
std::vector<core::Neighbour> Site::of_group(const std::vector<Found>& found) const {
  std::vector<core::Neighbour> all;
  for (const Found& one : found)
    if (one.group == group_->tag())
      all.push_back({.key = one.id, .host = one.host, .port = one.port, .name = one.name});
  for (const core::Neighbour& one : rules_.fixed.value)
    if (one.key != key_->key && !one.host.empty()) all.push_back(one);
  return all;
}

// `tells_always`: also where nobody is new.
void Site::look_around(bool tells_always) {
  const std::vector<Found> found =
      key_ && discovery_ ? found_elsewhere(*discovery_, key_->key) : std::vector<Found>();
  // Whoever asks nobody is made known by those who ask it.
  if (introductions_ && key_ && rules_.client.value) introductions_->meet(of_group(found));
  std::vector<core::Neighbour> now = neighbours(found);
  if (!tells_always && now == told_) return;
  told_ = std::move(now);
  inbox_.post(ports::NeighboursChanged{.own_key = key_ ? key_->key : std::string(), .all = told_});
}

void Site::offer(const core::CacheRecord& record) { offers_.offer(record); }
void Site::withdraw(const base::RecordId& id) { offers_.withdraw(id); }
void Site::coming(base::TransferId transfer, const core::Coming& what) { offers_.coming(transfer, what); }
void Site::came(base::TransferId transfer) { offers_.came(transfer); }

}  // namespace backhaul::neighbours
