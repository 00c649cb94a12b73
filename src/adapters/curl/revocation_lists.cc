// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/revocation_lists.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <utility>

#include "adapters/curl/option.h"
#include "base/result.h"

namespace backhaul::curl {
namespace {

// Of authorities with many certificates they have a few hundred KiB; a parsed one has several times that.
constexpr std::size_t list_bytes_max = 4U * 1024U * 1024U;
constexpr std::size_t lists_max = 8;
constexpr long fetch_seconds_max = 60;

// DER, as RFC 5280 §4.2.1.13 has it, or what some servers give instead.
RevocationLists::List parse_revocation_list(const std::string& bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  RevocationLists::List list(d2i_X509_CRL(nullptr, &data, static_cast<long>(bytes.size())));
  if (list) return list;
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())), &BIO_free);
  return RevocationLists::List(text ? PEM_read_bio_X509_CRL(text.get(), nullptr, nullptr, nullptr) : nullptr);
}

}  // namespace

void RevocationLists::Free::operator()(X509_crl_st* list) const { X509_CRL_free(list); }

struct RevocationLists::Fetch {
  explicit Fetch(std::string address) : url(std::move(address)), handle(curl_easy_init()) {
    BH_ASSERT(handle != nullptr);
  }
  ~Fetch() { curl_easy_cleanup(handle); }
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) noexcept {
    std::string& bytes = static_cast<Fetch*>(self)->bytes;
    if (size > list_bytes_max - bytes.size()) return 0;
    bytes.append(data, size);
    return size;
  }

  const std::string url;
  CURL* const handle;
  std::string bytes;
  std::vector<Done> waiting;
};

struct RevocationLists::Kept {
  std::string url;
  List list;
};

RevocationLists::RevocationLists(loop::Loop& loop, CurlSettings settings)
    : settings_(std::move(settings)),
      multi_(loop, [this](CURL* handle, CURLcode result) { ended(handle, result); },
             [](CURL*, curl_socket_t) {}, [](curl_socket_t) {}, [](CURL*) { return false; }) {}

RevocationLists::~RevocationLists() {
  for (const auto& [url, fetch] : fetches_) multi_.remove(fetch->handle);
}

void RevocationLists::fetch(const std::string& url, const Via& via, Done done) {
  auto& fetch = fetches_[url];
  const bool under_way = fetch != nullptr;
  if (!under_way) fetch = std::make_unique<Fetch>(url);
  fetch->waiting.push_back(std::move(done));
  if (under_way) return;
  CURL* handle = fetch->handle;
  set(handle, CURLOPT_PRIVATE, fetch.get());
  set(handle, CURLOPT_URL, url.c_str());
  set(handle, CURLOPT_PROTOCOLS_STR, "http");
  set(handle, CURLOPT_PROXY, via.proxy.c_str());
  set(handle, CURLOPT_NOPROXY, via.bypass.c_str());
  set(handle, CURLOPT_WRITEFUNCTION, &Fetch::on_body);
  set(handle, CURLOPT_WRITEDATA, fetch.get());
  set(handle, CURLOPT_FAILONERROR, 1L);
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_QUICK_EXIT, 1L);
  set(handle, CURLOPT_TIMEOUT, fetch_seconds_max);
  set(handle, CURLOPT_USERAGENT, own_user_agent(settings_).c_str());
  multi_.add(handle);
}

void RevocationLists::ended(CURL* handle, CURLcode result) {
  Fetch* ended = nullptr;
  BH_ASSERT(curl_easy_getinfo(handle, CURLINFO_PRIVATE, &ended) == CURLE_OK && ended != nullptr);
  const auto node = fetches_.extract(ended->url);
  if (result == CURLE_OK) keep(ended->url, ended->bytes);
  const bool here = std::ranges::any_of(kept_, [&](const auto& kept) { return kept->url == ended->url; });
  for (Done& done : ended->waiting) done(result == CURLE_OK && here);
}

void RevocationLists::keep(const std::string& url, const std::string& bytes) {
  List list = parse_revocation_list(bytes);
  std::erase_if(kept_, [&](const auto& kept) { return kept->url == url; });
  if (!list) return;
  if (kept_.size() >= lists_max) kept_.erase(kept_.begin());
  kept_.push_back(std::make_unique<Kept>(Kept{url, std::move(list)}));
}

void RevocationLists::add_to(X509_STORE* store) const {
  for (const auto& kept : kept_) X509_STORE_add_crl(store, kept->list.get());
}

}  // namespace backhaul::curl
