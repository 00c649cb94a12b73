// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/site.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds again_pause = 1min;
constexpr base::Microseconds day = 24h;
constexpr std::size_t announced_digits = 32;

bool is_known(const std::vector<core::Neighbour>& all, const std::string& key) {
  return std::ranges::any_of(all, [&](const core::Neighbour& one) { return one.key == key; });
}

// Whether whom it lets in, or where, is another.
bool needs_another_server(const core::NeighbourRules& one, const core::NeighbourRules& other) {
  return one.port.value != other.port.value || one.trust.value != other.trust.value ||
         one.authority.value != other.authority.value || one.fixed.value != other.fixed.value;
}

}  // namespace

Site::Site(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, SitePlaces places)
    : loop_(loop),
      inbox_(inbox),
      log_(log),
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
  work();
  tell();
}

// Avahi tells of everybody as they come and go; only whoever was told of already is looked for once more.
void Site::look(bool anew) {
  if (anew) discovery_.reset();
  work();
  tell();
}

// What is laid down, as far as it is not done yet; what cannot be done is tried again.
void Site::work() {
  again_.disarm();
  const bool wanted = rules_.client.value || serves_;
  if (wanted) have_key();
  if (wanted && key_ && serves_) serve();
  if (wanted && key_ && rules_.discovery.value) discover();
  if (!wanted || !rules_.discovery.value) discovery_.reset();
  if (wanted && (!key_ || (serves_ && !server_))) again_.arm(loop_.now() + again_pause);
}

void Site::have_key() {
  if (key_) return;
  auto key = have_machine_key(places_.state, log_);
  if (!key) return warn("Neighbours are neither asked nor served: " + key.error().text);
  key_ = *std::move(key);
  key_day_.arm(loop_.now() + day);
  tell();
}

void Site::serve() {
  const ServeLimits limits{.at_once = rules_.served_at_once.value,
                           .bits_per_second = rules_.serve_bits_per_second.value,
                           .percent = rules_.serve_percent.value};
  if (server_) return server_->limit(limits);
  auto trust = Trust::of(rules_);
  if (!trust) return warn("Nobody is served: " + trust.error().text);
  auto server = std::make_unique<Server>(
      offers_, places_.copies,
      [this](base::RecordId id, bool begins) {
        poster_.post([this, id, begins] { inbox_.post(ports::RecordServed{.id = id, .begins = begins}); });
      },
      log_);
  server->limit(limits);
  if (auto started = server->start(rules_.port.value, *key_, *std::move(trust)); !started)
    return warn("Nobody is served: " + started.error().text);
  server_ = std::move(server);
  said_.clear();
}

void Site::discover() {
  if (!discovery_) discovery_ = std::make_unique<Discovery>(loop_, log_, places_.bus_address, [this] {
    if (neighbours() != told_) tell();
  });
  discovery_->announce(server_ ? std::optional(Announcement{key_->key.substr(0, announced_digits), server_->port()}) : std::nullopt);
}

// A certificate that is renewed, by us or by its authority, is shown from then on.
void Site::look_at_key() {
  key_day_.arm(loop_.now() + day);
  auto key = have_machine_key(places_.state, log_);
  if (!key) return warn(key.error().text);
  if (key->certificates == key_->certificates) return;
  key_ = *std::move(key);
  server_.reset();
  work();
  tell();
}

void Site::warn(const std::string& text) {
  if (said_ == text) return;
  said_ = text;
  log_.write(base::LogLevel::warning, text + " (it is tried again every minute)");
}

std::vector<core::Neighbour> Site::neighbours() const {
  std::vector<core::Neighbour> all;
  if (!key_) return all;
  const bool by_list = rules_.trust.value == core::NeighbourTrust::list;
  for (const Found& one : discovery_ ? discovery_->found() : std::vector<Found>()) {
    if (key_->key.starts_with(one.id)) continue;  // this machine
    core::Neighbour neighbour{.key = one.id, .host = one.host, .port = one.port, .name = one.name};
    // With a list its whole key is known; else its certificate tells it at the first answer.
    const auto listed = std::ranges::find_if(rules_.fixed.value, [&](const core::Neighbour& fixed) { return fixed.key.starts_with(one.id); });
    if (listed != rules_.fixed.value.end() && !listed->host.empty()) continue;  // where it is, the settings say
    if (listed != rules_.fixed.value.end()) neighbour.key = listed->key;
    if (by_list && listed == rules_.fixed.value.end()) continue;
    all.push_back(std::move(neighbour));
  }
  for (const core::Neighbour& one : rules_.fixed.value)
    if (one.key != key_->key && !one.host.empty() && !is_known(all, one.key)) all.push_back(one);
  std::ranges::sort(all, {}, &core::Neighbour::key);
  return all;
}

void Site::tell() {
  told_ = neighbours();
  inbox_.post(ports::NeighboursChanged{.own_key = key_ ? key_->key : std::string(), .all = told_});
}

void Site::offer(const core::CacheRecord& record) { offers_.offer(record); }
void Site::withdraw(const base::RecordId& id) { offers_.withdraw(id); }
void Site::coming(base::TransferId transfer, const core::Coming& what) { offers_.coming(transfer, what); }
void Site::came(base::TransferId transfer) { offers_.came(transfer); }

}  // namespace backhaul::neighbours
