// SPDX-License-Identifier: Apache-2.0
// A libcurl that was built without NTLM, as newer ones are: what was meant for it leaves by no other scheme. Two of
// libcurl's functions are played here, for this program alone; the others are its own.
#include <curl/curl.h>
#include <dlfcn.h>

#include <cstdarg>

#include "adapters/curl/identity.h"
#include "tests/component/curl/secrets.h"

namespace {

template <class Function>
Function* of_libcurl(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" curl_version_info_data* curl_version_info(CURLversion version) {
  static curl_version_info_data told = *of_libcurl<curl_version_info_data*(CURLversion)>("curl_version_info")(version);
  told.features &= ~CURL_VERSION_NTLM;
  return &told;
}

// Asked for NTLM together with others it takes one of the others, without a word; NTLM alone it refuses.
// The option is a plain number here: behind an enumeration no list of arguments may begin.
extern "C" CURLcode set_without_ntlm(CURL* handle, unsigned number, ...) __asm__("curl_easy_setopt");
extern "C" CURLcode set_without_ntlm(CURL* handle, unsigned number, ...) {
  static auto* const real = of_libcurl<CURLcode(CURL*, CURLoption, ...)>("curl_easy_setopt");
  const auto option = static_cast<CURLoption>(number);
  va_list list;
  va_start(list, number);
  void* value = va_arg(list, void*);  // whatever it is, it is one word
  va_end(list);
  if (option == CURLOPT_HTTPAUTH || option == CURLOPT_PROXYAUTH) {
    const auto schemes = reinterpret_cast<unsigned long>(value) & ~static_cast<unsigned long>(CURLAUTH_NTLM);
    if (schemes == 0 && value != nullptr) return CURLE_NOT_BUILT_IN;
    value = reinterpret_cast<void*>(schemes);
  }
  return real(handle, option, value);
}

namespace backhaul::test {
namespace {

using base::Code;
using core::AuthScheme;
using core::AuthTarget;

constexpr const char* basic = "WWW-Authenticate: Basic realm=\"r\"\r\n";
constexpr const char* ntlm = "WWW-Authenticate: NTLM\r\n";

Behaviour challenge(const std::string& schemes, int status = 401) {
  return {.raw = "HTTP/1.1 " + std::to_string(status) + " no\r\n" + schemes + "Content-Length: 2\r\n" +
                 "Connection: close\r\n\r\nno"};
}

class WithoutNtlm : public CurlTest {
 protected:
  const Download& get_with(const core::Credentials& credentials) {
    return finish(start(request_with(sealer, server.url("/f"), {.credentials = {credentials}})));
  }
  // Whatever was shown, in either field.
  std::vector<std::string> shown() {
    std::vector<std::string> values;
    for (const SeenRequest& request : server.requests("/f"))
      for (const char* field : {"authorization", "proxy-authorization"})
        if (const std::string value = request.field(field); !value.empty()) values.push_back(value);
    return values;
  }
};

TEST_F(WithoutNtlm, ItIsNoneOfWhatThisLibcurlSpeaks) {
  EXPECT_FALSE(curl::able_schemes().has(AuthScheme::ntlm));
  EXPECT_TRUE(curl::able_schemes().has(AuthScheme::basic));
}

TEST_F(WithoutNtlm, APasswordLeavesByNoOtherSchemeInItsPlace) {
  for (const std::string& offered : {std::string(ntlm), std::string(ntlm) + basic, std::string(basic) + ntlm}) {
    server.in_turn("/f", {challenge(offered)});
    const Download& f = get_with(login(AuthScheme::ntlm, "user", "hunter2"));
    EXPECT_EQ(f.code(), base::http_code(401)) << f.text();
    EXPECT_TRUE(shown().empty()) << offered;
    server.forget_requests();
  }
}

TEST_F(WithoutNtlm, NorDoesThatOfAProxy) {
  server.in_turn("/f", {challenge("Proxy-Authenticate: NTLM\r\nProxy-Authenticate: Basic realm=\"r\"\r\n", 407)});
  const Download& f = get_with(login(AuthScheme::ntlm, "user", "hunter2", AuthTarget::proxy));
  EXPECT_EQ(f.code(), base::http_code(407)) << f.text();
  EXPECT_TRUE(shown().empty());
}

TEST_F(WithoutNtlm, WhatItSpeaksIsSpokenAsBefore) {
  server.in_turn("/f", {challenge(std::string(ntlm) + basic), {.size = 10}});
  const Download& f = get_with(login(AuthScheme::basic, "user", "hunter2"));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(shown(), std::vector<std::string>{"Basic dXNlcjpodW50ZXIy"});
}

}  // namespace
}  // namespace backhaul::test
