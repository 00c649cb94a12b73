// SPDX-License-Identifier: Apache-2.0
// A bus message with its reference count, and the two cursors that write and read its body. Errors
// of a cursor are sticky: a codec runs to its end and the caller asks once.
//
// A message belongs to the thread of its bus, its reference count included.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "bus/process.h"

struct sd_bus_message;

namespace backhaul::bus {

class Message {
 public:
  Message() = default;
  static Message share(sd_bus_message* message);  // takes a reference of its own
  static Message adopt(sd_bus_message* message);  // takes over the caller's reference
  Message(const Message& other);
  Message(Message&& other) noexcept : message_(other.message_) { other.message_ = nullptr; }
  Message& operator=(Message other) noexcept;
  ~Message();

  explicit operator bool() const { return message_ != nullptr; }
  sd_bus_message* native() const { return message_; }

  std::string sender() const;
  std::string destination() const;  // as the sender wrote it: a well-known or a unique name
  std::string path() const;
  std::string interface() const;
  std::string member() const;
  std::string signature() const;
  bool is_method_call() const;
  bool allows_interaction() const;  // Call::interactive
  void rewind() const;  // for whoever reads it next

 private:
  sd_bus_message* message_ = nullptr;
};

class Writer {
 public:
  explicit Writer(sd_bus_message* message) : message_(message) {}

  void basic(char type, const void* value);
  // Types s, o, g. Strings are made valid UTF-8; an invalid path is an error.
  void string(char type, const std::string& value);
  // Type s, as it is: a password that is no UTF-8 is an error. The message is wiped when it goes.
  void secret(const base::Secret& value);
  void open(char container, const char* contents);
  void close();
  int status() const { return status_; }  // 0, or a negative errno
  std::size_t octets() const { return octets_; }  // written so far, padding not counted

 private:
  sd_bus_message* message_;
  int status_ = 0;
  std::size_t octets_ = 0;
};

class Reader {
 public:
  explicit Reader(sd_bus_message* message) : message_(message) {}

  void basic(char type, void* value);
  std::string string(char type);
  base::Secret secret();  // likewise
  FileDescriptor descriptor();
  void enter(char container, const char* contents);
  void leave();
  // End of the container that was entered last; true after an error, so that loops end.
  bool at_end();
  // What the variant at the cursor holds.
  std::string variant_signature();
  void skip(const char* signature);
  void fail(int negative_errno);
  int status() const { return status_; }

 private:
  sd_bus_message* message_;
  int status_ = 0;
};

}  // namespace backhaul::bus
