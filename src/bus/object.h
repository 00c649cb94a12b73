// SPDX-License-Identifier: Apache-2.0
// Objects on the bus from member functions: signatures come from the function's type, arguments are
// decoded, results are sent as a reply. Two kinds of method:
//
//   base::Result<R> T::f(const Message& call, Args...)   answered when it returns; R is void, one
//                                                        value, or a std::tuple of several
//   void T::f(Reply<Outs...> reply, Args...)             answered later, through the reply
//
// Every entry may be called by anybody: who may do what is decided by us, not by sd-bus.
//
// Trap: a handler may destroy the object it belongs to only by ending the slot it stands in; after
// the call nothing here touches the object again.
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "bus/codec.h"
#include "bus/message.h"
#include "bus/property_set.h"

namespace backhaul::bus {

// Who keeps account of the answers of a call.
class AnswerWatch {
 public:
  virtual ~AnswerWatch() = default;
  virtual void answered(std::size_t octets) = 0;
};

// What an error is counted as: a name, a sentence and a header.
inline constexpr std::size_t error_octets = 512;

// Answers a call. A failure to send is nobody's business: the caller has left.
void reply_error(const Message& call, const base::Error& error);
void reply_failure(const Message& call, const Failure& failure);
// About how many octets it sent.
template <class... Out>
std::size_t reply(const Message& call, const Out&... values);

namespace detail {
Message new_reply(const Message& call);
void send_reply(const Message& call, const Message& answer, int status);
}  // namespace detail

template <class... Out>
std::size_t reply(const Message& call, const Out&... values) {
  Message answer = detail::new_reply(call);
  const Written written = answer ? write_counted(answer.native(), values...) : Written{-EIO, 0};
  detail::send_reply(call, answer, written.status);
  return written.octets;
}

// The answer that a caller waits for. Move-only; a reply that is dropped answers with an error, so
// that no caller hangs.
template <class... Out>
class Reply {
 public:
  explicit Reply(Message call) : call_(std::move(call)) {}
  Reply(Reply&& other) noexcept
      : call_(std::exchange(other.call_, Message())), watch_(std::move(other.watch_)) {}
  Reply& operator=(Reply&& other) noexcept {
    std::swap(call_, other.call_);
    std::swap(watch_, other.watch_);
    return *this;
  }
  ~Reply() {
    if (call_) fail({base::Code::E_UNEXPECTED, "the call was lost"});
  }

  const Message& call() const { return call_; }
  // Told once, when the answer is on its way.
  void watch(std::shared_ptr<AnswerWatch> watch) { watch_ = std::move(watch); }
  void send(const Out&... values) {
    const std::size_t octets = reply(std::exchange(call_, Message()), values...);
    told(octets);
  }
  void fail(const base::Error& error) {
    reply_error(std::exchange(call_, Message()), error);
    told(error_octets);
  }
  // Where the standard has a name of its own.
  void fail(const Failure& failure) {
    reply_failure(std::exchange(call_, Message()), failure);
    told(error_octets);
  }

 private:
  void told(std::size_t octets) {
    if (const auto watch = std::exchange(watch_, nullptr)) watch->answered(octets);
  }

  Message call_;
  std::shared_ptr<AnswerWatch> watch_;
};

using Handler = void (*)(const Message& call, void* target);

struct RowData {
  enum class Kind : std::uint8_t { method, property, writable_property, signal };
  Kind kind = Kind::method;
  const char* member = "";
  const char* in = "";      // method: arguments; property: its type; signal: arguments
  const char* out = "";     // method: results
  const char* names = "";   // "first\0second\0" of the arguments, then of the results
  Handler handler = nullptr;
  Emits emits = Emits::nothing;  // property
};

// A row that needs a T as its target.
template <class T>
struct Row : RowData {};

namespace detail {

template <class R>
struct Results {  // one value
  static constexpr auto signature = signature_of<R>;
  static void send(const Message& call, const R& value) { reply(call, value); }
};
template <>
struct Results<void> {
  static constexpr auto signature = Signature{""};
};
template <class... R>
struct Results<std::tuple<R...>> {
  static constexpr auto signature = signature_of<R...>;
  static void send(const Message& call, const std::tuple<R...>& values) {
    std::apply([&](const R&... value) { reply(call, value...); }, values);
  }
};

template <class F>
struct MethodTraits;

template <class T, class R, class... Args>
struct MethodTraits<base::Result<R> (T::*)(const Message&, Args...)> {
  using Target = T;
  static constexpr auto in = signature_of<std::remove_cvref_t<Args>...>;
  static constexpr auto out = Results<R>::signature;

  template <auto Member>
  static void run(T& target, const Message& call, std::tuple<std::remove_cvref_t<Args>...> args) {
    base::Result<R> result = std::apply(
        [&](auto&... arg) { return (target.*Member)(call, std::move(arg)...); }, args);
    if (!result) return reply_error(call, result.error());
    if constexpr (std::is_void_v<R>)
      reply(call);
    else
      Results<R>::send(call, *result);
  }
  using Arguments = std::tuple<std::remove_cvref_t<Args>...>;
};

template <class T, class... Outs, class... Args>
struct MethodTraits<void (T::*)(Reply<Outs...>, Args...)> {
  using Target = T;
  static constexpr auto in = signature_of<std::remove_cvref_t<Args>...>;
  static constexpr auto out = signature_of<Outs...>;

  template <auto Member>
  static void run(T& target, const Message& call, std::tuple<std::remove_cvref_t<Args>...> args) {
    std::apply(
        [&](auto&... arg) { (target.*Member)(Reply<Outs...>(call), std::move(arg)...); }, args);
  }
  using Arguments = std::tuple<std::remove_cvref_t<Args>...>;
};

template <class Tuple>
struct ReadBody;
template <class... T>
struct ReadBody<std::tuple<T...>> {
  static base::Result<std::tuple<T...>> read(const Message& m) { return read_body<T...>(m); }
};

template <auto Member>
void handle(const Message& call, void* target) {
  using Traits = MethodTraits<decltype(Member)>;
  auto arguments = ReadBody<typename Traits::Arguments>::read(call);
  if (!arguments) return reply_error(call, arguments.error());
  Traits::template run<Member>(*static_cast<typename Traits::Target*>(target), call,
                               *std::move(arguments));
}

}  // namespace detail

// `names`: those of the arguments, then those of the results, each followed by \0.
template <auto Member>
auto method(const char* name, const char* names) {
  using Traits = detail::MethodTraits<decltype(Member)>;
  static constexpr auto in = Traits::in;
  static constexpr auto out = Traits::out;
  Row<typename Traits::Target> row;
  static_cast<RowData&>(row) = {RowData::Kind::method, name,  in.text, out.text, names,
                                &detail::handle<Member>, Emits::nothing};
  return row;
}

template <class T, class... Args>
Row<T> signal(const char* name, const char* names) {
  static constexpr auto in = signature_of<Args...>;
  Row<T> row;
  static_cast<RowData&>(row) = {RowData::Kind::signal, name,    in.text,       "", names,
                                nullptr,               Emits::nothing};
  return row;
}

// Properties for the introspection, with what Set::emits(name) says about their changes: reading and writing them is answered by an object filter
// (Bus::add_filter), because the answer may have to wait.
struct NoProperties {
  template <class Self, class Visit>
  static void visit(Self&, Visit&&) {}
};
template <class T, PropertySet Set, PropertySet Writable = NoProperties>
std::vector<Row<T>> properties() {
  std::vector<Row<T>> rows;
  const Set set{};
  const Writable writable{};
  Set::visit(set, [&](const char* name, const auto& value) {
    static constexpr auto type = signature_of<std::remove_cvref_t<decltype(value)>>;
    Row<T> row;
    static_cast<RowData&>(row) = {RowData::Kind::property, name,    type.text,       "", "",
                                  nullptr,                 Set::emits(name)};
    rows.push_back(row);
  });
  Writable::visit(writable, [&](const char* name, const auto&) {
    for (Row<T>& row : rows)
      if (std::string_view(row.member) == name) row.kind = RowData::Kind::writable_property;
  });
  return rows;
}

}  // namespace backhaul::bus
