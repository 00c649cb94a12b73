// SPDX-License-Identifier: Apache-2.0
// Gives neighbours what Offers has, over mutual TLS (docs/neighbours.md): libmicrohttpd with a thread of its own, and one
// more that lets those go on who wait for the pace, and ends whoever keeps a connection and does nothing with it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

#include "adapters/neighbours/attempts.h"
#include "adapters/neighbours/flood.h"
#include "adapters/neighbours/handshake.h"
#include "adapters/neighbours/machine_key.h"
#include "adapters/neighbours/offers.h"
#include "adapters/neighbours/pace.h"
#include "adapters/neighbours/trust.h"
#include "base/log.h"
#include "base/result.h"
#include "core/introduction.h"
#include "os/descriptor.h"

struct MHD_Connection;
struct MHD_Daemon;

namespace backhaul::neighbours {

struct ServeLimits {
  std::uint32_t at_once = 3;
  std::uint64_t bits_per_second = 0;  // 0: as `percent` says
  std::uint32_t percent = 30;         // of the slowest interface that is up

  bool operator==(const ServeLimits&) const = default;
};

class Server {
 public:
  // A record is being given, or is no longer: then with the octets of it that were; called on a thread of the server.
  using Served = std::function<void(base::RecordId id, bool begins, std::uint64_t octets)>;
  // Somebody proved that he belongs to the group, and was not known before; likewise.
  using Introduced = std::function<void(const std::string& key)>;
  // `copies`: the folder that has them, each under the hex digits of its record. Port 0: any that is free.
  Server(Offers& offers, std::string copies, Served served, Introduced introduced, base::Log& log);
  // An error: the port is taken, or the certificate is none.
  base::Result<void> start(std::uint16_t port, MachineKey key, Trust trust);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void limit(const ServeLimits& limits);
  std::uint16_t port() const { return port_; }

 private:
  struct Given;  // a copy that is on its way to somebody
  struct Calls;  // what libmicrohttpd calls
  struct Line {  // a connection
    int fd = -1;
    std::string from;            // its address
    std::uint32_t requests = 0;
    Pace::Clock::time_point ends{};  // unless something happens
  };

  bool may_connect(const std::string& from) { return flood_.bears(from, Pace::Clock::now()); }
  void opened(MHD_Connection* connection);
  bool may_ask(MHD_Connection* connection);
  void closed(MHD_Connection* connection);
  void wait_at_most(MHD_Connection* connection, Pace::Clock::duration limit);
  bool is_trusted(const std::vector<std::string>& chain);
  int answer(MHD_Connection* connection, std::string_view path, std::string_view method);
  int introduce(MHD_Connection* connection, const std::string& key);
  bool has_proven(MHD_Connection* connection, core::Introduction& said, const Group& group);
  void say_denied(const std::string& why);
  int answer_about_object(MHD_Connection* connection);
  int answer_with_record(MHD_Connection* connection, const base::RecordId& id);
  int busy(MHD_Connection* connection);
  // Null: it is not as it was recorded.
  std::unique_ptr<Given> open_copy(MHD_Connection* connection, const Copy& copy, const Piece& piece);
  bool begin_giving(const base::RecordId& id);
  void end_giving(const base::RecordId& id, std::uint64_t octets);
  long give(Given& given, std::uint64_t position, char* to, std::size_t most);
  void read_speed();
  void watch();
  void end();

  Offers& offers_;
  const std::string copies_;
  const Served served_;
  const Introduced introduced_;
  base::Log& log_;
  std::string own_key_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Trust> trust_;
  const Judge judge_;
  Flood flood_;
  Attempts attempts_;                 // to belong to the group
  Pace::Clock::time_point denied_{};  // the last time that it was said

  std::mutex mutex_;
  std::condition_variable changed_;
  ServeLimits limits_;
  Pace pace_;
  std::uint32_t giving_ = 0;
  bool ending_ = false;
  std::unordered_map<MHD_Connection*, Line> lines_;
  std::vector<MHD_Connection*> waiting_;  // for the pace

  MHD_Daemon* daemon_ = nullptr;
  std::thread watch_;
};

}  // namespace backhaul::neighbours
