// SPDX-License-Identifier: Apache-2.0
#include "adapters/neighbours/trust.h"

#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

namespace backhaul::neighbours {
namespace {

using base::Code;
using base::Error;
using base::Result;

Error denied(std::string why) { return {Code::E_ACCESSDENIED, std::move(why)}; }

// What neighbours show is used by both sides: a certificate for web servers or for people is none of a machine.
bool is_for_both_sides(X509* certificate) {
  constexpr std::uint32_t both = XKU_SSL_SERVER | XKU_SSL_CLIENT;
  return (X509_get_extension_flags(certificate) & EXFLAG_XKUSAGE) != 0 &&
         (X509_get_extended_key_usage(certificate) & both) == both;
}

struct FreesStack {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_pop_free(stack, X509_free); }
};

}  // namespace

bool Trust::Version::operator==(const Version& other) const {
  return changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec && inode == other.inode &&
         size == other.size;
}

Trust::Version Trust::version_of(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) return {};
  return {info.st_mtim, info.st_ino, static_cast<std::uint64_t>(info.st_size)};
}

Result<Trust> Trust::of(const core::NeighbourRules& rules, Membership membership) {
  Trust trust;
  if (rules.trust.value == core::NeighbourTrust::ca) {
    if (rules.authority.value.empty())
      return Error(Code::E_INVALIDARG, "Trust is ca, and Authority names no file with its certificates");
    trust.authority_ = rules.authority.value;
    trust.revoked_ = trust.authority_ + ".crl";
    BH_CHECK(trust.read_again());
    return trust;
  }
  if (rules.trust.value == core::NeighbourTrust::group) {
    if (membership.group == nullptr || membership.pins == nullptr)
      return Error(Code::E_INVALIDARG, "Trust is group, and there is no secret of one");
    trust.membership_ = membership;
  }
  for (const core::Neighbour& one : rules.fixed.value) trust.keys_.push_back(one.key);
  std::ranges::sort(trust.keys_);
  return trust;
}

Result<void> Trust::read_again() {
  const Version authority = version_of(authority_);
  const Version revoked = version_of(revoked_);
  // A list that is there and cannot be looked at is not the same as none.
  struct stat link {};
  const bool there = lstat(revoked_.c_str(), &link) == 0;
  if ((there || errno != ENOENT) && revoked.inode == 0) {
    store_.reset();
    return Error(Code::E_ACCESSDENIED, revoked_ + " cannot be read");
  }
  if (store_ && authority == authority_version_ && revoked == revoked_version_) return {};
  store_.reset();
  Openssl<X509_STORE> store(X509_STORE_new());
  if (X509_STORE_load_file(store.get(), authority_.c_str()) != 1)
    return Error(Code::E_INVALIDARG, authority_ + " holds no certificate of an authority");
  // The site's authority may itself be certified by somebody who is not meant.
  unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
  if (revoked.inode != 0) {
    X509_LOOKUP* lookup = X509_STORE_add_lookup(store.get(), X509_LOOKUP_file());
    if (lookup == nullptr || X509_load_crl_file(lookup, revoked_.c_str(), X509_FILETYPE_PEM) <= 0)
      return Error(Code::E_INVALIDARG, revoked_ + " holds no list of revoked certificates");
    flags |= X509_V_FLAG_CRL_CHECK;
  }
  X509_STORE_set_flags(store.get(), flags);
  store_ = std::move(store);
  authority_version_ = authority;
  revoked_version_ = revoked;
  return {};
}

Result<std::string> Trust::judge(const std::vector<std::string>& chain) {
  const Openssl<X509> own = chain.empty() ? nullptr : certificate_of_der(chain.front());
  if (!own) return denied("it shows no certificate");
  std::string key = key_of(*own);
  switch (in_force(*own)) {
    case InForce::yes: break;
    case InForce::not_yet: return denied("the certificate of " + key + " is not in force yet");
    case InForce::no_longer: return denied("the certificate of " + key + " has expired");
  }
  if (authority_.empty()) {
    // Who belongs to a group can only say so when the connection stands.
    if (membership() == nullptr && !knows(key)) return denied("the key " + key + " is not on the list");
    return key;
  }
  BH_CHECK(read_again());
  if (!is_for_both_sides(own.get())) return denied("the certificate of " + key + " is not for both sides of a connection");
  BH_CHECK(judge_issued(own.get(), chain));
  return key;
}

bool Trust::knows(const std::string& key) const {
  if (!authority_.empty() || std::ranges::binary_search(keys_, key)) return true;
  return membership_.pins != nullptr && membership_.pins->knows(key);
}

Result<void> Trust::judge_issued(X509* own, const std::vector<std::string>& chain) const {
  const std::unique_ptr<STACK_OF(X509), FreesStack> others(sk_X509_new_null());
  for (std::size_t i = 1; i < chain.size(); ++i)
    if (Openssl<X509> one = certificate_of_der(chain[i])) sk_X509_push(others.get(), one.release());
  const Openssl<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), store_.get(), own, others.get()) != 1) return denied("OpenSSL cannot look at it");
  X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_CLIENT);
  if (X509_verify_cert(context.get()) == 1) return {};
  return denied(std::string("its certificate does not hold: ") +
                X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
}

}  // namespace backhaul::neighbours
