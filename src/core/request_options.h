// SPDX-License-Identifier: Apache-2.0
// What shapes the requests of a job beside their addresses, as one value: taken from the row of the job and
// from what the settings lay down by the engine, obeyed by core::Conversation (redirects, the method) and by the transport (TLS, the
// way by a proxy). Pure.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "base/setting_kind.h"
#include "core/proxy.h"
#include "core/request_rules.h"

namespace backhaul::core {

struct Job;

// Bits of SecurityFlags, with BITS's numbers (http-and-network.md §4, §5).
namespace security {
inline constexpr std::uint32_t check_revocation = 0x0001;
inline constexpr std::uint32_t ignore_name = 0x0002;
inline constexpr std::uint32_t ignore_date = 0x0004;
inline constexpr std::uint32_t ignore_authority = 0x0008;
inline constexpr std::uint32_t ignore_usage = 0x0010;
inline constexpr std::uint32_t redirect_report = 0x0100;   // the file gets the name that it led to
inline constexpr std::uint32_t redirect_disallow = 0x0200;
inline constexpr std::uint32_t redirect_policy = 0x0700;   // a number, not bits: 0 follows silently
inline constexpr std::uint32_t redirect_downgrade = 0x0800;  // may lead from https to http
inline constexpr std::uint32_t tls = 0x001F;
}  // namespace security

// Bits of FileAclFlags, with BITS's numbers (jobs.md §15).
namespace acl {
inline constexpr std::uint32_t owner = 1;
inline constexpr std::uint32_t group = 2;
inline constexpr std::uint32_t dacl = 4;
inline constexpr std::uint32_t sacl = 8;
inline constexpr std::uint32_t all = 15;
}  // namespace acl

struct RequestOptions {
  std::uint32_t security = 0;
  base::Method method;
  ProxySettings proxy;
  ProxyEnvironment environment;
  std::uint32_t acl = 0;  // of files of this machine, which alone have any
  SharedRequestRules rules = no_request_rules();

  std::uint32_t redirects() const { return security & security::redirect_policy; }
  bool follows_downgrade() const { return (security & security::redirect_downgrade) != 0; }
  // Connections are used again among transfers that agree in this alone.
  std::uint32_t tls() const { return security & security::tls; }
  bool operator==(const RequestOptions&) const = default;
};

RequestOptions request_options_of(const Job& job, SharedRequestRules rules);
// What a server answers this job it would answer anybody, and nobody whom the owner chose can answer in its place: by
// no proxy of the job or its maker, with the usual checks of certificates, to a GET that shows no secrets and has no
// headers of the job.
bool speaks_for_all(const Job& job);

// E_NOTIMPL: bits that mean nothing.
base::Result<std::uint32_t> judge_security_flags(std::uint32_t flags);
// A token of RFC 9110 that a request for a file can have; E_INVALIDARG.
base::Result<base::Method> judge_method(std::string_view method);

}  // namespace backhaul::core
