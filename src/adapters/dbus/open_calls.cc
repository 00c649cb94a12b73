// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/open_calls.h"

#include <utility>

#include "bus/names.h"

namespace backhaul::dbus {

base::CallId OpenCalls::insert(Answer answer) {
  const base::CallId call{++last_};
  calls_.emplace(call, std::move(answer));
  return call;
}

base::CallId OpenCalls::add(bus::Reply<> reply) {
  return insert([reply = std::move(reply)](const base::Result<ports::ReplyValue>& value) mutable {
    if (value)
      reply.send();
    else
      reply.fail(value.error());
  });
}

base::CallId OpenCalls::add(bus::Reply<bus::ObjectPath> reply) {
  return insert([reply = std::move(reply)](const base::Result<ports::ReplyValue>& value) mutable {
    if (!value) return reply.fail(value.error());
    const auto* job = std::get_if<base::JobId>(&*value);
    BH_ASSERT(job != nullptr);
    reply.send(bus::ObjectPath{bus::job_path(*job)});
  });
}

base::CallId OpenCalls::add(bus::Reply<std::uint32_t> reply) {
  return insert([reply = std::move(reply)](const base::Result<ports::ReplyValue>& value) mutable {
    if (!value) return reply.fail(value.error());
    if (const auto* count = std::get_if<ports::Count>(&*value)) return reply.send(count->number);
    const auto* code = std::get_if<base::Code>(&*value);
    reply.send(base::to_number(code == nullptr ? base::Code::S_OK : *code));
  });
}

void OpenCalls::answer(base::CallId call, const base::Result<ports::ReplyValue>& value) {
  auto answered = calls_.extract(call);
  if (!answered.empty()) answered.mapped()(value);
}

}  // namespace backhaul::dbus
