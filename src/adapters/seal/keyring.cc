// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/keyring.h"

#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <tuple>
#include <utility>

#include "base/hex.h"

namespace backhaul::seal {
namespace {

constexpr const char* service_name = "org.freedesktop.secrets";
constexpr const char* service_path = "/org/freedesktop/secrets";
constexpr const char* service_interface = "org.freedesktop.Secret.Service";
constexpr const char* item_interface = "org.freedesktop.Secret.Item";
constexpr base::Microseconds first_answers = std::chrono::seconds(1);

using Attributes = std::vector<std::pair<std::string, std::string>>;
using Paths = std::vector<bus::ObjectPath>;

// A secret of the specification; its type is read and written as one of ours, so that the message is wiped.
struct KeySecret {
  bus::ObjectPath session;
  std::vector<std::uint8_t> parameters;
  std::vector<std::uint8_t> value;
  base::Secret content_type{"application/octet-stream"};

  KeySecret() = default;
  KeySecret(KeySecret&&) = default;
  KeySecret& operator=(KeySecret&&) = default;
  ~KeySecret() { explicit_bzero(value.data(), value.size()); }

  template <class Self>
  static auto fields(Self& s) {
    return std::tie(s.session, s.parameters, s.value, s.content_type);
  }
};

struct ItemProperties {
  std::string label;
  Attributes attributes;

  template <class Self, class Visit>
  static void visit(Self& s, Visit&& v) {
    v("org.freedesktop.Secret.Item.Label", s.label);
    v("org.freedesktop.Secret.Item.Attributes", s.attributes);
  }
};

bus::Call call_of(const std::string& path, const char* interface, const char* member) {
  return {service_name, path, interface, member, bus::usual_limit, false};
}

Attributes attributes_of(const std::string& id) {
  return {{"xdg:schema", "org.backhaul.QueueKey"}, {"queue", id}};
}

std::string random_id() {
  std::array<std::uint8_t, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) return {};
  return base::to_hex(bytes);
}

}  // namespace

Keyring::Keyring(loop::Loop& loop, const std::string& bus_address, bool may_have_key, KeySealer& sealer,
                 base::Log& log, std::function<void()> key_came)
    : may_have_key_(may_have_key), sealer_(sealer), log_(log), key_came_(std::move(key_came)) {
  if (auto kept = sealer.kept_elsewhere(); kept && kept->by == KeptElsewhere::By::keyring) id_ = std::move(kept->text);
  if (auto connected = bus::Bus::begin(bus_address, bus::Descriptors::refused)) begin(loop, *std::move(connected));
  sealer_.on_key_in_file([this] { look(); });
  told_ = true;
}

void Keyring::begin(loop::Loop& loop, bus::Bus connected) {
  bus_ = std::move(connected);
  // The matches first: what changes after the question is then told.
  owner_ = bus_->watch_name(service_name, [this](const std::string&, const std::string& owner) {
    call_.reset();
    session_ = {};
    busy_ = again_ = false;
    if (!owner.empty()) appeared();
  });
  changes_ = bus_->match(std::string("type='signal',sender='") + service_name + "',path_namespace='" + service_path + "'",
                         [this](const bus::Message&) { look(); });
  // Who is not there is not started by a question that says so.
  appeared();
  if (id_) wait_for_first_answers();
  if (auto attached = bus_->attach(loop.native()); !attached) log_.write(base::LogLevel::warning, attached.error().text);
}

void Keyring::on_key_left(std::function<void()> callback) {
  key_left_ = std::move(callback);
  look();
}

void Keyring::wait_for_first_answers() {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + first_answers;
  while (busy_) {
    if (const auto processed = bus_->process(); !processed) return;
    else if (*processed) continue;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
    const auto wanted = bus_->wanted();
    if (left.count() <= 0 || !wanted) return;
    pollfd ready{wanted->fd, wanted->events, 0};
    if (poll(&ready, 1, static_cast<int>(left.count())) == 0) return;
  }
}

void Keyring::say_once(base::LogLevel level, const std::string& text) {
  if (std::exchange(said_, text) != text) log_.write(level, text);
}

void Keyring::appeared() {
  busy_ = true;
  call_ = bus_->call_async<bus::VariantOf<std::string>, bus::ObjectPath>(
      call_of(service_path, service_interface, "OpenSession"),
      [this](bus::Outcome<bus::VariantOf<std::string>, bus::ObjectPath> answer) {
        busy_ = again_ = false;
        if (!answer) {
          if (wants_key())
            say_once(base::LogLevel::warning, "the key of the queue's secrets is in a keyring that is not there");
          return look();
        }
        session_ = std::get<1>(*answer);
        look();
      },
      std::string("plain"), bus::VariantOf<std::string>{});
}

void Keyring::look() {
  again_ = busy_;
  if (busy_) return;
  const bool is_there = !session_.value.empty();
  if (wants_key()) {
    if (is_there) search();
  } else if (sealer_.key_in_file() != nullptr) {
    if (is_there && may_have_key_ && !id_)
      move();
    else if ((!is_there || !may_have_key_) && key_left_)
      key_left_();
  }
}

// --- from the keyring ------------------------------------------------------------------------------

void Keyring::search() {
  busy_ = true;
  call_ = bus_->call_async<Paths, Paths>(
      call_of(service_path, service_interface, "SearchItems"),
      [this](bus::Outcome<Paths, Paths> answer) {
        busy_ = false;
        if (answer && !std::get<0>(*answer).empty()) return fetch(std::get<0>(*answer).front());
        const bool locked = answer && !std::get<1>(*answer).empty();
        say_once(base::LogLevel::warning, locked ? "the keyring with the key of the queue's secrets is locked"
                                                 : "the keyring of the session does not have the key of the queue's secrets");
        if (again_) look();
      },
      attributes_of(*id_));
}

void Keyring::fetch(const bus::ObjectPath& item) {
  busy_ = true;
  call_ = bus_->call_async<KeySecret>(
      call_of(item.value, item_interface, "GetSecret"),
      [this](bus::Outcome<KeySecret> answer) {
        busy_ = false;
        if (answer && std::get<0>(*answer).value.size() == key_size) {
          sealer_.give_key(KeyView(std::get<0>(*answer).value.data(), key_size));
          said_.clear();
          if (!may_have_key_)
            if (auto back = sealer_.came_back(); !back) log_.write(base::LogLevel::warning, back.error().text);
          if (told_) log_.write(base::LogLevel::notice, "the key of the queue's secrets is there again");
          if (told_) key_came_();
          return;
        }
        say_once(base::LogLevel::warning, "the key of the queue's secrets cannot be had from the keyring");
        if (again_) look();
      },
      session_);
}

// --- into it ---------------------------------------------------------------------------------------

// The file has it still, and will do.
void Keyring::stay() {
  busy_ = false;
  new_id_.clear();
}

void Keyring::move() {
  new_id_ = random_id();
  if (new_id_.empty()) return;
  busy_ = true;
  call_ = bus_->call_async<bus::ObjectPath>(
      call_of(service_path, service_interface, "ReadAlias"),
      [this](bus::Outcome<bus::ObjectPath> answer) {
        if (!answer || std::get<0>(*answer).value == "/") return stay();
        look_at_collection(std::get<0>(*answer));
      },
      std::string("default"));
}

void Keyring::look_at_collection(const bus::ObjectPath& collection) {
  call_ = bus_->call_async<bus::VariantOf<bool>>(
      call_of(collection.value, "org.freedesktop.DBus.Properties", "Get"),
      [this, collection](bus::Outcome<bus::VariantOf<bool>> answer) {
        if (!answer || std::get<0>(*answer).value) return stay();
        store(collection);
      },
      std::string("org.freedesktop.Secret.Collection"), std::string("Locked"));
}

void Keyring::store(const bus::ObjectPath& collection) {
  const Key* key = sealer_.key_in_file();
  if (key == nullptr) return stay();
  KeySecret secret;
  secret.session = session_;
  secret.value.assign(key->view().begin(), key->view().end());
  call_ = bus_->call_async<bus::ObjectPath, bus::ObjectPath>(
      call_of(collection.value, "org.freedesktop.Secret.Collection", "CreateItem"),
      [this](bus::Outcome<bus::ObjectPath, bus::ObjectPath> answer) {
        // One that wants to ask its user first is left alone.
        if (!answer || std::get<0>(*answer).value == "/") return stay();
        prove(std::get<0>(*answer));
      },
      ItemProperties{"backhaul: key of the transfer queue", attributes_of(new_id_)}, secret, true);
}

// What is about to be the only copy is read once before the other one goes.
void Keyring::prove(const bus::ObjectPath& item) {
  call_ = bus_->call_async<KeySecret>(
      call_of(item.value, item_interface, "GetSecret"),
      [this](bus::Outcome<KeySecret> answer) {
        const Key* key = sealer_.key_in_file();
        const bool same = answer && key != nullptr && std::get<0>(*answer).value.size() == key_size &&
                          memcmp(std::get<0>(*answer).value.data(), key->view().data(), key_size) == 0;
        if (!same) return stay();
        if (auto moved = sealer_.moved({KeptElsewhere::By::keyring, new_id_}); moved)
          id_ = new_id_;
        else
          log_.write(base::LogLevel::warning, moved.error().text);
        stay();
      },
      session_);
}

}  // namespace backhaul::seal
