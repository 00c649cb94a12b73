// SPDX-License-Identifier: Apache-2.0
// Gives the service of this machine what the swarm has: HTTP/1.1 over a Unix socket, by libmicrohttpd with a thread for
// each connection, because whoever is served waits for pieces.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "swarm/shelf.h"

struct MHD_Connection;
struct MHD_Daemon;

namespace backhaul::swarmd {

class Server {
 public:
  // `reader`: the account that is served, and no other one, whatever the socket's mode lets in.
  Server(Shelf& shelf, uid_t reader) : shelf_(shelf), reader_(reader) {}
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Makes the socket, in the place of one that was left there. Its folder says who else may reach it.
  base::Result<void> start(const std::string& socket);

 private:
  struct Given;  // an object on its way to somebody
  struct Calls;  // what libmicrohttpd calls

  bool is_reader(MHD_Connection* connection) const;
  int answer(MHD_Connection* connection, std::string_view path, std::string_view method);

  Shelf& shelf_;
  const uid_t reader_;
  std::string socket_;
  MHD_Daemon* daemon_ = nullptr;
};

}  // namespace backhaul::swarmd
