// SPDX-License-Identifier: Apache-2.0
// BACKHAUL_API marks what libbackhaul exports; everything else in it is hidden.
#ifndef BACKHAUL_EXPORT_H
#define BACKHAUL_EXPORT_H

#if defined(__GNUC__)
#define BACKHAUL_API __attribute__((visibility("default")))
#else
#define BACKHAUL_API
#endif

// A result that is dropped is a failure that nobody notices.
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(nodiscard) && __cplusplus >= 201703L
#define BACKHAUL_NODISCARD [[nodiscard]]
#endif
#endif
#ifndef BACKHAUL_NODISCARD
#define BACKHAUL_NODISCARD
#endif

#endif
