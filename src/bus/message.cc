// SPDX-License-Identifier: Apache-2.0
#include "bus/message.h"

#include <fcntl.h>
#include <systemd/sd-bus.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bus/utf8.h"

namespace backhaul::bus {
namespace {

std::string text_or_empty(const char* text) { return text == nullptr ? std::string() : text; }

}  // namespace

Message Message::share(sd_bus_message* message) {
  Message result;
  result.message_ = sd_bus_message_ref(message);
  return result;
}

Message Message::adopt(sd_bus_message* message) {
  Message result;
  result.message_ = message;
  return result;
}

Message::Message(const Message& other) : message_(sd_bus_message_ref(other.message_)) {}

Message& Message::operator=(Message other) noexcept {
  std::swap(message_, other.message_);
  return *this;
}

Message::~Message() { sd_bus_message_unref(message_); }

std::string Message::sender() const { return text_or_empty(sd_bus_message_get_sender(message_)); }
std::string Message::destination() const {
  return text_or_empty(sd_bus_message_get_destination(message_));
}
std::string Message::path() const { return text_or_empty(sd_bus_message_get_path(message_)); }
std::string Message::interface() const {
  return text_or_empty(sd_bus_message_get_interface(message_));
}
std::string Message::member() const { return text_or_empty(sd_bus_message_get_member(message_)); }
std::string Message::signature() const {
  return text_or_empty(sd_bus_message_get_signature(message_, 1));
}
bool Message::is_method_call() const {
  std::uint8_t type = 0;
  return sd_bus_message_get_type(message_, &type) >= 0 && type == SD_BUS_MESSAGE_METHOD_CALL;
}

void Message::rewind() const { sd_bus_message_rewind(message_, 1); }

bool Message::allows_interaction() const {
  return sd_bus_message_get_allow_interactive_authorization(message_) > 0;
}

void Writer::basic(char type, const void* value) {
  if (status_ < 0) return;
  const bool is_text = type == 's' || type == 'o' || type == 'g';
  octets_ += 8 + (is_text ? std::strlen(static_cast<const char*>(value)) : 0);
  if (int r = sd_bus_message_append_basic(message_, type, value); r < 0) status_ = r;
}

void Writer::string(char type, const std::string& value) {
  if (type == 's' && !is_valid_utf8(value)) return basic(type, to_valid_utf8(value).c_str());
  basic(type, value.c_str());
}

void Writer::secret(const base::Secret& value) {
  if (status_ >= 0 && !is_valid_utf8(value.reveal())) status_ = -EINVAL;
  if (status_ >= 0) status_ = std::min(sd_bus_message_sensitive(message_), 0);
  basic('s', value.c_str());
}

void Writer::open(char container, const char* contents) {
  if (status_ < 0) return;
  if (int r = sd_bus_message_open_container(message_, container, contents); r < 0) status_ = r;
}

void Writer::close() {
  if (status_ < 0) return;
  if (int r = sd_bus_message_close_container(message_); r < 0) status_ = r;
}

void Reader::basic(char type, void* value) {
  if (status_ < 0) return;
  const int r = sd_bus_message_read_basic(message_, type, value);
  if (r < 0) status_ = r;
  if (r == 0) status_ = -ENXIO;  // the array ended where a value was expected
}

std::string Reader::string(char type) {
  const char* text = nullptr;
  basic(type, static_cast<void*>(&text));
  return status_ < 0 ? std::string() : text_or_empty(text);
}

base::Secret Reader::secret() {
  sd_bus_message_sensitive(message_);
  const char* text = nullptr;
  basic('s', static_cast<void*>(&text));
  return base::Secret(status_ < 0 || text == nullptr ? std::string_view() : std::string_view(text));
}

void Reader::enter(char container, const char* contents) {
  if (status_ < 0) return;
  const int r = sd_bus_message_enter_container(message_, container, contents);
  if (r < 0) status_ = r;
  if (r == 0) status_ = -ENXIO;
}

void Reader::leave() {
  if (status_ < 0) return;
  if (int r = sd_bus_message_exit_container(message_); r < 0) status_ = r;
}

FileDescriptor Reader::descriptor() {
  int borrowed = -1;
  basic('h', &borrowed);
  if (status_ < 0) return {};
  FileDescriptor own(fcntl(borrowed, F_DUPFD_CLOEXEC, 3));
  if (!own) status_ = -errno;
  return own;
}

bool Reader::at_end() {
  if (status_ < 0) return true;
  const int r = sd_bus_message_at_end(message_, 0);
  if (r < 0) status_ = r;
  return r != 0;
}

std::string Reader::variant_signature() {
  if (status_ < 0) return {};
  char type = 0;
  const char* contents = nullptr;
  const int r = sd_bus_message_peek_type(message_, &type, &contents);
  if (r < 0) status_ = r;
  if (r <= 0 || type != 'v') return {};
  return text_or_empty(contents);
}

void Reader::skip(const char* signature) {
  if (status_ < 0) return;
  if (int r = sd_bus_message_skip(message_, signature); r < 0) status_ = r;
}

void Reader::fail(int negative_errno) {
  if (status_ >= 0) status_ = negative_errno;
}

}  // namespace backhaul::bus
