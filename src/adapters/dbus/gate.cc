// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/gate.h"

#include "adapters/dbus/callee.h"
#include "adapters/dbus/calls.h"
#include "bus/names.h"

namespace backhaul::dbus {
namespace {

constexpr std::size_t large = 64 * 1024;        // an answer that the next page waits for
constexpr std::size_t least_answer = 256;       // of a call that is answered without an account
constexpr std::size_t introspection = 32 * 1024;

bool is_page(const bus::Message& call) {
  const std::string member = call.member();
  return member == "ListJobs" || member == "ListFiles" || member == "Events" ||
         member == "GetManagedObjects";
}

std::size_t least_octets(const bus::Message& call) {
  return call.member() == "Introspect" ? introspection : least_answer;
}

}  // namespace

Gate::Gate(bus::Bus& bus, Peers& peers, AccountLimits limits, Authority* authority)
    : bus_(bus), peers_(peers), limits_(limits), authority_(authority) {}

// Replies may live longer than we do.
Gate::~Gate() {
  for (auto& [name, client] : clients_) client->leave();
}

void Gate::Client::leave() {
  gate = nullptr;
  account.waits_no_more(waiting.size());
  waiting.clear();
  called_again = {};
  authorised = {};
  passed = {};
  ping.reset();
  fence.reset();
}

base::Result<void> Gate::publish() {
  BH_TRY(filter_, bus_.filter_calls([this](const bus::Message& call) { return receive(call); }));
  return {};
}

const std::shared_ptr<Gate::Client>& Gate::client(const std::string& unique_name) {
  std::shared_ptr<Client>& known = clients_[unique_name];
  if (!known) known = std::make_shared<Client>(*this, unique_name, limits_);
  return known;
}

// Strangers, who are refused whatever they ask, have an account for each connection alone.
void Gate::find_user(Client& client) {
  const ports::Caller* who = client.account.is_somebodys() ? nullptr : caller(client.unique_name);
  if (who == nullptr) return;
  std::shared_ptr<UserAccount> user = users_[who->uid].lock();
  if (!user) {
    std::erase_if(users_, [](const auto& known) { return known.second.expired(); });
    user = std::make_shared<UserAccount>();
    users_[who->uid] = user;
  }
  client.account.belongs_to(std::move(user));
}

void Gate::peer_gone(const std::string& unique_name) {
  const auto left = clients_.extract(unique_name);
  if (!left.empty()) left.mapped()->leave();
}

// --- Who is there ---------------------------------------------------------------------------------

const ports::Caller* Gate::caller(const std::string& unique_name) const {
  const base::Result<ports::Caller>* who = peers_.known(unique_name);
  return who != nullptr && *who && clients_.contains(unique_name) ? &**who : nullptr;
}

void Gate::for_each_caller(
    const std::function<void(const std::string&, const ports::Caller&)>& visit) const {
  for (const auto& [name, client] : clients_)
    if (const ports::Caller* who = caller(name)) visit(name, *who);
}

bool Gate::reads(const std::string& unique_name) const {
  const auto found = clients_.find(unique_name);
  return found != clients_.end() && !found->second->account.owes();
}

void Gate::charge(const std::string& unique_name, std::size_t octets) {
  const auto found = clients_.find(unique_name);
  if (found == clients_.end()) return;
  const std::shared_ptr<Client> client = found->second;
  client->account.charge(octets);
  ping(*client);
}

// --- One call ------------------------------------------------------------------------------------

bool Gate::receive(const bus::Message& call) {
  const std::shared_ptr<Client> caller = client(call.sender());  // it may leave meanwhile
  find_user(*caller);
  const bool again = caller->called_again && caller->called_again.native() == call.native();
  if (again) caller->called_again = {};
  const bool behind_others = !again && (caller->called_again || !caller->waiting.empty());
  if (behind_others || !may_pass(*caller, call)) {
    hold(*caller, call, again);
    return true;
  }
  if (caller->authorised.call.native() == call.native()) {  // the next one may be asked about now
    caller->passed = call;
    caller->passed_with = caller->authorised.right;
  }
  next(*caller);
  if (refuse_stranger(*caller, call)) return true;
  caller->account.charge(least_octets(call));
  return false;
}

bool Gate::may_pass(Client& client, const bus::Message& call) const {
  return peers_.known(client.unique_name) != nullptr && client.account.may_begin(is_page(call)) &&
         has_its_rights(client, call);
}

std::optional<core::Right> Gate::right_wanted(const Client& client, const bus::Message& call) const {
  const ports::Caller* who = authority_ == nullptr ? nullptr : caller(client.unique_name);
  return who == nullptr ? std::nullopt : authority_->wanted(call, *who);
}

bool Gate::has_its_rights(const Client& client, const bus::Message& call) const {
  if (client.authorised.call.native() == call.native()) return client.authorised.answered;
  return !right_wanted(client, call);
}

// Whatever it says, the call goes on, and is judged by the rights that it has then.
void Gate::ask_authority(Client& client, const bus::Message& call) {
  const auto right = right_wanted(client, call);
  if (!right || client.authorised.call.native() == call.native()) return;
  client.authorised = {.call = call, .answered = false, .right = {}, .question = {}};
  const std::weak_ptr<Client> asker = clients_.at(client.unique_name);
  client.authorised.question = authority_->ask(call, *right, [this, asker, right](bool granted) {
    const auto still_there = asker.lock();
    if (!still_there || still_there->gate == nullptr) return;
    still_there->authorised.answered = true;
    if (granted) still_there->authorised.right = right;
    next(*still_there);
  });
}

std::optional<core::Right> Gate::right_for(const bus::Message& call) const {
  const auto known = clients_.find(call.sender());
  if (known == clients_.end() || known->second->passed.native() != call.native()) return std::nullopt;
  return known->second->passed_with;
}

bool Gate::refuse_stranger(Client& client, const bus::Message& call) {
  const base::Result<ports::Caller>* who = peers_.known(client.unique_name);
  if (who == nullptr || *who) return false;
  bus::reply_error(call, who->error());
  peers_.forget_shortage(client.unique_name);
  client.account.charge(bus::error_octets);
  return true;
}

void Gate::hold(Client& client, const bus::Message& call, bool first) {
  if (first) {
    client.waiting.push_front(call);
    client.account.waits();
  } else if (client.account.has_room_to_wait()) {
    client.waiting.push_back(call);
    client.account.waits();
  } else if (!client.account.is_deaf()) {
    bus::reply_failure(call, {"org.freedesktop.DBus.Error.LimitsExceeded",
                              "too many calls of this client wait for their turn"});
    client.account.charge(bus::error_octets);
  }
  wait_for(client);
}

// The first of those that wait, if nothing keeps it any more.
void Gate::next(Client& client) {
  if (client.gate == nullptr || client.called_again || client.waiting.empty()) return;
  if (!may_pass(client, client.waiting.front())) return wait_for(client);
  client.called_again = std::move(client.waiting.front());
  client.waiting.pop_front();
  client.account.waits_no_more();
  if (bus_.receive_again(client.called_again)) return;
  bus::reply_error(client.called_again, {base::Code::E_OUTOFMEMORY, "too much is waiting"});
  client.called_again = {};
}

// Whatever has to happen before it may pass; an answer of its own calls next() by itself.
void Gate::wait_for(Client& client) {
  if (peers_.known(client.unique_name) == nullptr) {
    if (std::exchange(client.asked_who, true)) return;
    const std::weak_ptr<Client> caller = clients_.at(client.unique_name);
    peers_.identify(client.unique_name, [this, caller](const base::Result<ports::Caller>&) {
      const auto still_there = caller.lock();
      if (!still_there) return;
      still_there->asked_who = false;
      next(*still_there);
    });
  } else if (client.account.owes()) {
    ping(client);
    look_back(client);
  } else {
    ask_authority(client, client.waiting.front());
  }
}

void Gate::Watch::answered(std::size_t octets) {
  client.account.ended(page, octets);
  if (client.gate == nullptr) return;
  client.gate->ping(client);
  client.gate->next(client);
}

// --- Has it read? --------------------------------------------------------------------------------

void Gate::ping(Client& client) {
  if (!client.account.ping_wanted()) return;
  client.account.pinged();
  client.ping = bus_.call_async<>(
      {client.unique_name, "/", "org.freedesktop.DBus.Peer", "Ping", bus::no_limit, false},
      [this, &client](const bus::Outcome<>& answer) {
        // Also an error is an answer, if it is the client's own.
        if (!answer && (may_have_left(answer.error()) || has_left(answer.error())))
          client.account.ping_lost();
        else
          client.account.ping_answered();
        has_read(client);
      });
}

// A client that makes one call after the other answers no ping while it waits for an answer. Such a
// one has a single call here, and everything it sent before the bus took our last answer has arrived
// when the bus answers us. Whoever sent many calls at once has more of them here by then.
void Gate::look_back(Client& client) {
  if (std::exchange(client.looking_back, true)) return;
  client.fence = bus_.call_async<std::string>(
      bus_call("GetId", bus::no_limit), [this, &client](const bus::Outcome<std::string>& answer) {
        client.looking_back = false;
        if (!answer || client.waiting.size() != 1 || !client.account.idle()) return;
        client.account.has_read_all();
        has_read(client);
      });
}

void Gate::has_read(Client& client) {
  const std::shared_ptr<Client> kept = clients_.at(client.unique_name);  // whatever is told now
  if (on_reading_ && !client.account.owes()) on_reading_(client.unique_name);
  next(client);
}

// --- Pages ---------------------------------------------------------------------------------------

void Gate::in_turn(const std::string& caller, std::move_only_function<void()> write) {
  const ports::Caller* who = this->caller(caller);
  if (who == nullptr) return;  // it has left
  line_.add(who->uid, {clients_.at(caller), std::move(write)});
  serve_line();
}

void Gate::serve_line() {
  while (!writing_ && !line_.empty()) {
    Turn turn = line_.take();
    if (turn.client->gate == nullptr) continue;  // it has left
    const std::uint64_t before = turn.client->account.sent();
    turn.write();
    if (turn.client->account.sent() - before < large) continue;
    writing_ = true;
    taken_ = bus_.call_async<std::string>(bus_call("GetId", bus::no_limit),
                                          [this](const bus::Outcome<std::string>&) {
                                            writing_ = false;
                                            serve_line();
                                          });
  }
}

}  // namespace backhaul::dbus
