// SPDX-License-Identifier: Apache-2.0
// Every call of every client comes through here first: who it is and whether it is served at all
// (core/admission.h), and whether it is its turn. A client that asks faster than it reads waits, in
// the order of its calls; the others do not.
//
// What somebody wants of the jobs of others waits likewise until the authority has said whether they may
// (authority.h): that call, and what the same client sent behind it.
//
// Large answers go to the bus one at a time, whoever gets them (page_line.h): the next is not written before the
// bus has taken the last one, so there is never more than one in our memory, and a small answer
// never stands behind many. What the bus has taken is known from its own answer to a call that went
// out behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "adapters/dbus/account.h"
#include "adapters/dbus/authority.h"
#include "adapters/dbus/page_line.h"
#include "adapters/dbus/peers.h"
#include "bus/bus.h"
#include "bus/object.h"

namespace backhaul::dbus {

class Gate {
 public:
  enum class Answer : std::uint8_t { small, page };

  // `authority`: null: there is none to be asked.
  Gate(bus::Bus& bus, Peers& peers, AccountLimits limits = {}, Authority* authority = nullptr);
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;
  ~Gate();

  base::Result<void> publish();
  // A call that passed is under way from now on, until its reply is answered.
  template <class... Out>
  void enter(bus::Reply<Out...>& reply, Answer answer);
  // What the caller was authorised to have for this call.
  std::optional<core::Right> right_for(const bus::Message& call) const;
  // Runs `write`, which answers with a page, when it is that client's turn. `caller`: its unique name.
  void in_turn(const std::string& caller, std::move_only_function<void()> write);
  void peer_gone(const std::string& unique_name);

  // Clients that have called and are served.
  void for_each_caller(
      const std::function<void(const std::string& unique_name, const ports::Caller&)>& visit) const;
  // Null: there is no such client, or it is not served.
  const ports::Caller* caller(const std::string& unique_name) const;
  // Whether it may be sent what it did not ask for.
  bool reads(const std::string& unique_name) const;
  // Something was sent to it without a call.
  void charge(const std::string& unique_name, std::size_t octets);
  // A client has shown that it reads.
  void on_reading(std::function<void(const std::string& unique_name)> callback) {
    on_reading_ = std::move(callback);
  }

 private:
  struct Client;
  struct Watch final : bus::AnswerWatch {  // of one kind of call
    Watch(Client& c, bool p) : client(c), page(p) {}
    void answered(std::size_t octets) override;
    Client& client;
    const bool page;
  };
  struct Client {
    Client(Gate& g, std::string name, AccountLimits limits)
        : gate(&g), unique_name(std::move(name)), account(limits) {}
    void leave();
    Gate* gate;  // null: it has left, or the gate is gone
    const std::string unique_name;
    Account account;
    Watch small{*this, false};
    Watch page{*this, true};
    std::deque<bus::Message> waiting;
    bus::Message called_again;  // the first of them, on its way through the bus connection once more
    bool asked_who = false;
    bool looking_back = false;  // see look_back()
    struct Authorised {  // the call that the authority was asked about last
      bus::Message call;
      bool answered = false;
      std::optional<core::Right> right;  // that it gave
      bus::Slot question;
    } authorised;
    bus::Message passed;                      // the last one that passed with an answer of the authority
    std::optional<core::Right> passed_with;
    bus::Slot ping;
    bus::Slot fence;
  };
  using Clients = std::map<std::string, std::shared_ptr<Client>>;

  const std::shared_ptr<Client>& client(const std::string& unique_name);
  void find_user(Client& client);
  bool receive(const bus::Message& call);
  bool may_pass(Client& client, const bus::Message& call) const;
  std::optional<core::Right> right_wanted(const Client& client, const bus::Message& call) const;
  bool has_its_rights(const Client& client, const bus::Message& call) const;
  void ask_authority(Client& client, const bus::Message& call);
  bool refuse_stranger(Client& client, const bus::Message& call);
  void hold(Client& client, const bus::Message& call, bool first);
  void next(Client& client);
  void has_read(Client& client);
  void wait_for(Client& client);
  void ping(Client& client);
  void look_back(Client& client);
  void serve_line();

  bus::Bus& bus_;
  Peers& peers_;
  const AccountLimits limits_;
  Authority* const authority_;
  Clients clients_;
  std::map<std::uint32_t, std::weak_ptr<UserAccount>> users_;
  std::function<void(const std::string&)> on_reading_;
  struct Turn {
    std::shared_ptr<Client> client;
    std::move_only_function<void()> write;
  };
  PageLine<Turn> line_;    // at most one of each client
  bool writing_ = false;   // the bus has not taken the last large answer yet
  bus::Slot taken_;
  bus::Slot filter_;
};

template <class... Out>
void Gate::enter(bus::Reply<Out...>& reply, Answer answer) {
  const std::shared_ptr<Client>& caller = client(reply.call().sender());
  const bool page = answer == Answer::page;
  caller->account.begun(page);
  reply.watch({caller, page ? &caller->page : &caller->small});
}

}  // namespace backhaul::dbus
