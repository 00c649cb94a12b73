// SPDX-License-Identifier: Apache-2.0
// What servers tell of the content of one answer (Content-Digest, RFC 9530), and what becomes of bytes that are others.
#include <span>
#include <string>

#include "os/hash.h"
#include "tests/component/curl/fixture.h"

namespace backhaul::test {
namespace {

using base::Code;

class ContentDigest : public CurlTest {};

std::string digest_field(const std::string& content) {
  os::Hash hash("sha256");
  hash.add(std::as_bytes(std::span(content)));
  return "Content-Digest: sha-256=:" + os::base64(hash.end()) + ":\r\n";
}

std::string dated() { return "Last-Modified: " + std::string(some_date) + "\r\n"; }

// The end of a file, with the digest of what should have been sent.
std::string rest(std::uint64_t from, std::uint64_t size, const std::string& sent, const std::string& told,
                 const std::string& validator = dated()) {
  return "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes " + std::to_string(from) + "-" + std::to_string(size - 1) + "/" +
         std::to_string(size) + "\r\nContent-Length: " + std::to_string(size - from) + "\r\n" + validator + digest_field(told) +
         "\r\n" + sent;
}

std::string damaged(std::string content) {
  content[content.size() / 2] ^= 1;
  return content;
}

core::Extents only(core::Extent bytes) {
  core::Extents all;
  all.add(bytes);
  return all;
}

TEST_F(ContentDigest, TheRestThatIsRightCompletesTheFile) {
  const std::string right = content(2, 600, 400);
  server.on("/f", {.raw = rest(400, 1000, right, right)});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::S_OK) << f.text();
  EXPECT_EQ(f.sink.data, content(2, 1000));
  EXPECT_TRUE(f.sink.ended);
  EXPECT_TRUE(f.heads.at(0).unchecked);
  EXPECT_TRUE(f.end->denied.empty());
}

TEST_F(ContentDigest, OtherBytesOfTheRestAreDeniedAndTheFileIsNotComplete) {
  const std::string right = content(2, 600, 400);
  server.on("/f", {.raw = rest(400, 1000, damaged(right), right)});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::WINHTTP_INVALID_SERVER_RESPONSE) << f.text();
  EXPECT_EQ(f.text().find("the Content-Digest of the answer is not that of its bytes"), 0U) << f.text();
  EXPECT_EQ(f.end->doubt, core::Doubt::contradiction) << "it is tried again, and not for ever";
  EXPECT_EQ(f.end->denied, only({400, 1000}));
  EXPECT_FALSE(f.sink.ended);
}

TEST_F(ContentDigest, OfABodyThatBreaksOffNothingIsSaid) {
  const std::string right = content(2, 600, 400);
  std::string cut = rest(400, 1000, damaged(right), right);
  cut.resize(cut.size() - 100);
  server.on("/f", {.raw = cut});
  const Download& f = get(server.url("/f"), content(2, 400), identity_of(1000));
  EXPECT_EQ(f.code(), Code::WINHTTP_CONNECTION_ERROR) << f.text();
  EXPECT_TRUE(f.end->denied.empty());
}

// What is only compared is of the content as well, and whatever a full sink is offered again counts once.
TEST_F(ContentDigest, IsOfEveryByteOnceAlsoWhereTheSinkIsNarrow) {
  const std::uint64_t from = 100'000 - core::sample_bytes;
  const std::string right = content(2, 300'000 - from, from);
  for (const bool same : {true, false}) {
    std::string sent = right;
    if (!same) sent.back() ^= 1;
    server.on("/f", {.raw = rest(from, 300'000, sent, right, "")});
    Download& f = start(server.url("/f"), content(2, 100'000), identity_of(300'000, ""));
    f.sink.capacity = 5'000;
    ASSERT_TRUE(until([&] {
      if (f.sink.room) f.sink.make_room(40'000 + core::sample_bytes);
      return f.end.has_value();
    }));
    EXPECT_EQ(f.code(), same ? Code::S_OK : Code::WINHTTP_INVALID_SERVER_RESPONSE) << f.text();
    EXPECT_GT(f.sink.times_full, 0);
    EXPECT_EQ(f.end->denied, same ? core::Extents() : only({100'000, 300'000}));
  }
}

TEST_F(ContentDigest, OfABodyInPartsIsOfItsWholeContent) {
  std::string right;
  for (const std::uint64_t from : {300U, 500U, 700U})
    right += "\r\n--x\r\nContent-Range: bytes " + std::to_string(from) + "-" + std::to_string(from + 9) + "/1000\r\n\r\n" +
             content(2, 10, from);
  right += "\r\n--x--\r\n";
  std::string wrong = right;
  wrong[right.find(content(2, 10, 500))] ^= 1;
  for (const std::string& sent : {right, wrong}) {
    open({});  // nothing is remembered of the server
    server.on("/f", {.raw = "HTTP/1.1 206 Partial Content\r\nContent-Type: multipart/byteranges; boundary=x\r\n" + dated() +
                            "Content-Length: " + std::to_string(sent.size()) + "\r\n" + digest_field(right) + "\r\n" + sent});
    server.forget_requests();
    ports::TransferRequest request{.source = {.address = server.url("/f")}};
    request.record.wanted = core::Wanted::of_ranges({{100, 10}, {300, 10}, {500, 10}, {700, 10}}).value();
    request.record.held = core::Extents::until(10);
    request.record.identity = identity_of(1000);
    request.record.identity.resumable = core::Resumable::yes;
    const Download& f = finish(start(request, content(2, 10, 100)));
    EXPECT_EQ(f.code(), sent == right ? Code::S_OK : Code::WINHTTP_INVALID_SERVER_RESPONSE) << f.text();
    EXPECT_EQ(f.end->denied, sent == right ? core::Extents() : only({10, 40}));
    EXPECT_EQ(server.requests("/f").size(), 1U);
  }
}

}  // namespace
}  // namespace backhaul::test
