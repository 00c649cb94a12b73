// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error. The library throws nothing of its own; taking the value of a
// result that holds an error is a bug of the program and ends it.
#ifndef BACKHAUL_RESULT_H
#define BACKHAUL_RESULT_H

#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include "backhaul/codes.h"
#include "backhaul/export.h"
#include "backhaul/types.h"

namespace backhaul {

struct Error {
  std::uint32_t code = code::e_fail;
  ErrorContext context = ErrorContext::unknown;
  std::string message;  // for people, one sentence without the code; may be empty

  Error() = default;
  Error(std::uint32_t error_code, std::string text = std::string(),
        ErrorContext where = ErrorContext::unknown)
      : code(error_code), context(where), message(std::move(text)) {}
  std::string symbol() const { return code_symbol(code); }
};

BACKHAUL_API void result_misused [[noreturn]] (const Error* error);

template <class T>
class BACKHAUL_NODISCARD Result {
 public:
  Result(T value) : ok_(true) { new (&value_) T(std::move(value)); }
  Result(Error error) : ok_(false) { new (&error_) Error(std::move(error)); }
  Result(const Result& other) : ok_(other.ok_) {
    if (ok_) new (&value_) T(other.value_);
    else new (&error_) Error(other.error_);
  }
  Result(Result&& other) noexcept : ok_(other.ok_) { take(std::move(other)); }
  Result& operator=(Result other) noexcept {
    clear();
    ok_ = other.ok_;
    take(std::move(other));
    return *this;
  }
  ~Result() { clear(); }

  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }

  const T& value() const& { return check(), value_; }
  T& value() & { return check(), value_; }
  T&& value() && { return check(), std::move(value_); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  T value_or(T other) const& { return ok_ ? value_ : std::move(other); }

  const Error& error() const {
    if (ok_) result_misused(nullptr);
    return error_;
  }
  // The code: the error's, or S_OK.
  std::uint32_t code() const { return ok_ ? code::s_ok : error_.code; }

 private:
  void check() const {
    if (!ok_) result_misused(&error_);
  }
  void take(Result&& other) {
    if (ok_) new (&value_) T(std::move(other.value_));
    else new (&error_) Error(std::move(other.error_));
  }
  void clear() {
    if (ok_) value_.~T();
    else error_.~Error();
  }

  bool ok_;
  union {
    T value_;
    Error error_;
  };
};

template <>
class BACKHAUL_NODISCARD Result<void> {
 public:
  Result() : ok_(true), error_(code::s_ok) {}
  Result(Error error) : ok_(false), error_(std::move(error)) {}

  bool has_value() const { return ok_; }
  explicit operator bool() const { return ok_; }
  void value() const {
    if (!ok_) result_misused(&error_);
  }
  const Error& error() const {
    if (ok_) result_misused(nullptr);
    return error_;
  }
  std::uint32_t code() const { return ok_ ? code::s_ok : error_.code; }

 private:
  bool ok_;
  Error error_;
};

}  // namespace backhaul

#endif
