// SPDX-License-Identifier: Apache-2.0
#include "bus/object.h"

#include <systemd/sd-bus.h>

#include "bus/utf8.h"

namespace backhaul::bus {

void reply_failure(const Message& call, const Failure& failure) {
  const std::string text = to_valid_utf8(failure.text);
  const sd_bus_error error{failure.name.c_str(), text.c_str(), 0};
  sd_bus_reply_method_error(call.native(), &error);
}

void reply_error(const Message& call, const base::Error& error) {
  reply_failure(call, {error_name(error.code),
                       error.text.empty() ? base::describe(error.code) : error.text});
}

namespace detail {

Message new_reply(const Message& call) {
  sd_bus_message* answer = nullptr;
  if (sd_bus_message_new_method_return(call.native(), &answer) < 0) return {};
  return Message::adopt(answer);
}

void send_reply(const Message& call, const Message& answer, int status) {
  if (status >= 0) status = sd_bus_send(nullptr, answer.native(), nullptr);
  // The answer could not be written (an invalid path is a bug of ours): the caller must not hang.
  if (status < 0 && status != -ENOTCONN)
    reply_error(call, {base::Code::E_UNEXPECTED, "the answer could not be sent"});
}

}  // namespace detail
}  // namespace backhaul::bus
