// SPDX-License-Identifier: Apache-2.0
// A std::variant of many alternatives that compiles fast. What copies, moves and destroys a variant is a table with a
// function for each alternative, and every file that handles one makes all of them again. Here one file makes them,
// and the others know that:
//
//   struct EventKinds { using Variant = std::variant<HeadReceived, …>; };
//   using Event = base::Sum<EventKinds>;
//   extern template class backhaul::base::Sum<backhaul::ports::EventKinds>;   // behind the namespaces of the header
//   template class backhaul::base::Sum<backhaul::ports::EventKinds>;          // in one file
//
// It is used like the variant: std::visit, std::get_if and holds_alternative take it.
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

namespace backhaul::base {

template <class Kinds>
class Sum : public Kinds::Variant {
 public:
  using Variant = typename Kinds::Variant;

  Sum();
  template <class One>
    requires(!std::is_base_of_v<Sum, std::remove_cvref_t<One>> && std::is_constructible_v<Variant, One>)
  Sum(One&& one) : Variant(std::forward<One>(one)) {}
  template <class One, class... Arguments>
  explicit Sum(std::in_place_type_t<One> kind, Arguments&&... arguments)
      : Variant(kind, std::forward<Arguments>(arguments)...) {}
  Sum(const Sum& other);
  Sum(Sum&& other) noexcept;
  Sum& operator=(const Sum& other);
  Sum& operator=(Sum&& other) noexcept;
  ~Sum();
};

// Outside of the class, so that they are no inline functions: only others are left to one file.
template <class Kinds>
Sum<Kinds>::Sum() = default;
template <class Kinds>
Sum<Kinds>::Sum(const Sum& other) = default;
template <class Kinds>
Sum<Kinds>::Sum(Sum&& other) noexcept = default;
template <class Kinds>
Sum<Kinds>& Sum<Kinds>::operator=(const Sum& other) = default;
template <class Kinds>
Sum<Kinds>& Sum<Kinds>::operator=(Sum&& other) noexcept = default;
template <class Kinds>
Sum<Kinds>::~Sum() = default;

}  // namespace backhaul::base
