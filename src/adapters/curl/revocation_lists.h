// SPDX-License-Identifier: Apache-2.0
// Lists of revoked certificates (CRLs, RFC 5280 §5), fetched from where certificates say they are and kept
// for a while. Whether one is right and current OpenSSL decides, with each certificate that is held against
// it: what is here is nobody's word.
#pragma once

#include <curl/curl.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/curl/multi.h"
#include "adapters/curl/settings.h"
#include "loop/loop.h"

struct x509_store_st;
struct X509_crl_st;

namespace backhaul::curl {

struct Via {  // a way to a server
  std::string proxy;   // empty: none
  std::string bypass;  // as CURLOPT_NOPROXY reads it

  bool operator==(const Via&) const = default;
};

class RevocationLists {
 public:
  struct Free {
    void operator()(X509_crl_st* list) const;
  };
  using List = std::unique_ptr<X509_crl_st, Free>;
  // True: there is a list, of whatever kind.
  using Done = std::move_only_function<void(bool)>;

  RevocationLists(loop::Loop& loop, CurlSettings settings);
  ~RevocationLists();
  RevocationLists(const RevocationLists&) = delete;
  RevocationLists& operator=(const RevocationLists&) = delete;

  // Several that want one list wait for one answer. `done` never runs within this call.
  void fetch(const std::string& url, const Via& via, Done done);
  void add_to(x509_store_st* store) const;

 private:
  struct Fetch;
  struct Kept;
  void ended(CURL* handle, CURLcode result);
  void keep(const std::string& url, const std::string& bytes);

  const CurlSettings settings_;
  Multi multi_;
  std::map<std::string, std::unique_ptr<Fetch>> fetches_;
  std::vector<std::unique_ptr<Kept>> kept_;  // the newest last
};

}  // namespace backhaul::curl
