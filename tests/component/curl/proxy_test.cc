// SPDX-License-Identifier: Apache-2.0
// By which way a request goes: the job's word alone counts, never the environment of this process.
#include <sys/stat.h>

#include <cstdlib>
#include <memory>

#include "core/request_rules.h"
#include "tests/component/curl/fixture.h"
#include "tests/support/http_proxy.h"
#include "tests/support/nginx.h"

namespace backhaul::test {
namespace {

using base::Code;
using core::ProxyUsage;

class Proxies : public CurlTest {
 protected:
  Proxies() {
    server.on("/f", {.size = 100, .seed = 1});
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy"}) setenv(name, "http://127.0.0.1:1", 1);
  }
  ~Proxies() override {
    for (const char* name : {"http_proxy", "https_proxy", "all_proxy"}) unsetenv(name);
  }
  const Download& get_by(const std::string& url, core::ProxySettings settings,
                         core::ProxyEnvironment environment = {}) {
    ports::TransferRequest request{.source = {.address = url}};
    request.options.proxy = std::move(settings);
    request.options.environment = std::move(environment);
    return finish(start(std::move(request)));
  }
  static core::ProxySettings listed(const std::string& list, const std::string& bypass = {}) {
    return {.usage = ProxyUsage::listed, .list = list, .bypass = bypass};
  }
  // A program in place of the one that asks libproxy.
  std::string script(const std::string& lines) {
    const std::string path = dir / ("finder" + std::to_string(++scripts_));
    write_file(path, "#!/bin/sh\n" + lines + "\n");
    chmod(path.c_str(), 0755);
    return path;
  }

  TempDir dir;
  HttpProxy proxy;

 private:
  int scripts_ = 0;
};

TEST_F(Proxies, TheEnvironmentOfTheServiceCountsForNothing) {
  EXPECT_EQ(get(server.url("/f")).code(), Code::S_OK);
  EXPECT_EQ(get_by(server.url("/f"), {.usage = ProxyUsage::none}).code(), Code::S_OK);
  EXPECT_TRUE(proxy.requests().empty());
}

TEST_F(Proxies, ThatOfTheMakerDoes) {
  const core::ProxyEnvironment environment{.http = proxy.address(), .https = {}, .all = {}, .bypass = {}};
  EXPECT_EQ(get_by(server.url("/f"), {}, environment).code(), Code::S_OK);
  EXPECT_EQ(proxy.requests(), std::vector<std::string>{"GET " + server.url("/f") + " HTTP/1.1"});
  core::ProxyEnvironment passing = environment;
  passing.bypass = "example.org,127.0.0.1";
  EXPECT_EQ(get_by(server.url("/f"), {}, passing).code(), Code::S_OK);
  EXPECT_EQ(get_by(server.url("/f"), {.usage = ProxyUsage::none}, environment).code(), Code::S_OK);
  EXPECT_EQ(proxy.requests().size(), 1U);
}

TEST_F(Proxies, WhatComesFromFarIsCountedForItsOwnerAndWhatIsNearIsNot) {
  const core::Owner ana{.uid = 1000};
  const core::Owner app{.uid = 1000, .application = "org.example.App"};
  const auto fetch = [&](const std::string& url, const core::Owner& owner) -> Download& {
    ports::TransferRequest request{.source = {.address = url}, .owner = owner};
    request.options.proxy = listed(server.url("").substr(7));
    return start(std::move(request));
  };
  const std::string far = "http://far.example.org/f";
  server.on(far, {.size = 300'000, .seed = 1});
  // A sink that is full is offered the same once more.
  Download& f = fetch(far, ana);
  f.sink.capacity = 10'000;
  while (!f.end) {
    ASSERT_TRUE(until([&] { return f.end || f.sink.room; }));
    f.sink.make_room(70'000);
  }
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  finish(fetch(far + "/none", app));
  EXPECT_EQ(get(server.url("/f")).code(), Code::S_OK);
  sort_events();
  EXPECT_EQ(charged.size(), 2U);
  EXPECT_GT(charged[ana], 300'000U);
  EXPECT_LT(charged[ana], 301'000U) << "the head, and nothing twice";
  EXPECT_GT(charged[app], 20U) << "what was thrown away came as well";
}

TEST_F(Proxies, HttpsGoesThroughATunnel) {
  if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
  TestCa ca;
  open({.ca_file = ca.ca_file()});
  Nginx nginx({.tls = ca.issue()});
  nginx.put("/f", "hello");
  const Download& f = get_by(nginx.url("/f"), listed("http=127.0.0.1:1 https=" + proxy.address()));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, "hello");
  EXPECT_EQ(f.heads.at(0).headers.find("X-Proxy"), std::string::npos) << "the proxy's answer is not the file's";
  EXPECT_EQ(proxy.requests(),
            std::vector<std::string>{"CONNECT 127.0.0.1:" + std::to_string(nginx.port()) + " HTTP/1.1"});
}

TEST_F(Proxies, TheyAreTriedInOrderAndBypassed) {
  const Download& f = get_by(server.url("/f"), listed("127.0.0.1:1 " + proxy.address()));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(proxy.requests().size(), 1U);
  EXPECT_EQ(get_by(server.url("/f"), listed("127.0.0.1:1", "127.0.0.1")).code(), Code::S_OK);
  const Download& none = get_by(server.url("/f"), listed("127.0.0.1:1"));
  EXPECT_EQ(none.code(), Code::WINHTTP_CANNOT_CONNECT);
  EXPECT_NE(none.text().find("by the proxy http://127.0.0.1:1"), std::string::npos) << none.text();
}

TEST_F(Proxies, ARedirectIsLookedUpByItself) {
  server.on("/moved", {.status = 302, .location = "http://localhost:" + std::to_string(server.port()) + "/f"});
  EXPECT_EQ(get_by(server.url("/moved"), listed(proxy.address(), "127.0.0.1")).code(), Code::S_OK);
  ASSERT_EQ(proxy.requests().size(), 1U);
  EXPECT_TRUE(proxy.requests()[0].starts_with("GET http://localhost:"));
}

TEST_F(Proxies, APasswordIsSentAndNeverTold) {
  HttpProxy strict("user:secret");
  EXPECT_EQ(get_by(server.url("/f"), listed("http://user:secret@" + strict.address())).code(), Code::S_OK);
  for (const std::string& url : {server.url("/f"), std::string("https://127.0.0.1:1/f")}) {
    const Download& denied = get_by(url, listed("user:wrong@" + strict.address()));
    EXPECT_EQ(denied.code(), base::http_code(407)) << denied.text();
    EXPECT_EQ(denied.text().find("wrong"), std::string::npos) << denied.text();
  }
  const Download& nobody = get_by(server.url("/f"), listed("user:secret@host.invalid:1"));
  EXPECT_EQ(nobody.code(), Code::WINHTTP_NAME_NOT_RESOLVED);
  EXPECT_EQ(nobody.text().find("secret"), std::string::npos) << nobody.text();
  const Download& bad = get_by(server.url("/f"), listed("ldap://user:secret@host"));
  EXPECT_EQ(bad.code(), Code::BG_E_INVALID_PROXY_INFO);
  EXPECT_EQ(bad.text().find("secret"), std::string::npos) << bad.text();
}

// --- the desktop and the network -----------------------------------------------------------------

TEST_F(Proxies, WhatIsDetectedIsUsedAndHolds) {
  const std::string asked = dir / "asked";
  open({.find_proxy = {script("echo \"$1 $2\" >> " + asked + "; echo http://" + proxy.address() + "; echo direct://")}});
  for (int i = 0; i < 2; ++i) {
    const Download& f = get_by(server.url("/f"), {.usage = ProxyUsage::detected});
    EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  }
  EXPECT_EQ(proxy.requests().size(), 2U);
  EXPECT_EQ(read_file(asked), "network http://127.0.0.1:" + std::to_string(server.port()) + "/\n")
      << "of an address it hears the server alone, and once";
}

TEST_F(Proxies, ADetectionThatFailsIsToldAndHurtsNobody) {
  const auto detected = [this](const std::string& lines) -> const Download& {
    open({.find_proxy = {script(lines)}});
    return get_by(server.url("/f"), {.usage = ProxyUsage::detected});
  };
  for (const char* lines : {"exit 3", "exit 4", "exit 5", "exit 1", "kill -SEGV $$"}) {
    const Download& f = detected(lines);
    EXPECT_EQ(f.code(), Code::BG_E_INVALID_PROXY_INFO) << lines;
    EXPECT_TRUE(f.text().starts_with("the proxy cannot be detected: ")) << f.text();
  }
  EXPECT_EQ(detected("echo direct://").code(), Code::S_OK);
  EXPECT_EQ(get_by(server.url("/f"), {}).code(), Code::S_OK) << "a desktop that is not there has none";
}

// The list is of servers that files come from. A proxy is the way there, whoever names it; the script that names one
// is a file of the server wpad.
TEST_F(Proxies, AreNoneOfTheServersThatAreAllowedButTheirScriptComesFromOne) {
  const std::string asked = dir / "asked";
  open({.find_proxy = {script("echo asked >> " + asked + "; echo http://" + proxy.address())}});
  const std::string origin = "127.0.0.1:" + std::to_string(server.port());
  const auto get_ruled = [&](const std::string& allowed, core::ProxySettings settings) -> const Download& {
    core::RequestRules rules;
    rules.origins.rules[0] = {*core::parse_origins(allowed), "/etc/x.conf:2"};
    ports::TransferRequest request{.source = {.address = server.url("/f")}};
    request.options.proxy = std::move(settings);
    request.options.rules = std::make_shared<const core::RequestRules>(std::move(rules));
    return finish(start(std::move(request)));
  };
  EXPECT_EQ(get_ruled(origin, listed(proxy.address())).code(), Code::S_OK);
  EXPECT_EQ(proxy.requests().size(), 1U);
  const Download& refused = get_ruled(origin, {.usage = ProxyUsage::detected});
  EXPECT_EQ(refused.code(), Code::BG_E_INVALID_PROXY_INFO);
  EXPECT_NE(refused.text().find("(AllowedOrigins, /etc/x.conf:2)"), std::string::npos) << refused.text();
  EXPECT_EQ(read_file(asked), "") << "nobody fetched a script";
  EXPECT_EQ(get_ruled(origin + " wpad", {.usage = ProxyUsage::detected}).code(), Code::S_OK);
  EXPECT_EQ(proxy.requests().size(), 2U) << "the proxy that the script named";
}

TEST_F(Proxies, ATransferThatIsStoppedMeanwhileHearsNothingOfIt) {
  open({.find_proxy = {script("exec sleep 60")}});
  ports::TransferRequest request{.source = {.address = server.url("/f")}};
  request.options.proxy.usage = ProxyUsage::detected;
  const Download& f = start(std::move(request));
  transport->stop(f.id);
  EXPECT_EQ(get_by(server.url("/f"), {.usage = ProxyUsage::none}).code(), Code::S_OK);
  EXPECT_FALSE(f.end);
}

}  // namespace
}  // namespace backhaul::test
