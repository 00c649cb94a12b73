// SPDX-License-Identifier: Apache-2.0
// Who asks, and in answer to what: the schemes that are offered, and a conversation with them.
#include "core/login.h"

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;
using enum AuthScheme;

constexpr Schemes all_able{basic, digest, ntlm, negotiate};

SecretsSet set_of(const std::vector<std::pair<AuthTarget, AuthScheme>>& explicit_ones,
                  const std::vector<std::pair<AuthTarget, AuthScheme>>& implicit_ones = {}) {
  SecretsSet set;
  for (const auto& [target, scheme] : explicit_ones) set.put({slot_of(target, scheme), false, {}});
  for (const auto& [target, scheme] : implicit_ones) set.put({slot_of(target, scheme), true, {}});
  return set;
}

Offers offers_of(const std::vector<std::string>& fields) {
  Offers offers;
  for (const std::string& field : fields) offers.add(field);
  return offers;
}

TEST(Challenge, NamesItsSchemes) {
  for (const auto& [field, schemes] : std::vector<std::pair<std::string, Schemes>>{
           {"Basic", {basic}},
           {"basic realm=\"x\"", {basic}},
           {"Digest realm=\"a, Basic b\", nonce=\"q\\\", Basic \", qop=\"auth\"", {digest}},
           {"Basic realm = \"x\" , Digest nonce=n,NTLM", {basic, digest, ntlm}},
           {"Negotiate YII==, Basic realm=x", {negotiate, basic}},
           {"NEGOTIATE", {negotiate}},
           {"Bearer realm=\"Basic\"", {}},
           {"realm=Basic", {}},
           {"Basicx, xBasic", {}},
           {"", {}},
           {",,, =/(\"", {}},
           {"Digest realm=\"open", {digest}}})
    EXPECT_EQ(offers_of({field}).schemes.text(), schemes.text()) << field;
}

TEST(Challenge, OffersDigestWithWhatIsSpokenAlone) {
  for (const std::string spoken : {"", ", algorithm=MD5", ", algorithm=md5-sess", ", algorithm=\"SHA-256\"",
                                   ", ALGORITHM = SHA-256-sess, qop=auth", ", userhash=true, stale=true"}) {
    const Offers offers = offers_of({"Digest nonce=n" + spoken});
    EXPECT_EQ(offers.schemes, Schemes{digest}) << spoken;
    EXPECT_FALSE(offers.strange_digest) << spoken;
  }
  for (const std::string strange : {"SHA-512-256", "SHA3", "\"\"", "MD5x", "Basic"}) {
    const Offers offers = offers_of({"Digest nonce=n, algorithm=" + strange + ", qop=auth", "Basic realm=r"});
    EXPECT_EQ(offers.schemes, Schemes{basic}) << strange;
    EXPECT_TRUE(offers.strange_digest) << strange;
  }
  EXPECT_EQ(offers_of({"Basic realm=r, algorithm=SHA3, Digest nonce=n"}).schemes, (Schemes{basic, digest}))
      << "what is no parameter of Digest says nothing of it";
}

// As with libcurl: it looks at no other one.
TEST(Challenge, OfSeveralDigestsCountsTheFirst) {
  const std::string known = "Digest nonce=n, algorithm=MD5";
  const std::string other = "Digest nonce=n, algorithm=SHA-512-256";
  EXPECT_EQ(offers_of({known, other}).schemes, Schemes{digest});
  EXPECT_FALSE(offers_of({known, other}).strange_digest);
  EXPECT_EQ(offers_of({known + ", " + other}).schemes, Schemes{digest});
  EXPECT_TRUE(offers_of({other, known}).schemes.empty());
  EXPECT_TRUE(offers_of({other + ", " + known}).schemes.empty());
  EXPECT_TRUE(offers_of({other, known}).strange_digest);
}

TEST(LoginsTest, AreWhatIsSetAndCanBeSpoken) {
  const SecretsSet set = set_of({{AuthTarget::server, basic}, {AuthTarget::server, ntlm},
                                 {AuthTarget::proxy, digest}, {AuthTarget::server, passport}});
  EXPECT_EQ(logins_of(set, all_able).server, (Schemes{basic, ntlm}));
  EXPECT_EQ(logins_of(set, all_able).proxy, Schemes{digest});
  EXPECT_EQ(logins_of(set, {basic, digest}).server, Schemes{basic}) << "a libcurl without NTLM";
}

TEST(LoginsTest, ImplicitOnesAreTheTicketUnderEitherName) {
  for (const AuthScheme scheme : {ntlm, negotiate}) {
    EXPECT_EQ(logins_of(set_of({}, {{AuthTarget::server, scheme}}), all_able).server, Schemes{negotiate});
    // … for the proxy also for the server, unless there is something for that.
    const SecretsSet proxy = set_of({}, {{AuthTarget::proxy, scheme}});
    EXPECT_EQ(logins_of(proxy, all_able).server, Schemes{negotiate});
    EXPECT_EQ(logins_of(proxy, all_able).proxy, Schemes{negotiate});
    const SecretsSet both = set_of({{AuthTarget::server, basic}}, {{AuthTarget::proxy, scheme}});
    EXPECT_EQ(logins_of(both, all_able).server, Schemes{basic});
  }
  EXPECT_TRUE(logins_of(set_of({{AuthTarget::server, negotiate}}), all_able).server.empty())
      << "the ticket of somebody else would be shown for this name";
}

class Challenged {
 public:
  explicit Challenged(Logins logins) : talk_({.address = "http://host/f"}, {}, memory_, &resolve,
              {.security = security::redirect_downgrade}, logins) {}
  bool dropped(const std::vector<std::string>& lines) {
    EXPECT_USE(talk_.head(head(lines)).use, drop);
    ending_ = talk_.end(0, {}, base::WallTime{});
    return !ending_;
  }
  const Ask& ask() const { return talk_.ask(); }
  std::string shown() const {
    return ask().server_login ? std::string(to_word(*ask().server_login)) : "nothing";
  }
  std::string shown_to_proxy() const {
    return ask().proxy_login ? std::string(to_word(*ask().proxy_login)) : "nothing";
  }
  Code code() const { return ending_ && ending_->error ? ending_->error->code : Code::S_OK; }
  std::string text() const { return ending_ && ending_->error ? ending_->error->text : ""; }
  Conversation& talk() { return talk_; }

 private:
  static base::Result<std::string> resolve(const std::string&, const std::string& to) { return to; }
  OriginMemory memory_;
  std::optional<Ending> ending_;
  Conversation talk_;
};

const std::string unauthorized = "HTTP/1.1 401 x";
const std::string by_proxy = "HTTP/1.1 407 x";
const std::string elsewhere = "HTTP/1.1 302 x";

TEST(Login, NothingIsShownBeforeItIsAskedFor) {
  Challenged server({.server = all_able, .proxy = all_able});
  EXPECT_EQ(server.shown(), "nothing");
  EXPECT_EQ(server.shown_to_proxy(), "nothing");
  EXPECT_TRUE(server.dropped({unauthorized, "WWW-Authenticate: Basic realm=\"r\""}));
  EXPECT_EQ(server.shown(), "Basic");
  EXPECT_EQ(server.shown_to_proxy(), "nothing");
  EXPECT_USE(server.talk().head(head({ok, all})).use, append);
}

TEST(Login, TheStrongestThatIsOfferedAndSetComesFirstEachOnce) {
  Challenged server({.server = {basic, digest, negotiate}, .proxy = {}});
  const std::vector<std::string> offer = {unauthorized, "WWW-Authenticate: Basic", "WWW-Authenticate: NTLM",
                                          "WWW-Authenticate: Digest nonce=n", "WWW-Authenticate: Negotiate"};
  EXPECT_TRUE(server.dropped(offer));
  EXPECT_EQ(server.shown(), "Negotiate");
  EXPECT_TRUE(server.dropped(offer));
  EXPECT_EQ(server.shown(), "Digest");
  EXPECT_TRUE(server.dropped(offer));
  EXPECT_EQ(server.shown(), "Basic");
  EXPECT_FALSE(server.dropped(offer));
  EXPECT_EQ(server.code(), base::http_code(401));
  EXPECT_NE(server.text().find("refused"), std::string::npos) << server.text();
}

TEST(Login, APasswordForAnotherSchemeStaysHere) {
  for (const Logins& logins : {Logins{.server = {ntlm}, .proxy = {}}, Logins{.server = {digest}, .proxy = {}},
                               Logins{.server = {}, .proxy = {basic}}}) {
    Challenged server(logins);
    EXPECT_FALSE(server.dropped({unauthorized, "WWW-Authenticate: Basic realm=\"r\""}));
    EXPECT_EQ(server.shown(), "nothing");
    EXPECT_EQ(server.code(), base::http_code(401));
  }
}

TEST(Login, ADigestThatIsNotSpokenIsSaidToBeThat) {
  const std::vector<std::string> strange = {unauthorized, "WWW-Authenticate: Digest nonce=n, algorithm=SHA3",
                                            "WWW-Authenticate: Basic realm=r"};
  Challenged alone({.server = {digest}, .proxy = {}});
  EXPECT_FALSE(alone.dropped(strange));
  EXPECT_EQ(alone.shown(), "nothing") << "least of all by Basic";
  EXPECT_EQ(alone.code(), base::http_code(401));
  EXPECT_EQ(alone.text(), "HTTP 401 from host: the server wants Digest with an algorithm that is not spoken here");
  Challenged both({.server = {basic, digest}, .proxy = {}});
  EXPECT_TRUE(both.dropped(strange));
  EXPECT_EQ(both.shown(), "Basic") << "that was set for it";
  Challenged proxy({.server = {}, .proxy = {digest}});
  EXPECT_FALSE(proxy.dropped({by_proxy, "Proxy-Authenticate: Digest nonce=n, algorithm=SHA3"}));
  EXPECT_NE(proxy.text().find("the proxy wants Digest with"), std::string::npos) << proxy.text();
}

TEST(Login, NoRedirectLeadsItToAnotherServer) {
  const std::string challenge = "WWW-Authenticate: Basic";
  for (const std::string to : {"http://other/f", "http://host:8080/f", "https://host/f", "http://host.other/f"}) {
    Challenged asked_there({.server = {basic}, .proxy = {}});
    EXPECT_TRUE(asked_there.dropped({elsewhere, "Location: " + to}));
    EXPECT_FALSE(asked_there.ask().at_home);
    EXPECT_FALSE(asked_there.dropped({unauthorized, challenge})) << to;
    EXPECT_EQ(asked_there.code(), base::http_code(401));
    EXPECT_NE(asked_there.text().find("not the server of the file's address, and no credentials go there"),
              std::string::npos) << asked_there.text();

    Challenged asked_before({.server = {basic}, .proxy = {}});
    EXPECT_TRUE(asked_before.dropped({unauthorized, challenge}));
    EXPECT_EQ(asked_before.shown(), "Basic");
    EXPECT_TRUE(asked_before.dropped({elsewhere, "Location: " + to}));
    EXPECT_EQ(asked_before.shown(), "nothing") << to;
    // … and back.
    EXPECT_TRUE(asked_before.dropped({elsewhere, "Location: http://HOST:80/g"}));
    EXPECT_EQ(asked_before.shown(), "Basic");
  }
}

TEST(Login, AMirrorOnAnotherServerIsToldNothingNorWhereARedirectLed) {
  for (const Source& source : {Source{.address = "http://mirror/f", .home = "http://host/f"},
                               Source{.address = "http://led/f", .home = "http://led/f", .entrusted = false}}) {
    OriginMemory memory;
    Conversation stranger(source, {}, memory,
                          [](const std::string&, const std::string& to) -> base::Result<std::string> { return to; },
                          {}, {.server = {basic}, .proxy = {}});
    EXPECT_FALSE(stranger.ask().at_home);
    stranger.head(head({unauthorized, "WWW-Authenticate: Basic"}));
    const auto end = stranger.end(0, {}, base::WallTime{});
    ASSERT_TRUE(end && end->error);
    EXPECT_EQ(end->error->code, base::http_code(401));
    EXPECT_NE(end->error->text.find(", and no credentials go there"), std::string::npos) << end->error->text;
  }
}

TEST(Login, TheProxyIsTheSameForAll) {
  Challenged server({.server = {}, .proxy = {basic, digest}});
  EXPECT_TRUE(server.dropped({by_proxy, "Proxy-Authenticate: Digest nonce=n", "Proxy-Authenticate: Basic"}));
  EXPECT_EQ(server.shown_to_proxy(), "Digest");
  EXPECT_EQ(server.shown(), "nothing");
  EXPECT_TRUE(server.dropped({elsewhere, "Location: http://other/f"}));
  EXPECT_EQ(server.shown_to_proxy(), "Digest");
  EXPECT_TRUE(server.dropped({by_proxy, "Proxy-Authenticate: Basic"}));
  EXPECT_FALSE(server.dropped({by_proxy, "Proxy-Authenticate: Basic"}));
  EXPECT_EQ(server.code(), base::http_code(407));
}

// libcurl makes the rounds of Digest by itself; we see the head of each.
TEST(Login, OfSeveralRoundsTheLastHeadCounts) {
  Challenged server({.server = {digest}, .proxy = {}});
  const std::vector<std::string> offer = {unauthorized, "WWW-Authenticate: Digest nonce=n"};
  EXPECT_TRUE(server.dropped(offer));
  EXPECT_EQ(server.shown(), "Digest");
  EXPECT_USE(server.talk().head(head(offer)).use, drop);
  EXPECT_USE(server.talk().head(head({ok, all})).use, append);
  EXPECT_FALSE(server.talk().end(size, {}, base::WallTime{})->error);
}

TEST(Login, ARestIsAskedForAgainWithTheCredentials) {
  OriginMemory memory;
  Conversation talk({.address = "http://host/f"}, held(), memory,
                    [](const std::string&, const std::string& to) -> base::Result<std::string> { return to; },
                    {}, {.server = {basic}, .proxy = {}});
  talk.head(head({unauthorized, "WWW-Authenticate: Basic"}));
  EXPECT_FALSE(talk.end(0, {}, base::WallTime{}));
  EXPECT_EQ(talk.ask().range(), "400000-");
  EXPECT_EQ(talk.ask().if_range, "\"v1\"");
  EXPECT_EQ(talk.ask().server_login, basic);
}

}  // namespace
}  // namespace backhaul::core
