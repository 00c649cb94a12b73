// SPDX-License-Identifier: Apache-2.0
// Result<T>: a value or an Error, and the compiler complains when it is dropped. Three families of
// failure exist (docs/architecture.md): "refused" and "job error" travel as Error values, a bug in
// the service is BH_ASSERT, which is always on.
#pragma once

#include <cstdint>
#include <expected>
#include <source_location>
#include <string>
#include <utility>

#include "base/code.h"
#include "base/vocabulary.h"

namespace backhaul::base {

struct Error {
  Code code = Code::E_FAIL;
  ErrorContext context = ErrorContext::unknown;
  std::string text;  // for people, one sentence without the code; may be empty
  std::source_location origin = std::source_location::current();

  Error() = default;
  Error(Code c, std::string t = {}, std::source_location o = std::source_location::current())
      : code(c), text(std::move(t)), origin(o) {}
  Error(Code c, ErrorContext x, std::string t,
        std::source_location o = std::source_location::current())
      : code(c), context(x), text(std::move(t)), origin(o) {}
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
  Result(Error error) : std::expected<T, Error>(std::unexpect, std::move(error)) {}
  Result(Code code, std::string text = {},
         std::source_location origin = std::source_location::current())
    requires(!std::is_same_v<T, Code>)
      : std::expected<T, Error>(std::unexpect, Error(code, std::move(text), origin)) {}
};

[[noreturn]] void assertion_failed(const char* what, std::source_location where);

}  // namespace backhaul::base

#define BH_ASSERT(condition)                                                               \
  do {                                                                                     \
    if (!(condition)) [[unlikely]]                                                         \
      ::backhaul::base::assertion_failed(#condition, std::source_location::current());     \
  } while (false)

#define BH_CONCAT_(a, b) a##b
#define BH_CONCAT(a, b) BH_CONCAT_(a, b)
// BH_TRY(auto x, f()): x is the value of f(), or the enclosing function returns its error.
#define BH_TRY(declaration, expression)                                                    \
  auto BH_CONCAT(bh_result_, __LINE__) = (expression);                                     \
  if (!BH_CONCAT(bh_result_, __LINE__)) return std::move(BH_CONCAT(bh_result_, __LINE__)).error(); \
  declaration = *std::move(BH_CONCAT(bh_result_, __LINE__))
// BH_CHECK(f()): the enclosing function returns the error of f(), if there is one.
#define BH_CHECK(expression)                                                               \
  do {                                                                                     \
    if (auto bh_result = (expression); !bh_result) return std::move(bh_result).error();    \
  } while (false)
