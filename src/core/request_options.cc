// SPDX-License-Identifier: Apache-2.0
#include "core/request_options.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/job.h"
#include "core/shown_url.h"
#include "core/text.h"

namespace backhaul::core {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t method_max = 64;

bool is_token_character(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

}  // namespace

RequestOptions request_options_of(const Job& job, SharedRequestRules rules) {
  RequestOptions options{.security = job.rare->security_flags,
                         .method = job.rare->http_method,
                         .proxy = *job.rare->proxy,
                         .environment = {},
                         .acl = job.rare->file_acl_flags,
                         .rules = std::move(rules)};
  if (job.rare->proxy_environment) options.environment = *job.rare->proxy_environment;
  return options;
}

bool speaks_for_all(const Job& job) {
  const RareOfJob& rare = *job.rare;
  const ProxyUsage usage = rare.proxy->usage;
  const bool own_proxy = (usage != ProxyUsage::preconfigured && usage != ProxyUsage::none) ||
                         (rare.proxy_environment && rare.proxy_environment->names_proxy());
  const bool lax = (rare.security_flags & security::tls & ~security::check_revocation) != 0;
  const bool shows = rare.secrets && !rare.secrets->empty();
  return !own_proxy && !lax && !shows && rare.http_method == base::Method();
}

base::Result<std::uint32_t> judge_security_flags(std::uint32_t flags) {
  constexpr std::uint32_t known = security::tls | security::redirect_policy | security::redirect_downgrade;
  const std::uint32_t policy = flags & security::redirect_policy;
  if ((flags & ~known) != 0)
    return Error(Code::E_NOTIMPL, "unknown bits in the security flags");
  if (policy != 0 && policy != security::redirect_report && policy != security::redirect_disallow)
    return Error(Code::E_NOTIMPL, "unknown redirect policy in the security flags");
  return flags;
}

base::Result<base::Method> judge_method(std::string_view method) {
  if (method.empty() || method.size() > method_max || !std::ranges::all_of(method, is_token_character))
    return Error(Code::E_INVALIDARG, in_quotes(method) + " is no method of HTTP");
  // It asks for a tunnel, and what comes of it is no file.
  if (method == "CONNECT") return Error(Code::E_INVALIDARG, "CONNECT fetches no file");
  return base::Method(method);
}

}  // namespace backhaul::core
