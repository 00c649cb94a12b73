// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/discovery.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <set>
#include <string_view>
#include <utility>

#include "adapters/neighbours/announced.h"

namespace backhaul::neighbours {
namespace {

using namespace std::chrono_literals;

constexpr const char* avahi = "org.freedesktop.Avahi";
constexpr const char* server_interface = "org.freedesktop.Avahi.Server";
constexpr const char* group_interface = "org.freedesktop.Avahi.EntryGroup";
constexpr const char* browser_interface = "org.freedesktop.Avahi.ServiceBrowser";
constexpr const char* resolver_interface = "org.freedesktop.Avahi.ServiceResolver";
constexpr std::int32_t any = -1;        // interface, protocol
constexpr std::int32_t running = 2;     // AVAHI_SERVER_RUNNING
constexpr base::Microseconds retry_pause = 2s;
constexpr std::size_t most_found = 512;  // whoever announces more of them means no good
constexpr std::size_t longest_host = 48;  // a name of a service has 63 octets

std::string type_of(Service service) {
  return service == Service::peer ? "_backhaul-peer._tcp" : "_backhaul-cache._tcp";
}

std::string name_of_service(const std::string& id) {
  std::array<char, 65> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  // Two machines with one name do not get into each other's way.
  return std::string(host.data()).substr(0, longest_host) + " " + id.substr(0, 8);
}

std::string with_interface(const std::string& address, std::int32_t interface) {
  in6_addr six{};
  std::array<char, IF_NAMESIZE> name{};
  if (inet_pton(AF_INET6, address.c_str(), &six) != 1 || !IN6_IS_ADDR_LINKLOCAL(&six) ||
      if_indextoname(static_cast<unsigned int>(interface), name.data()) == nullptr)
    return address;
  return address + "%" + name.data();
}

bool is_absent(const bus::Failure& failure) {
  return failure.name == "org.freedesktop.DBus.Error.ServiceUnknown" ||
         failure.name == "org.freedesktop.DBus.Error.NameHasNoOwner";
}

std::string rule_for(const char* interface, const char* member) {
  return std::string("type='signal',sender='") + avahi + "',interface='" + interface + "',member='" + member + "'";
}

}  // namespace

struct Discovery::Session {
  // Interface, protocol, name, type, domain: what Avahi calls one announcement that it heard.
  using Key = std::tuple<std::int32_t, std::int32_t, std::string, std::string, std::string>;
  struct Item {
    std::optional<Found> found;
    std::string resolver;  // its object; empty: not known yet
    bus::Slot call;
  };

  Session(bus::Bus connected, Discovery& of)
      : owner(of), bus(std::move(connected)), again(of.loop_, 100ms, [this] { begin(); }) {}

  bus::Call to(const std::string& path, const char* interface, const char* member) const {
    return {avahi, path, interface, member, bus::usual_limit, false};
  }

  void listen() {
    slots.push_back(bus.watch_name(avahi, [this](const std::string&, const std::string& now) {
      forget();
      if (!now.empty()) begin();
    }));
    on(rule_for(server_interface, "StateChanged"), [this](const bus::Message& message) {
      if (const auto told = bus::read_body<std::int32_t, std::string>(message)) in_state(std::get<0>(*told));
    });
    on(rule_for(browser_interface, "ItemNew"), [this](const bus::Message& message) {
      if (auto key = key_in(message)) heard(*std::move(key));
    });
    on(rule_for(browser_interface, "ItemRemove"), [this](const bus::Message& message) {
      if (const auto key = key_in(message)) gone(*key);
    });
    on(rule_for(resolver_interface, "Found"), [this](const bus::Message& message) { resolved(message); });
    on(rule_for(resolver_interface, "Failure"), [this](const bus::Message& message) { unresolved(message.path()); });
    on(rule_for(group_interface, "StateChanged"), [this](const bus::Message& message) {
      const auto told = bus::read_body<std::int32_t, std::string>(message);
      constexpr std::int32_t collision = 3, failed = 4;
      if (told && (std::get<0>(*told) == collision || std::get<0>(*told) == failed)) retry();
    });
    begin();
  }

  void on(const std::string& rule, std::move_only_function<void(const bus::Message&)> callback) {
    slots.push_back(bus.match(rule, std::move(callback)));
  }

  static std::optional<Key> key_in(const bus::Message& message) {
    auto told = bus::read_body<std::int32_t, std::int32_t, std::string, std::string, std::string, std::uint32_t>(message);
    if (!told) return std::nullopt;
    auto& [interface, protocol, name, type, domain, flags] = *told;
    return Key{interface, protocol, std::move(name), std::move(type), std::move(domain)};
  }

  void retry() { again.arm(owner.loop_.now() + retry_pause); }
  void failed(const bus::Failure& failure) {
    owner.log_.write(base::LogLevel::debug, "Avahi: " + failure.text);
    if (!is_absent(failure)) retry();
  }

  // Whatever was asked before: the daemon may be another one.
  void begin() {
    again.disarm();
    state = bus.call_async<std::int32_t>(to("/", server_interface, "GetState"), [this](bus::Outcome<std::int32_t> told) {
      if (!told) return failed(told.error());
      in_state(std::get<0>(*told));
    });
  }

  // It is not told of anybody before it has a name of its own, and it forgets services when it takes another.
  void in_state(std::int32_t now) {
    if (now != running) return;
    if (browser.empty()) browse();
    announce();
  }

  void browse() {
    browsing = bus.call_async<bus::ObjectPath>(
        to("/", server_interface, "ServiceBrowserNew"),
        [this](bus::Outcome<bus::ObjectPath> made) {
          if (!made) return failed(made.error());
          browser = std::get<0>(*made).value;
        },
        any, any, type_of(owner.service_), std::string(), std::uint32_t{0});
  }

  void announce() {
    if (!group.empty()) bus.send(to(std::exchange(group, {}), group_interface, "Free"));
    if (!owner.own_) return;
    announcing = bus.call_async<bus::ObjectPath>(to("/", server_interface, "EntryGroupNew"),
                                                 [this](bus::Outcome<bus::ObjectPath> made) {
                                                   if (!made) return failed(made.error());
                                                   group = std::get<0>(*made).value;
                                                   fill_group();
                                                 });
  }

  void fill_group() {
    if (!owner.own_) return;
    const Announcement own = *owner.own_;
    const Texts texts = texts_of({.id = own.id, .group = own.group});
    announcing = bus.call_async<>(
        to(group, group_interface, "AddService"),
        [this](bus::Outcome<> added) {
          if (!added) return failed(added.error());
          announcing = bus.call_async<>(to(group, group_interface, "Commit"), [this](bus::Outcome<> done) {
            if (!done) failed(done.error());
          });
        },
        any, any, std::uint32_t{0}, name_of_service(own.id), type_of(owner.service_), std::string(), std::string(),
        own.port, texts);
  }

  void heard(Key key) {
    if (items.size() >= most_found || items.contains(key)) return;
    resolve(items.emplace(std::move(key), Item{}).first);
  }

  void resolve(std::map<Key, Item>::iterator item) {
    const auto& [interface, protocol, name, type, domain] = item->first;
    item->second.call = bus.call_async<bus::ObjectPath>(
        to("/", server_interface, "ServiceResolverNew"),
        [this, key = item->first](bus::Outcome<bus::ObjectPath> made) {
          if (!made) return failed(made.error());
          if (const auto known = items.find(key); known != items.end()) known->second.resolver = std::get<0>(*made).value;
        },
        interface, protocol, name, type, domain, any, std::uint32_t{0});
  }

  void gone(const Key& key) {
    const auto item = items.find(key);
    if (item == items.end()) return;
    if (!item->second.resolver.empty()) bus.send(to(item->second.resolver, resolver_interface, "Free"));
    const bool was_found = item->second.found.has_value();
    items.erase(item);
    if (was_found) owner.changed_();
  }

  void resolved(const bus::Message& message) {
    auto told = bus::read_body<std::int32_t, std::int32_t, std::string, std::string, std::string, std::string,
                               std::int32_t, std::string, std::uint16_t, Texts, std::uint32_t>(message);
    if (!told) return;
    auto& [interface, protocol, name, type, domain, host, family, address, port, texts, flags] = *told;
    const auto item = items.find(Key{interface, protocol, name, type, domain});
    const auto said = owner.service_ == Service::peer ? announced_in(texts) : announced_cache_in(texts, host);
    if (item == items.end() || !said || port == 0) return;
    Found found{.id = said->id,
                .group = said->group,
                .host = with_interface(address, interface),
                .port = port,
                .name = host,
                .path = said->path};
    if (item->second.found == found) return;
    item->second.found = std::move(found);
    owner.changed_();
  }

  // Asked again: what it answers later it says to a question that stands.
  void unresolved(const std::string& path) {
    for (auto& [key, item] : items)
      if (item.resolver == path) {
        bus.send(to(std::exchange(item.resolver, {}), resolver_interface, "Free"));
        to_resolve.insert(key);
      }
    resolve_again.arm(owner.loop_.now() + retry_pause);
  }

  void resolve_what_failed() {
    for (const Key& key : std::exchange(to_resolve, {}))
      if (const auto item = items.find(key); item != items.end()) resolve(item);
  }

  void forget() {
    again.disarm();
    for (bus::Slot* one : {&state, &browsing, &announcing}) one->reset();
    browser.clear();
    group.clear();
    to_resolve.clear();
    if (items.empty()) return;
    items.clear();
    owner.changed_();
  }

  Discovery& owner;
  bus::Bus bus;
  std::string browser, group;  // objects of Avahi
  std::map<Key, Item> items;
  std::set<Key> to_resolve;
  loop::Timer again;
  loop::Timer resolve_again{owner.loop_, 100ms, [this] { resolve_what_failed(); }};
  bus::Slot state, browsing, announcing;
  std::vector<bus::Slot> slots;
};

Discovery::Discovery(loop::Loop& loop, base::Log& log, std::string bus_address, std::function<void()> changed,
                     Service service)
    : loop_(loop),
      log_(log),
      bus_address_(std::move(bus_address)),
      changed_(std::move(changed)),
      service_(service),
      reconnect_(loop, 100ms, [this] { connect(); }) {
  connect();
}

Discovery::~Discovery() = default;

void Discovery::connect() {
  const bool knew = !found().empty();
  session_.reset();
  if (knew) changed_();
  auto connected = bus::Bus::begin(bus_address_, bus::Descriptors::refused);
  if (connected)
    if (auto attached = connected->attach(loop_.native()); !attached) connected = std::move(attached).error();
  if (!connected) return lost();
  session_ = std::make_unique<Session>(*std::move(connected), *this);
  session_->slots.push_back(session_->bus.on_disconnect([this] { lost(); }));
  session_->listen();
}

// Not from within the callback of what it was lost by.
void Discovery::lost() { reconnect_.arm(loop_.now() + retry_pause); }

void Discovery::announce(std::optional<Announcement> own) {
  if (own == own_) return;
  own_ = std::move(own);
  if (session_) session_->begin();
}

std::vector<Found> Discovery::found(const std::function<bool(const Found&)>& counts) const {
  std::map<std::tuple<std::string, std::string, std::uint16_t, std::string>, Found> best;
  const auto key_of = [&](const Found& one) {
    return service_ == Service::peer ? std::tuple(one.id, std::string(), std::uint16_t{0}, std::string())
                                     : std::tuple(one.id, one.host, one.port, one.path);
  };
  if (session_)
    for (const auto& [key, item] : session_->items) {
      if (!item.found || (counts && !counts(*item.found))) continue;
      const auto [known, fresh] = best.emplace(key_of(*item.found), *item.found);
      if (!fresh && rank_of(item.found->host) < rank_of(known->second.host)) known->second = *item.found;
    }
  std::vector<Found> all;
  for (auto& [known, one] : best) all.push_back(std::move(one));
  return all;
}

}  // namespace backhaul::neighbours
