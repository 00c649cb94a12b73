// SPDX-License-Identifier: Apache-2.0
#include "swarm/fetch.h"

#include <curl/curl.h>

#include <memory>
#include <string>
#include <utility>

namespace backhaul::swarmd {
namespace {

struct Body {
  std::string octets;
  std::size_t most = 0;
};

// Fewer octets than it was given is an error for libcurl, and ends the transfer.
std::size_t take_octets(char* octets, std::size_t size, std::size_t count, void* body) {
  auto& own = *static_cast<Body*>(body);
  if (size * count > own.most - own.octets.size()) return 0;
  own.octets.append(octets, size * count);
  return size * count;
}

struct EndsHandle {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};

}  // namespace

base::Result<std::string> fetch(const std::string& url, const FetchLimits& limits) {
  static const CURLcode ready = curl_global_init(CURL_GLOBAL_DEFAULT);  // once, whichever thread is first
  const std::unique_ptr<CURL, EndsHandle> handle(ready == CURLE_OK ? curl_easy_init() : nullptr);
  if (handle == nullptr) return {base::Code::E_OUTOFMEMORY, "libcurl cannot begin"};
  Body body{.octets = {}, .most = limits.size};
  CURL* curl = handle.get();
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);  // this address alone was held against the rules of the machine
  curl_easy_setopt(curl, CURLOPT_PROXY, "");  // unset, libcurl asks the environment
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(limits.time.count()));
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(limits.size));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, limits.user_agent.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &take_octets);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
  const CURLcode result = curl_easy_perform(curl);
  if (result == CURLE_FILESIZE_EXCEEDED || result == CURLE_WRITE_ERROR)
    return {base::Code::WINHTTP_INVALID_SERVER_RESPONSE, "the torrent is too large"};
  if (result == CURLE_OPERATION_TIMEDOUT)
    return {base::Code::WINHTTP_TIMEOUT, "the server of the torrent did not answer in time"};
  if (result != CURLE_OK)
    return {base::Code::WINHTTP_CANNOT_CONNECT,
            std::string("the torrent cannot be fetched: ") + curl_easy_strerror(result)};
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  if (status >= 300)
    return {base::Code::WINHTTP_CANNOT_CONNECT,
            "the torrent is somewhere else (HTTP " + std::to_string(status) + "), and redirects of it are not followed"};
  return std::move(body.octets);
}

}  // namespace backhaul::swarmd
