// SPDX-License-Identifier: Apache-2.0
// The Interlocked functions: atomic, sequentially consistent, on plain integers.
//
// They are templates because programs count references in LONG, ULONG, long and volatile forms of
// these (source-compat.md 3). Increment and Decrement give the new value; the others the old one.
// Internal: pulled in by combaseapi.h.
#ifndef BACKHAUL_BITS_INTERLOCKED_H
#define BACKHAUL_BITS_INTERLOCKED_H

#include <type_traits>

#include "backhaul_com_types.h"

namespace backhaul {
namespace bits {

/// Only the target decides the type; the other arguments convert to it.
template <class T>
struct same_type {
  static_assert(std::is_integral<T>::value && (sizeof(T) == 4 || sizeof(T) == 8),
                "Interlocked functions work on integers of 32 or 64 bits");
  using type = T;
};
template <class T>
using value_of = typename same_type<T>::type;

}  // namespace bits
}  // namespace backhaul

template <class T>
inline T InterlockedIncrement(T volatile* target) {
  return __atomic_add_fetch(target, backhaul::bits::value_of<T>(1), __ATOMIC_SEQ_CST);
}
template <class T>
inline T InterlockedDecrement(T volatile* target) {
  return __atomic_sub_fetch(target, backhaul::bits::value_of<T>(1), __ATOMIC_SEQ_CST);
}
template <class T>
inline T InterlockedExchange(T volatile* target, backhaul::bits::value_of<T> value) {
  return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}
template <class T>
inline T InterlockedExchangeAdd(T volatile* target, backhaul::bits::value_of<T> value) {
  return __atomic_fetch_add(target, value, __ATOMIC_SEQ_CST);
}
template <class T>
inline T InterlockedCompareExchange(T volatile* target, backhaul::bits::value_of<T> exchange,
                                    backhaul::bits::value_of<T> comparand) {
  __atomic_compare_exchange_n(target, &comparand, exchange, false, __ATOMIC_SEQ_CST,
                              __ATOMIC_SEQ_CST);
  return comparand;
}
template <class T>
inline T InterlockedAnd(T volatile* target, backhaul::bits::value_of<T> value) {
  return __atomic_fetch_and(target, value, __ATOMIC_SEQ_CST);
}
template <class T>
inline T InterlockedOr(T volatile* target, backhaul::bits::value_of<T> value) {
  return __atomic_fetch_or(target, value, __ATOMIC_SEQ_CST);
}

template <class T>
inline T InterlockedIncrement64(T volatile* target) {
  static_assert(sizeof(T) == 8, "64 bits");
  return InterlockedIncrement(target);
}
template <class T>
inline T InterlockedDecrement64(T volatile* target) {
  static_assert(sizeof(T) == 8, "64 bits");
  return InterlockedDecrement(target);
}
template <class T>
inline T InterlockedExchange64(T volatile* target, backhaul::bits::value_of<T> value) {
  static_assert(sizeof(T) == 8, "64 bits");
  return InterlockedExchange(target, value);
}
template <class T>
inline T InterlockedCompareExchange64(T volatile* target, backhaul::bits::value_of<T> exchange,
                                      backhaul::bits::value_of<T> comparand) {
  static_assert(sizeof(T) == 8, "64 bits");
  return InterlockedCompareExchange(target, exchange, comparand);
}

inline PVOID InterlockedExchangePointer(PVOID volatile* target, PVOID value) {
  return __atomic_exchange_n(target, value, __ATOMIC_SEQ_CST);
}
inline PVOID InterlockedCompareExchangePointer(PVOID volatile* target, PVOID exchange,
                                               PVOID comparand) {
  __atomic_compare_exchange_n(target, &comparand, exchange, false, __ATOMIC_SEQ_CST,
                              __ATOMIC_SEQ_CST);
  return comparand;
}

#endif  // BACKHAUL_BITS_INTERLOCKED_H
