// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/multi.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "adapters/curl/shortage.h"
#include "base/result.h"

namespace backhaul::curl {
namespace {

using namespace std::chrono_literals;

// Sockets served in one turn of the loop: the rest stays ready and comes in the next.
constexpr std::size_t batch = 64;
constexpr long kept_connections = 64;

int open_epoll() {
  const int fd = epoll_create1(EPOLL_CLOEXEC);
  BH_ASSERT(fd >= 0);
  return fd;
}

void check(CURLMcode code) { BH_ASSERT(code == CURLM_OK); }

}  // namespace

Multi::Multi(loop::Loop& loop, Done done, SocketUsed used, SocketUnused unused, Rests rests)
    : loop_(loop),
      done_(std::move(done)),
      used_(std::move(used)),
      unused_(std::move(unused)),
      rests_(std::move(rests)),
      epoll_(open_epoll()),
      ready_(std::in_place, loop, epoll_, EPOLLIN, [this](std::uint32_t) { sockets_ready(); }),
      timer_(loop, 1ms, [this] { time_elapsed(); }),
      now_(loop, loop::Order::normal, [this] { time_out(); }) {
  BH_ASSERT(init_libcurl() == CURLE_OK);
  multi_ = curl_multi_init();
  BH_ASSERT(multi_ != nullptr);
  check(curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Multi::on_socket));
  check(curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this));
  check(curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Multi::on_timer));
  check(curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this));
  check(curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, kept_connections));
}

Multi::~Multi() {
  check(curl_multi_cleanup(multi_));  // still tells of the sockets it closes
  curl_global_cleanup();
  ready_.reset();
  close(epoll_);
}

void Multi::limit_connections(long of_address) {
  check(curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, of_address));
}

void Multi::add(CURL* handle) {
  check(curl_multi_add_handle(multi_, handle));
  ++handles_;
}

void Multi::remove(CURL* handle) {
  check(curl_multi_remove_handle(multi_, handle));
  std::erase_if(in_use_, [this, handle](const auto& entry) {
    if (entry.second.handle == handle) unused_(entry.first);
    return entry.second.handle == handle;
  });
  --handles_;
  // Whoever waited for its connection may go on. From 8.10 to 8.18 libcurl tells so only where the handle that went
  // had a timer of its own.
  long timeout_ms = -1;
  check(curl_multi_timeout(multi_, &timeout_ms));
  on_timer(multi_, timeout_ms, this);
}

void Multi::tell_sockets() {
  for (const auto& [fd, user] : in_use_) used_(user.handle, fd);
}

int Multi::on_socket(CURL* handle, curl_socket_t fd, int what, void* self, void* known) noexcept {
  static_cast<Multi*>(self)->watch(handle, fd, what, known != nullptr);
  return 0;
}

void Multi::watch(CURL* handle, curl_socket_t fd, int what, bool known) {
  if (what == CURL_POLL_REMOVE) {
    // A socket that was closed before is no longer in the epoll: nothing is left to do then.
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    const auto user = in_use_.find(fd);
    if (user == in_use_.end() || (user->second.handle == handle && rests_(handle))) return;
    in_use_.erase(user);
    unused_(fd);
    return;
  }
  epoll_event event{};
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  event.data.fd = fd;
  BH_ASSERT(epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) == 0);
  if (!known) check(curl_multi_assign(multi_, fd, this));  // anything but null: `known` the next time
  User& user = in_use_[fd];
  const bool begins_to_read = (what & CURL_POLL_IN) != 0 && !user.reads;
  user = {.handle = handle, .reads = user.reads || begins_to_read};
  if (!known || begins_to_read) used_(handle, fd);
}

int Multi::on_timer(CURLM*, long timeout_ms, void* data) noexcept {
  auto& self = *static_cast<Multi*>(data);
  if (timeout_ms < 0) {
    self.deadline_.reset();
    return 0;
  }
  if (timeout_ms == 0) {
    self.deadline_.reset();
    self.now_.schedule();
    return 0;
  }
  self.deadline_ = self.loop_.now() + std::chrono::milliseconds(timeout_ms);
  if (!self.armed_ || *self.deadline_ < *self.armed_) {
    self.armed_ = self.deadline_;
    self.timer_.arm(*self.armed_);
  }
  return 0;
}

void Multi::time_elapsed() {
  armed_.reset();
  if (!deadline_) return;
  if (loop_.now() < *deadline_) {  // it moved away since
    armed_ = deadline_;
    timer_.arm(*armed_);
    return;
  }
  deadline_.reset();
  time_out();
}

void Multi::time_out() {
  int running = 0;
  check(curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running));
  collect();
}

void Multi::sockets_ready() {
  std::array<epoll_event, batch> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    int what = 0;
    if ((event.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    // Reading finds out which error it is; ERR alone would only say that there is one.
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_IN | CURL_CSELECT_ERR;
    int running = 0;
    check(curl_multi_socket_action(multi_, event.data.fd, what, &running));
  }
  collect();
}

void Multi::collect() {
  std::vector<std::pair<CURL*, CURLcode>> ended;
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    ended.emplace_back(message->easy_handle, message->data.result);
  }
  for (const auto& [handle, result] : ended) {
    remove(handle);
    done_(handle, result);
  }
}

}  // namespace backhaul::curl
