// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/redirect.h"

#include <curl/curl.h>

#include <memory>

namespace backhaul::curl {
namespace {

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

Url parse(const std::string& text) {
  Url url(curl_url(), &curl_url_cleanup);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    url.reset();
  }
  return url;
}

std::string part(const Url& url, CURLUPart what) {
  char* text = nullptr;
  if (curl_url_get(url.get(), what, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) return {};
  std::string result(text);
  curl_free(text);
  return result;
}

bool set(const Url& url, CURLUPart what, const char* value) {
  return curl_url_set(url.get(), what, value, 0) == CURLUE_OK;
}

std::string origin(const Url& url) {
  return part(url, CURLUPART_SCHEME) + "://" + part(url, CURLUPART_HOST) + ':' +
         part(url, CURLUPART_PORT);
}

base::Error refused(std::string text) {
  return {base::Code::WINHTTP_REDIRECT_FAILED, base::ErrorContext::remote_file, std::move(text)};
}

bool carry_credentials(const Url& from, const Url& to) {
  const std::string user = part(from, CURLUPART_USER);
  const std::string password = part(from, CURLUPART_PASSWORD);
  return (user.empty() || set(to, CURLUPART_USER, user.c_str())) &&
         (password.empty() || set(to, CURLUPART_PASSWORD, password.c_str()));
}

}  // namespace

base::Result<std::string> follow(const std::string& from, const std::string& location) {
  const Url base = parse(from);
  const Url next = parse(from);
  // Setting a URL on a handle that has one resolves it; servers write blanks and raw letters.
  constexpr unsigned lenient = CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME;
  if (!base || !next ||
      curl_url_set(next.get(), CURLUPART_URL, location.c_str(), lenient) != CURLUE_OK) {
    return refused("the server redirects to something that is no address");
  }
  const std::string scheme = part(next, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return refused("the server redirects to another protocol (" + scheme + ")");
  }
  if (origin(base) != origin(next)) {
    // Unsetting a part that is not there is fine.
    set(next, CURLUPART_USER, nullptr);
    set(next, CURLUPART_PASSWORD, nullptr);
  } else if (part(next, CURLUPART_USER).empty() && !carry_credentials(base, next)) {
    return refused("the server redirects to something that is no address");
  }
  char* text = nullptr;
  if (curl_url_get(next.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) {
    return refused("the server redirects to something that is no address");
  }
  std::string result(text);
  curl_free(text);
  return result;
}

}  // namespace backhaul::curl
