// SPDX-License-Identifier: Apache-2.0
// Neighbours over real connections (peer-caching.md §9: P5, P6, P7): who is asked, what their answers are, and what
// is fetched from them.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/curl/neighbour_search.h"
#include "os/sha256.h"
#include "tests/component/curl/fixture.h"
#include "tests/support/process.h"
#include "tests/support/test_ca.h"

namespace backhaul::test {
namespace {

using base::Code;

const std::string record_path = "/v1/record/0123456789abcdef0123456789abcdef";

// A certificate of its own making, as machines have.
Certificate make_machine(const TempDir& folder, const std::string& name) {
  const Certificate made{folder / (name + ".pem"), folder / (name + ".key")};
  EXPECT_EQ(run_program({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                         "-keyout", made.key_file, "-out", made.chain_file, "-days", "2", "-subj", "/CN=" + name},
                        folder / "log"),
            0);
  return made;
}

// As openssl(1) knows it.
std::string key_of(const TempDir& folder, const Certificate& machine) {
  EXPECT_EQ(run_program({"openssl", "pkey", "-in", machine.key_file, "-pubout", "-outform", "DER", "-out", folder / "public"},
                        folder / "log"),
            0);
  return os::sha256(read_file(folder / "public"));
}

class NeighbourPeer {
 public:
  NeighbourPeer(const Certificate& machine, const std::string& trusted, int family = AF_INET) : key(key_of(folder_, machine)) {
    const int listener = socket(family, SOCK_STREAM, 0);
    sockaddr_in6 address{};  // of both families the port is in one place
    address.sin6_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6) address.sin6_addr = in6addr_loopback;
    else reinterpret_cast<sockaddr_in&>(address).sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    BH_ASSERT(bind(listener, reinterpret_cast<sockaddr*>(&address), length) == 0);
    BH_ASSERT(listen(listener, 16) == 0);
    BH_ASSERT(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port = ntohs(address.sin6_port);
    host = family == AF_INET6 ? "::1" : "127.0.0.1";
    program_.emplace(std::vector<std::string>{"/usr/bin/python3", NEIGHBOUR_PEER, std::to_string(listener), machine.chain_file,
                                              machine.key_file, trusted, folder_.path().string()},
                     std::vector<std::pair<std::string, std::string>>{}, listener);
    close(listener);
  }

  void answer(const std::string& status, const std::vector<std::string>& lines, const std::string& body = {}) {
    std::string text = "HTTP/1.1 " + status + "\r\n";
    for (const std::string& line : lines) text += line + "\r\n";
    write_file(folder_ / "answer", text + "\r\n" + body);
  }
  void say(const std::string& octets) { write_file(folder_ / "answer", octets); }
  std::string seen() const { return read_file(folder_ / "seen"); }
  bool was_left() const { return seen().find("closed\n") != std::string::npos; }
  core::Neighbour as_neighbour() const { return {.key = key, .host = host, .port = port, .name = "it"}; }
  std::string url() const { return "https://" + host + ':' + std::to_string(port) + record_path; }

 private:
  TempDir folder_;
  std::optional<Process> program_;

 public:
  std::string key;
  std::string host;
  std::uint16_t port = 0;
};

class Neighbours : public CurlTest {
 protected:
  Neighbours() : me(make_machine(folder, "me")), mine{.certificate = me.chain_file, .key = me.key_file, .search_limit = 60s} {
    open({.neighbours = mine});
  }

  std::unique_ptr<NeighbourPeer> machine(const std::string& name, int family = AF_INET) {
    return std::make_unique<NeighbourPeer>(make_machine(folder, name), me.chain_file, family);
  }
  ports::NeighboursAnswered search(const std::vector<core::Neighbour>& whom, const core::NeighbourRules& rules = {}) {
    curl::NeighbourSearch searcher(loop, inbox, mine);
    searcher.apply(rules);
    searcher.search(base::TransferId(77), sought, whom);
    EXPECT_TRUE(wait_until(loop, [&] { return inbox.count<ports::NeighboursAnswered>() > 0; }));
    const auto all = inbox.all<ports::NeighboursAnswered>();
    inbox.events.clear();
    EXPECT_EQ(all.size(), 1U);
    return all.empty() ? ports::NeighboursAnswered{} : all.front();
  }
  ports::TransferRequest request_to(const NeighbourPeer& peer) {
    ports::TransferRequest request{
        .source = {.kind = core::SourceKind::peer, .address = peer.url(), .neighbour = peer.key}};
    request.record.identity = {.size = 10, .last_modified = std::string(some_date), .etag = "\"v1\""};
    return request;
  }
  static std::vector<std::string> whole_head() {
    return {"Content-Length: 10", "ETag: \"v1\"", "Last-Modified: " + std::string(some_date)};
  }

  TempDir folder;
  const Certificate me;
  curl::NeighbourSettings mine;
  core::Sought sought{.url = "http://origin/f?secret", .size = 10, .etag = "\"v1\"", .last_modified = std::string(some_date)};
};

TEST_F(Neighbours, AnswerWhatTheyHave) {
  const auto has = machine("has");
  has->answer("200 OK", [&] { auto lines = whole_head(); lines.push_back("Location: " + record_path); return lines; }());
  const auto coming = machine("coming", AF_INET6);
  coming->answer("202 Accepted", {"Backhaul-Rank: 0a", "Backhaul-Offset: 3"});
  const auto none = machine("none");
  none->answer("404 Not Found", {"Content-Length: 0"});
  const auto busy = machine("busy");
  busy->answer("503 Busy", {"Retry-After: 5"});
  const auto odd = machine("odd");
  odd->say("no HTTP at all\r\n\r\n");
  const auto result = search({has->as_neighbour(), coming->as_neighbour(), none->as_neighbour(), busy->as_neighbour(), odd->as_neighbour()});
  EXPECT_EQ(result.transfer, base::TransferId(77));
  EXPECT_EQ(result.own_rank, os::sha256(key_of(folder, me) + os::sha256(sought.url)));
  std::map<std::string, core::NeighbourAnswer> by_key;
  for (const auto& answer : result.answers) by_key[answer.key] = answer;
  EXPECT_EQ(by_key.size(), 4U) << "not the odd one";
  EXPECT_EQ(by_key[has->key].has, core::NeighbourHas::all);
  EXPECT_EQ(by_key[has->key].address, has->url());
  EXPECT_EQ(by_key[coming->key].has, core::NeighbourHas::coming);
  EXPECT_EQ(by_key[coming->key].rank, "0a");
  EXPECT_EQ(by_key[coming->key].offset, 3U);
  EXPECT_EQ(by_key[none->key].has, core::NeighbourHas::nothing);
  EXPECT_EQ(by_key[busy->key].has, core::NeighbourHas::busy);
  EXPECT_TRUE(has->seen().starts_with("HEAD /v1/object HTTP/1.1\r\n")) << has->seen();
  EXPECT_NE(has->seen().find("Backhaul-Object: " + os::sha256(sought.url) + "\r\n"), std::string::npos) << has->seen();
  EXPECT_EQ(has->seen().find("secret"), std::string::npos) << "the address stays here";
}

TEST_F(Neighbours, WhoIsLateOrSomebodyElseHasNotAnswered) {
  const auto slow = machine("slow");
  slow->say("<hold>");
  const auto other = machine("other");
  other->answer("404 Not Found", {});
  core::Neighbour stranger = other->as_neighbour();
  stranger.key = slow->key;
  EXPECT_TRUE(search({stranger}).answers.empty());
  EXPECT_TRUE(until([&] { return other->was_left(); }));
  EXPECT_EQ(other->seen().find("HEAD"), std::string::npos) << "nothing was asked";
  EXPECT_TRUE(search({{.key = "id", .host = other->host, .port = other->port}}).answers.empty()) << "its key is not known";
  mine.search_limit = 100ms;
  EXPECT_TRUE(search({slow->as_neighbour()}).answers.empty());
  EXPECT_TRUE(search({}).answers.empty());
  mine.certificate = folder / "missing";
  EXPECT_EQ(search({other->as_neighbour()}).own_rank, "") << "this machine has no key yet";
}

TEST_F(Neighbours, GivenUpSearchesAnswerNothing) {
  const auto slow = machine("slow");
  slow->say("<hold>");
  curl::NeighbourSearch searcher(loop, inbox, mine);
  searcher.search(base::TransferId(1), sought, {slow->as_neighbour()});
  EXPECT_TRUE(until([&] { return slow->seen().find("HEAD") != std::string::npos; }));
  searcher.give_up(base::TransferId(1));
  searcher.give_up(base::TransferId(2));
  EXPECT_TRUE(wait_until(loop, [&] { return slow->was_left(); }));  // until() would drop what came
  EXPECT_EQ(inbox.count<ports::NeighboursAnswered>(), 0U);
}

// It has eight for each address, and for what it sends it needs some of them.
TEST_F(Neighbours, AMachineIsSearchedOverFourConnectionsAtMost) {
  const auto peer = machine("peer");
  peer->say("<hold>");
  const auto asked = [&] {
    const std::string seen = peer->seen();
    std::size_t count = 0;
    for (std::size_t at = seen.find("HEAD"); at != std::string::npos; at = seen.find("HEAD", at + 1)) ++count;
    return count;
  };
  curl::NeighbourSearch searcher(loop, inbox, mine);
  for (int i = 1; i <= 6; ++i) searcher.search(base::TransferId(i), sought, {peer->as_neighbour()});
  EXPECT_TRUE(until([&] { return asked() == 4; }));
  run_for(loop, 100ms);
  EXPECT_EQ(asked(), 4U);
  peer->answer("404 Not Found", {"Content-Length: 0"});
  for (int i = 1; i <= 4; ++i) searcher.give_up(base::TransferId(i));
  EXPECT_TRUE(wait_until(loop, [&] { return inbox.count<ports::NeighboursAnswered>() == 2; }));
  for (const auto& result : inbox.all<ports::NeighboursAnswered>())
    EXPECT_EQ(result.answers.size(), 1U) << "who waited is answered as well";
}

TEST_F(Neighbours, WhoeverWaitsForAConnectionIsToldWhenTheTimeIsOver) {
  const auto peer = machine("peer");
  peer->say("<hold>");
  mine.search_limit = 500ms;
  curl::NeighbourSearch searcher(loop, inbox, mine);
  for (int i = 1; i <= 6; ++i) searcher.search(base::TransferId(i), sought, {peer->as_neighbour()});
  EXPECT_TRUE(wait_until(loop, [&] { return inbox.count<ports::NeighboursAnswered>() == 6; }));
  for (const auto& result : inbox.all<ports::NeighboursAnswered>()) EXPECT_TRUE(result.answers.empty());
}

TEST_F(Neighbours, TheAuthorityVouchesForThemWhereItIsTrusted) {
  TestCa ca;
  TestCa other_ca;
  core::NeighbourRules rules;
  rules.trust.value = core::NeighbourTrust::ca;
  rules.authority.value = ca.ca_file();
  const auto peer_with = [&](const Certificate& certificate) {
    auto peer = std::make_unique<NeighbourPeer>(certificate, me.chain_file);
    peer->answer("404 Not Found", {"Content-Length: 0"});
    return peer;
  };
  const auto good = peer_with(ca.issue({.names = "DNS:elsewhere"}));
  const auto wrong_use = peer_with(ca.issue({.usage = "clientAuth"}));
  const auto expired = peer_with(ca.issue({.expired = true}));
  const auto foreign = peer_with(other_ca.issue());
  std::vector<core::Neighbour> whom;
  for (const auto* peer : {&good, &wrong_use, &expired, &foreign})
    whom.push_back({.key = (*peer)->key.substr(0, 32), .host = (*peer)->host, .port = (*peer)->port});
  // Whoever announces the key of another, to be taken for it.
  whom.push_back({.key = std::string(32, '0'), .host = good->host, .port = good->port});
  const auto answers = search(whom, rules).answers;
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers.front().key, good->key.substr(0, 32)) << "as it was given";
  good->answer("200 OK", whole_head(), "0123456789");
  foreign->answer("200 OK", whole_head(), "0123456789");
  for (const auto* peer : {&good, &foreign}) {
    ports::TransferRequest request = request_to(**peer);
    request.source.authority = ca.ca_file();
    EXPECT_EQ(finish(start(std::move(request))).code() == Code::S_OK, peer == &good);
  }
}

TEST_F(Neighbours, GiveTheBytesOfTheirCopy) {
  const auto peer = machine("peer");
  peer->answer("200 OK", whole_head(), "0123456789");
  ports::TransferRequest request = request_to(*peer);
  request.options.proxy = {.usage = core::ProxyUsage::listed, .list = "http://127.0.0.1:1"};
  request.options.method = base::Method("POST");
  request.accepted.emplace();
  const core::RemoteIdentity identity = request.record.identity;
  const Download& file = finish(start(std::move(request)));
  EXPECT_EQ(file.code(), Code::S_OK) << file.text();
  EXPECT_EQ(file.sink.data, "0123456789");
  EXPECT_TRUE(file.sink.ended);
  ASSERT_EQ(file.heads.size(), 1U);
  EXPECT_EQ(file.heads.front().identity, identity);
  EXPECT_EQ(file.heads.front().headers, "");
  EXPECT_TRUE(peer->seen().starts_with("GET " + record_path + " HTTP/1.1\r\n")) << peer->seen();
}

TEST_F(Neighbours, P6ThatDieLeaveTheRestToOthers) {
  const auto dying = machine("dying");
  dying->answer("200 OK", whole_head(), "0123<hold>");
  const Download& begun = finish(start(request_to(*dying)));
  EXPECT_EQ(begun.code(), Code::WINHTTP_TIMEOUT) << begun.text();
  EXPECT_NE(begun.text().find("nothing was received for 2 s"), std::string::npos) << begun.text();
  EXPECT_EQ(begun.sink.data, "0123");
  EXPECT_FALSE(begun.sink.ended);
  const auto next = machine("next");
  next->answer("206 Partial", {"Content-Length: 6", "Content-Range: bytes 4-9/10", "ETag: \"v1\""}, "456789");
  ports::TransferRequest rest = request_to(*next);
  rest.record.held = core::Extents::until(4);
  const Download& ended = finish(start(std::move(rest), begun.sink.data));
  EXPECT_EQ(ended.code(), Code::S_OK) << ended.text();
  EXPECT_EQ(ended.sink.data, "0123456789");
  EXPECT_NE(next->seen().find("Range: bytes=4-\r\n"), std::string::npos) << next->seen();
}

TEST_F(Neighbours, P5AndP7OthersAndOtherVersionsBringNothing) {
  const auto peer = machine("peer");
  const auto expect_nothing = [&](const Download& file) {
    EXPECT_NE(file.code(), Code::S_OK);
    EXPECT_EQ(file.sink.data, "");
    EXPECT_TRUE(file.heads.empty());
    ASSERT_TRUE(file.end);
    EXPECT_EQ(file.end->doubt, core::Doubt::none);
    EXPECT_FALSE(file.end->retry_after);
  };
  peer->answer("302 Found", {"Location: https://127.0.0.1:1/", "Content-Length: 0"});
  expect_nothing(finish(start(request_to(*peer))));
  peer->answer("200 OK", {"Content-Length: 11", "ETag: \"v1\""}, "0123456789x");
  expect_nothing(finish(start(request_to(*peer))));
  peer->answer("200 OK", {"Content-Length: 10", "ETag: \"v2\""}, "0123456789");
  expect_nothing(finish(start(request_to(*peer))));
  peer->answer("503 Busy", {"Retry-After: 60", "Content-Length: 0"});
  expect_nothing(finish(start(request_to(*peer))));
  const auto other = machine("other");
  other->answer("200 OK", whole_head(), "0123456789");
  ports::TransferRequest wrong_key = request_to(*other);
  wrong_key.source.neighbour = peer->key;
  const Download& refused = finish(start(std::move(wrong_key)));
  expect_nothing(refused);
  EXPECT_EQ(refused.code(), Code::WINHTTP_SECURE_FAILURE) << refused.text();
  EXPECT_TRUE(until([&] { return other->was_left(); }));
  EXPECT_EQ(other->seen().find("GET"), std::string::npos) << "no byte was sent";
}

TEST_F(Neighbours, P5_OnePieceThatIsWrongEndsTheTransfer) {
  const core::Pieces pieces{{core::DigestAlgorithm::sha256, 5}, os::sha256("01234") + os::sha256("56789")};
  const auto liar = machine("liar");
  liar->answer("200 OK", whole_head(), "X1234<hold>");
  ports::TransferRequest request = request_to(*liar);
  request.pieces = pieces;
  const Download& caught = finish(start(std::move(request)));
  EXPECT_EQ(caught.code(), Code::BG_E_VALIDATION_FAILED) << caught.text();
  EXPECT_EQ(caught.end->denied, core::Extents::until(5));
  EXPECT_FALSE(caught.sink.ended);
  const auto honest = machine("honest");
  honest->answer("200 OK", whole_head(), "0123456789");
  request = request_to(*honest);
  request.pieces = pieces;
  const Download& right = finish(start(std::move(request)));
  EXPECT_EQ(right.code(), Code::S_OK) << right.text();
  EXPECT_TRUE(right.end->denied.empty());
  EXPECT_TRUE(right.sink.ended);
}

TEST_F(Neighbours, SeveralFillOneSinkAndNoneOfThemEndsIt) {
  MemorySink shared;
  const auto begin = [&](const NeighbourPeer& peer, core::Extent share) -> Download& {
    downloads.push_back(std::make_unique<Download>(++last_number));
    ports::TransferRequest request = request_to(peer);
    request.transfer = downloads.back()->id;
    request.record.share = true;
    request.record.demand.asked = {share};
    transport->start(std::move(request), shared);
    return *downloads.back();
  };
  const auto one = machine("one");
  one->answer("206 Partial", {"Content-Length: 5", "Content-Range: bytes 0-4/10", "ETag: \"v1\""}, "01234");
  const auto two = machine("two");
  two->answer("206 Partial", {"Content-Length: 5", "Content-Range: bytes 5-9/10", "ETag: \"v1\""}, "56789");
  Download& last = begin(*two, {5, 10});
  Download& first = begin(*one, {0, 5});
  for (Download* share : {&first, &last}) {
    EXPECT_EQ(finish(*share).code(), Code::S_OK) << share->text();
    EXPECT_TRUE(share->end->asked_only);
  }
  EXPECT_EQ(shared.data, "0123456789");
  EXPECT_FALSE(shared.ended);
  EXPECT_NE(one->seen().find("Range: bytes=0-4\r\n"), std::string::npos) << one->seen();
  EXPECT_NE(two->seen().find("Range: bytes=5-\r\n"), std::string::npos) << two->seen();
}

TEST_F(Neighbours, WithoutACertificateOrAKeyNobodyIsAsked) {
  const auto peer = machine("peer");
  ports::TransferRequest no_key = request_to(*peer);
  no_key.source.neighbour = "id";
  EXPECT_EQ(finish(start(std::move(no_key))).code(), Code::WINHTTP_SECURE_FAILURE);
  ports::TransferRequest in_clear = request_to(*peer);
  in_clear.source.address.erase(4, 1);
  EXPECT_EQ(finish(start(std::move(in_clear))).code(), Code::WINHTTP_SECURE_FAILURE);
  open({});
  EXPECT_EQ(finish(start(request_to(*peer))).code(), Code::WINHTTP_CLIENT_AUTH_CERT_NEEDED);
  EXPECT_EQ(peer->seen(), "");
}

TEST_F(Neighbours, TheIdentityOfTheOriginIsAskedForAlone) {
  server.on("/f", {.size = 5, .etag = "\"v1\""});
  ports::TransferRequest request{.source = {.address = server.url("/f")}};
  request.record.identity_only = true;
  const Download& asked = finish(start(std::move(request)));
  EXPECT_EQ(asked.code(), Code::S_OK) << asked.text();
  EXPECT_TRUE(asked.end->asked_only);
  EXPECT_FALSE(asked.sink.ended);
  EXPECT_EQ(asked.sink.data, "");
  ASSERT_EQ(asked.heads.size(), 1U);
  EXPECT_FALSE(asked.heads.front().restarted);
  EXPECT_EQ(asked.heads.front().identity.etag, "\"v1\"");
}

}  // namespace
}  // namespace backhaul::test
