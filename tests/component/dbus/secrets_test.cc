// SPDX-License-Identifier: Apache-2.0
// Credentials and headers as they come over the bus.
#include "tests/component/dbus/served.h"

namespace backhaul::test {
namespace {

using base::Code;
using base::Secret;

class SecretCalls : public Served {
 protected:
  Code set(std::uint32_t target, std::uint32_t scheme, const bus::CredentialsValue& value) {
    const auto answer = ask<>(job(known_, "SetCredentials"), target, scheme, value);
    return answer ? Code::S_OK : answer.error().code();
  }
  // What the queue was asked to set.
  core::Credentials taken(std::uint32_t target, std::uint32_t scheme, const bus::CredentialsValue& value) {
    const auto call = begin<>(job(known_, "SetCredentials"), target, scheme, value);
    EXPECT_TRUE(until([&] { return !queue_.open.empty() || call->answer; }));
    if (queue_.open.empty()) return {};
    core::Credentials credentials =
        queue_.last<ports::command::SetSecrets>()->secrets.credentials.at(0);
    queue_.answer(ports::ReplyValue{});
    return credentials;
  }

  const core::Job& known_ = queue_.add_job("n");
};

TEST_F(SecretCalls, ACommandHasTheNameAndThePassword) {
  bus::CredentialsValue value;
  value.user = Secret("user");
  value.password = Secret("hunter2");
  core::Credentials credentials = taken(2, 1, value);
  EXPECT_EQ(credentials.target, core::AuthTarget::proxy);
  EXPECT_EQ(credentials.scheme, core::AuthScheme::basic);
  EXPECT_EQ(credentials.user->reveal(), "user");
  EXPECT_EQ(credentials.password->reveal(), "hunter2");
  EXPECT_TRUE(taken(1, 4, {}).implicit());
}

TEST_F(SecretCalls, NumbersThatAreNoneAreRefused) {
  EXPECT_EQ(set(0, 1, {}), Code::BG_E_INVALID_AUTH_TARGET);
  EXPECT_EQ(set(3, 1, {}), Code::BG_E_INVALID_AUTH_TARGET);
  EXPECT_EQ(set(1, 0, {}), Code::BG_E_INVALID_AUTH_SCHEME);
  EXPECT_EQ(set(1, 6, {}), Code::BG_E_INVALID_AUTH_SCHEME);
  EXPECT_EQ(ask<std::uint32_t>(job(known_, "RemoveCredentials"), 1U, 9U).error().code(),
            Code::BG_E_INVALID_AUTH_SCHEME);
  EXPECT_TRUE(queue_.open.empty());
}

TEST_F(SecretCalls, ACertificateIsAFileOrOneOfAStore) {
  const auto wanted = [&](const bus::NewCertificate& value) {
    const auto call = begin<>(job(known_, "SetClientCertificate"), value);
    EXPECT_TRUE(until([&] { return !queue_.open.empty() || call->answer; }));
    const core::CertificateWanted asked = *queue_.last<ports::command::SetSecrets>()->secrets.certificate;
    queue_.answer(ports::ReplyValue{});
    return asked;
  };
  bus::NewCertificate value;
  value.certificate = "/me.pem";
  value.key = "/me.key";
  value.pass_phrase = Secret("hunter2");
  EXPECT_EQ(wanted(value), (core::CertificateWanted{"/me.pem", "/me.key", Secret("hunter2"), {}}));
  bus::NewCertificate stored;
  stored.hash = std::string(40, 'A');
  EXPECT_EQ(wanted(stored).stored, (core::StoredCertificate{0, "MY", std::string(40, 'a'), ""}));
}

TEST_F(SecretCalls, HeadersAreReadAsTheQueueGivesThem) {
  EXPECT_EQ(std::get<0>(*ask<std::string>(job(known_, "GetCustomHeaders"))), "");
  queue_.headers = Secret("X: 1\r\n");
  EXPECT_EQ(std::get<0>(*ask<std::string>(job(known_, "GetCustomHeaders"))), "X: 1\r\n");
  const auto set = begin<>(job(known_, "SetCustomHeaders"), std::string("Y: 2"));
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  EXPECT_EQ(queue_.last<ports::command::SetSecrets>()->secrets.custom_headers->reveal(), "Y: 2");
}

TEST_F(SecretCalls, AJobMayBeMadeWithThem) {
  bus::NewJob wanted;
  wanted.custom_headers = Secret("X: 1");
  wanted.credentials.emplace();
  wanted.credentials->push_back({1, 1, Secret("user"), Secret("hunter2")});
  wanted.credentials->push_back({2, 4, {}, {}});
  const auto call = begin<bus::ObjectPath>(manager("Enqueue"), wanted, std::vector<bus::NewFile>{}, false);
  ASSERT_TRUE(until([&] { return !queue_.open.empty(); }));
  const ports::SecretsChange& change = queue_.last<ports::command::Enqueue>()->secrets;
  EXPECT_EQ(change.custom_headers->reveal(), "X: 1");
  ASSERT_EQ(change.credentials.size(), 2U);
  EXPECT_EQ(change.credentials[0].password->reveal(), "hunter2");
  EXPECT_TRUE(change.credentials[1].implicit());
}

TEST_F(SecretCalls, PropertiesTellWhoSetWhichAndNoMore) {
  core::SecretsSet set;
  set.put({core::slot_of(core::AuthTarget::proxy, core::AuthScheme::digest), false,
           {.uid = 7, .program = "/bin/p", .time = base::WallTime(base::Microseconds(9))}});
  set.put({core::SecretSlot::headers, false, {.uid = 8, .program = "", .time = base::WallTime(base::Microseconds(5))}});
  set.make_headers_write_only();
  queue_.job(known_.id)->rare.edit().secrets = set;
  const auto answer = ask<bus::JobProperties>(to(bus::job_path(known_.id), bus::properties_interface, "GetAll"),
                                              std::string(bus::job_interface));
  ASSERT_TRUE(answer);
  const bus::JobProperties& properties = std::get<0>(*answer);
  EXPECT_EQ(properties.credentials_set,
            (std::vector<bus::CredentialsSetTuple>{{2, 2, false, 7, "/bin/p", 9}}));
  EXPECT_EQ(properties.custom_headers_set_by, (bus::AuthorTuple{8, "", 5}));
  EXPECT_TRUE(properties.custom_headers_write_only);
}

}  // namespace
}  // namespace backhaul::test
