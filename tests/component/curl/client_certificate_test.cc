// SPDX-License-Identifier: Apache-2.0
// Client certificates against a real server that asks for them (jobs.md §17): it sees the one of the job over
// https at the file's own address, and nobody else does.

#include "adapters/curl/client_certificate.h"
#include "tests/component/curl/secrets.h"
#include "tests/support/nginx.h"
#include "tests/support/process.h"

namespace backhaul::test {
namespace {

using base::Code;

class ClientCertificates : public CurlTest {
 protected:
  void SetUp() override {
    if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
    open({.ca_file = ca.ca_file()});
  }

  std::unique_ptr<Nginx> serve(const std::string& verify, const std::string& extra = {}) {
    auto nginx = std::make_unique<Nginx>(NginxOptions{
        .tls = ca.issue(),
        .extra = "ssl_client_certificate " + ca.ca_file() + ";\nssl_verify_client " + verify +
                 ";\nadd_header X-Seen \"$ssl_client_s_dn|\" always;\n" + extra});
    nginx->put("/f", "hello");
    return nginx;
  }

  ports::TransferRequest request_by(const std::string& url, const core::ClientCertificate* certificate,
                                    const std::string& pass_phrase = {}) {
    ports::TransferRequest request = request_with(sealer, url, {});
    if (certificate == nullptr) return request;
    core::SecretsOfJob& secrets = *request.secrets;
    const core::SecretSlot slot = core::SecretSlot::certificate;
    secrets.set.put_certificate(*certificate, {slot, pass_phrase.empty(), {}});
    if (!pass_phrase.empty())
      secrets.sealed[slot] = sealer.seal({secrets.job, slot}, base::Secret(pass_phrase)).value();
    return request;
  }
  const Download& get_by(const std::string& url, const core::ClientCertificate* certificate,
                         const std::string& pass_phrase = {}) {
    return finish(start(request_by(url, certificate, pass_phrase)));
  }
  // Whom the server saw last; "": nobody.
  static std::string seen(const Download& download) {
    const std::string& head = download.end->headers;
    const std::size_t at = head.find("X-Seen: ");
    if (at == std::string::npos) return "?";
    return head.substr(at + 8, head.find('|', at) - at - 8);
  }
  static core::ClientCertificate of(const Certificate& made) {
    return {.certificate = made.chain_file, .key = made.key_file};
  }
  void run(const std::vector<std::string>& words) { ASSERT_EQ(run_program(words, folder / "log"), 0); }

  TestCa ca;
  TempDir folder;
};

TEST_F(ClientCertificates, IsShownToTheServerThatAsks) {
  const auto nginx = serve("on");
  const core::ClientCertificate me = of(ca.issue({.usage = "clientAuth"}));
  const Download& mine = get_by(nginx->url("/f"), &me);
  EXPECT_EQ(mine.code(), Code::S_OK) << mine.text();
  EXPECT_EQ(mine.sink.data, "hello");
  EXPECT_EQ(seen(mine), "CN=server2");
  // Neither the connection nor the session is taken up by a job without it, or with another one.
  EXPECT_EQ(get_by(nginx->url("/f"), nullptr).code(), base::http_code(400));
  const core::ClientCertificate other = of(ca.issue({.usage = "clientAuth"}));
  EXPECT_EQ(seen(get_by(nginx->url("/f"), &other)), "CN=server3");
  EXPECT_EQ(seen(get_by(nginx->url("/f"), &me)), "CN=server2");
}

TEST_F(ClientCertificates, IsReadAnewForEachTransfer) {
  const auto nginx = serve("on");
  const Certificate old = ca.issue({.usage = "clientAuth"});
  const Certificate renewed = ca.issue({.usage = "clientAuth"});
  const core::ClientCertificate me = of(old);
  EXPECT_EQ(seen(get_by(nginx->url("/f"), &me)), "CN=server2");
  for (const auto& [from, to] : {std::pair(renewed.chain_file, old.chain_file), {renewed.key_file, old.key_file}})
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(seen(get_by(nginx->url("/f"), &me)), "CN=server3");
}

// This process finds no file by those names, so whoever opened one here would find nothing.
TEST_F(ClientCertificates, IsReadByWhoeverActsForTheOwnerAlone) {
  const auto nginx = serve("on");
  const Certificate made = ca.issue({.usage = "clientAuth"});
  owners_files.contents = {{folder / "hers.pem", read_file(made.chain_file)}, {folder / "hers.key", read_file(made.key_file)}};
  const core::ClientCertificate hers{.certificate = folder / "hers.pem", .key = folder / "hers.key"};
  ports::TransferRequest request = request_by(nginx->url("/f"), &hers);
  request.owner = {70001, {}};
  EXPECT_EQ(seen(finish(start(std::move(request)))), "CN=server2");
  ASSERT_EQ(owners_files.asked.size(), 1U);
  EXPECT_EQ(owners_files.asked[0].uid, 70001U);
  // Where nobody acts for the owner it does not help that this process could read them.
  ASSERT_TRUE(until([&] { return nginx->requests().size() == 1; }));
  owners_files.refusal = base::Error(Code::E_ACCESSDENIED, "nobody acts for that account");
  const core::ClientCertificate readable = of(made);
  const Download& refused = get_by(nginx->url("/f"), &readable);
  EXPECT_EQ(refused.code(), Code::E_ACCESSDENIED) << refused.text();
  EXPECT_EQ(nginx->requests().size(), 1U);
}

TEST_F(ClientCertificates, ComesInOneFileOrInPkcs12WithAPassPhrase) {
  const auto nginx = serve("on");
  const Certificate made = ca.issue({.usage = "clientAuth"});
  write_file(folder / "both.pem", read_file(made.key_file) + read_file(made.chain_file));
  const core::ClientCertificate both{.certificate = folder / "both.pem"};
  EXPECT_EQ(seen(get_by(nginx->url("/f"), &both)), "CN=server2");
  run({"openssl", "pkcs12", "-export", "-in", made.chain_file, "-inkey", made.key_file, "-out", folder / "me.p12",
       "-passout", "pass:hunter2"});
  const core::ClientCertificate bundle{.certificate = folder / "me.p12"};
  EXPECT_EQ(seen(get_by(nginx->url("/f"), &bundle, "hunter2")), "CN=server2");
  run({"openssl", "pkey", "-aes256", "-in", made.key_file, "-out", folder / "sealed.key", "-passout", "pass:hunter2"});
  const core::ClientCertificate sealed{.certificate = made.chain_file, .key = folder / "sealed.key"};
  EXPECT_EQ(seen(get_by(nginx->url("/f"), &sealed, "hunter2")), "CN=server2");
  for (const auto* one : {&bundle, &sealed}) {
    const Download& wrong = get_by(nginx->url("/f"), one, "hunter3");
    EXPECT_EQ(wrong.code(), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY) << wrong.text();
    EXPECT_EQ(wrong.text().find("hunter"), std::string::npos);
    EXPECT_EQ(get_by(nginx->url("/f"), one).code(), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
  }
}

TEST_F(ClientCertificates, WhatCannotBeUsedAsksNobody) {
  const auto nginx = serve("optional");
  const Certificate made = ca.issue({.usage = "clientAuth"});
  const core::ClientCertificate missing{.certificate = folder / "none.pem"};
  EXPECT_EQ(get_by(nginx->url("/f"), &missing).code(), Code::FILE_NOT_FOUND);
  write_file(folder / "empty.pem", "nothing\n");
  const core::ClientCertificate empty{.certificate = folder / "empty.pem", .key = made.key_file};
  EXPECT_EQ(get_by(nginx->url("/f"), &empty).code(), Code::CRYPT_E_NOT_FOUND);
  const core::ClientCertificate without{.certificate = made.chain_file};
  EXPECT_EQ(get_by(nginx->url("/f"), &without).code(), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
  const core::ClientCertificate others{.certificate = made.chain_file, .key = ca.issue().key_file};
  EXPECT_EQ(get_by(nginx->url("/f"), &others).code(), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
  const core::ClientCertificate folder_itself{.certificate = folder.path().string()};
  EXPECT_NE(get_by(nginx->url("/f"), &folder_itself).code(), Code::S_OK);
  EXPECT_TRUE(nginx->requests().empty());
}

TEST_F(ClientCertificates, ARedirectTakesNothingAlong) {
  const auto other = serve("optional");
  const auto home = serve("optional", "location /away { return 302 " + other->url("/f", "localhost") + "; }");
  const core::ClientCertificate me = of(ca.issue({.usage = "clientAuth"}));
  const Download& led = get_by(home->url("/away"), &me);
  EXPECT_EQ(led.code(), Code::S_OK) << led.text();
  EXPECT_EQ(seen(led), "") << "the other server sees nobody";
  EXPECT_EQ(seen(get_by(home->url("/f"), &me)), "CN=server3");
  // A mirror is another server, too.
  ports::TransferRequest mirror = request_by(other->url("/f"), &me);
  mirror.source.home = home->url("/f");
  EXPECT_EQ(seen(finish(start(std::move(mirror)))), "");
}

TEST_F(ClientCertificates, StoppingWhileItIsReadAsksNobody) {
  const auto nginx = serve("optional");
  const core::ClientCertificate me = of(ca.issue({.usage = "clientAuth"}));
  Download& stopped = start(request_by(nginx->url("/f"), &me));
  transport->stop(stopped.id);
  stopped.sink.closed = true;
  EXPECT_EQ(get_by(nginx->url("/f"), &me).code(), Code::S_OK);
  EXPECT_FALSE(stopped.end);
  EXPECT_TRUE(until([&] { return nginx->requests().size() == 1; })) << nginx->requests().size();
}

// A key that never leaves its token.
class TokenCertificates : public ClientCertificates {
 protected:
  static constexpr const char* modules[] = {"/usr/lib/softhsm/libsofthsm2.so",
                                            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                                            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so"};
  void SetUp() override {
    ClientCertificates::SetUp();
    if (IsSkipped()) return;
    for (const char* module : modules)
      if (std::filesystem::exists(module)) module_ = module;
    const bool engine = run_program({"openssl", "engine", "-t", "pkcs11"}, folder / "engine") == 0 &&
                        read_file(folder / "engine").find("[ available ]") != std::string::npos;
    if (module_.empty() || !engine)
      GTEST_SKIP() << "SKIPPED: softhsm2 or libengine-pkcs11-openssl is not installed";
    std::filesystem::create_directory(folder / "tokens");
    write_file(folder / "softhsm.conf", "directories.tokendir = " + (folder / "tokens") + "\n");
    setenv("SOFTHSM2_CONF", (folder / "softhsm.conf").c_str(), 1);
    setenv("PKCS11_MODULE_PATH", module_.c_str(), 1);
  }
  void keep_in_token(const Certificate& made) {
    run({"softhsm2-util", "--init-token", "--free", "--label", "mine", "--pin", "1234", "--so-pin", "5678"});
    run({"openssl", "pkcs8", "-topk8", "-nocrypt", "-in", made.key_file, "-out", folder / "key.p8"});
    run({"softhsm2-util", "--import", folder / "key.p8", "--token", "mine", "--label", "me", "--id", "01", "--pin",
         "1234"});
    run({"openssl", "x509", "-in", made.chain_file, "-outform", "DER", "-out", folder / "me.der"});
    run({"pkcs11-tool", "--module", module_, "--token-label", "mine", "--login", "--pin", "1234", "--write-object",
         folder / "me.der", "--type", "cert", "--label", "me", "--id", "01"});
  }
  std::string module_;
};

TEST_F(TokenCertificates, TheKeySignsWhereItLies) {
  if (!have_program("pkcs11-tool") || !have_program("softhsm2-util"))
    GTEST_SKIP() << "SKIPPED: pkcs11-tool (opensc) or softhsm2-util is not installed";
  const auto nginx = serve("on");
  keep_in_token(ca.issue({.usage = "clientAuth"}));
  const core::ClientCertificate me{.certificate = "pkcs11:token=mine;object=me;type=cert"};
  const Download& wrong = get_by(nginx->url("/f"), &me, "4321");
  EXPECT_EQ(wrong.code(), Code::WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY) << wrong.text();
  const Download& mine = get_by(nginx->url("/f"), &me, "1234");
  EXPECT_EQ(mine.code(), Code::S_OK) << mine.text();
  EXPECT_EQ(seen(mine), "CN=server2");
  EXPECT_EQ(get_by(nginx->url("/f"), nullptr).code(), base::http_code(400));
}

}  // namespace
}  // namespace backhaul::test
