// SPDX-License-Identifier: Apache-2.0
// What a site's cache, its proxy and a swarm may say of a file: nothing (peer-caching.md §8).
#include <string>
#include <vector>

#include "core/conversation_for_test.h"

namespace backhaul::core {
namespace {

using namespace testing;
using base::Code;

const std::vector<Source> keepers_of_copies{
    {.kind = SourceKind::cache_host, .address = "https://cache.site/http/host/f"},
    {.kind = SourceKind::site_proxy, .address = "http://host/f", .proxy = "http://127.0.0.1:65001"}};
const Source a_duplicate{.kind = SourceKind::duplicate, .address = "http://other/f", .entrusted = false};
const Source a_swarm{.kind = SourceKind::swarm, .address = "http://localhost/1", .socket = "/run/s"};

RemoteRecord told_before(Extents have = {}) {
  RemoteRecord record = held();
  record.held = std::move(have);
  return record;
}

TEST(SiteTalk, GivesTheFileOfTheOriginsIdentityFromWhereAnotherEnded) {
  for (const Source& source : keepers_of_copies) {
    Talk whole(source, told_before(), RequestOptions());
    EXPECT_EQ(whole.asked(), "whole");
    EXPECT_FALSE(whole.ask().at_home) << "who asks is nobody's to know";
    EXPECT_USE(whole.answer({ok, all, dated, v1, "Set-Cookie: a=b"}), append);
    EXPECT_EQ(whole.identity(), told_before().identity);
    EXPECT_EQ(whole.headers(), "");
    EXPECT_FALSE(whole.end(size));
    EXPECT_TRUE(whole.done());
    Talk rest(source, told_before(Extents::until(half)), RequestOptions());
    EXPECT_EQ(rest.asked(), "400000- if \"v1\"");
    EXPECT_USE(rest.answer({partial, range(half), dated, v1}), append);
    EXPECT_EQ(rest.body().place, half);
  }
}

TEST(SiteTalk, P7OfAnotherVersionOrStatusBringsNothing) {
  for (const Source& source : keepers_of_copies)
    for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
             {ok, all, dated, v2}, {ok, all, redated, v1}, {ok, "Content-Length: 7", dated, v1}, {ok, dated, v1},
             {ok, all, dated, v1, "Content-Encoding: gzip"}, {"HTTP/1.1 404 x"}, {"HTTP/1.1 503 x", "Retry-After: 60"},
             {"HTTP/1.1 302 x", "Location: http://other/"}, {"HTTP/1.1 401 x", "WWW-Authenticate: Basic realm=x"}}) {
      Talk talk(source, told_before(), RequestOptions());
      EXPECT_FALSE(talk.dropped(lines)) << lines.front();
      ASSERT_TRUE(talk.ending && talk.ending->error) << lines.front();
      EXPECT_FALSE(talk.ending->retry_after) << "it is nobody's wish";
      EXPECT_EQ(talk.ending->doubt, Doubt::none);
      EXPECT_EQ(talk.identity(), told_before().identity);
    }
}

TEST(SiteTalk, P13HasTheRemoteFileOfWhichRangesAreAskedFor) {
  RemoteRecord record = told_before(Extents::until(50));
  record.wanted = Wanted::of_ranges({{.offset = 600'000, .length = 100}, {.offset = 100, .length = 200}}).value();
  for (const Source& source : keepers_of_copies) {
    Talk talk(source, record, RequestOptions());
    EXPECT_EQ(talk.asked(), "600050-600099 if \"v1\"");
    EXPECT_USE(talk.answer({partial, range(600'050, 600'099), dated, v1}), append);
    EXPECT_EQ(talk.body().place, 50U);
    EXPECT_EQ(talk.body().length, 50U);
    EXPECT_TRUE(talk.end(50));
    EXPECT_EQ(talk.asked(), "100-299 if \"v1\"");
    EXPECT_USE(talk.answer({partial, range(100, 299), dated, v1}), append);
    EXPECT_FALSE(talk.end(200));
    EXPECT_TRUE(talk.done());
  }
}

TEST(SiteTalk, ASwarmHasTagsOfItsOwnAndIsAskedForTheSizeOfTheFile) {
  Talk rest(a_swarm, told_before(Extents::until(half)), RequestOptions());
  EXPECT_EQ(rest.asked(), "400000-");
  EXPECT_USE(rest.answer({partial, range(half), "ETag: \"root\""}), append);
  EXPECT_EQ(rest.identity(), told_before().identity);
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {ok, "Content-Length: 7"}, {ok}, {ok, all, "Content-Encoding: gzip"}, {"HTTP/1.1 503 x"}}) {
    Talk talk(a_swarm, told_before(), RequestOptions());
    EXPECT_FALSE(talk.dropped(lines)) << lines.front();
    EXPECT_TRUE(talk.ending && talk.ending->error) << lines.front();
  }
}

// What it tells of itself counts for nothing: it is the file if all of it has the digest, and that is seen at its end.
TEST(SiteTalk, ADuplicateIsAnotherServerThatIsAskedForTheSizeOfTheFile) {
  Talk rest(a_duplicate, told_before(Extents::until(half)), RequestOptions());
  EXPECT_EQ(rest.asked(), "400000-") << "the tag of the origin is none of its own";
  EXPECT_FALSE(rest.ask().at_home);
  EXPECT_USE(rest.answer({partial, range(half), redated, v2, "Repr-Digest: sha-256=:AAAA:"}), append);
  EXPECT_EQ(rest.body().place, half);
  EXPECT_EQ(rest.identity(), told_before().identity);
  EXPECT_EQ(rest.headers(), "");
  for (const std::vector<std::string>& lines : std::vector<std::vector<std::string>>{
           {ok, "Content-Length: 7"}, {ok}, {ok, all}, {ok, all, "Content-Encoding: gzip"}, {partial, range(0)},
           {"HTTP/1.1 302 x", "Location: http://third/f"}, {"HTTP/1.1 503 x", "Retry-After: 60"}}) {
    Talk talk(a_duplicate, told_before(Extents::until(half)), RequestOptions());
    EXPECT_FALSE(talk.dropped(lines)) << lines.front();
    ASSERT_TRUE(talk.ending && talk.ending->error) << lines.front();
    EXPECT_EQ(talk.ending->doubt, Doubt::none);
  }
}

const std::string worse_link = "Link: <http://worse/f>; rel=duplicate; pri=7";
const std::string better_link = "Link: <http://none/f>; rel=duplicate, <http://better/f>; rel=duplicate; pri=2";

TEST(SiteTalk, DuplicatesAreNamedByTheOriginTheBestOnesFirst) {
  const std::vector<std::string> named{"http://better/f", "http://worse/f", "http://none/f"};
  Talk brings;
  EXPECT_USE(brings.answer({ok, all, dated, worse_link, better_link}), append);
  EXPECT_EQ(brings.duplicates(), named);
  Talk leads;
  EXPECT_TRUE(leads.dropped({"HTTP/1.1 302 x", "Location: http://worse/f", worse_link, better_link}));
  EXPECT_USE(leads.answer({ok, all, dated, "Link: <http://fourth/f>; rel=duplicate"}), append);
  EXPECT_EQ(leads.duplicates(), named) << "whoever it leads to has no say";
  for (const char* status : {"HTTP/1.1 404 x", "HTTP/1.1 503 x"}) {
    Talk fails;
    EXPECT_FALSE(fails.dropped({status, worse_link}));
    EXPECT_TRUE(fails.duplicates().empty()) << status;
  }
  Talk copy(a_duplicate, told_before(), RequestOptions());
  EXPECT_USE(copy.answer({ok, all, worse_link}), append);
  EXPECT_TRUE(copy.duplicates().empty());
}

TEST(SiteTalk, SaysWhoItIsThatFailed) {
  const std::vector<Source> all_kinds{keepers_of_copies[0], keepers_of_copies[1], a_swarm, a_duplicate};
  const std::vector<std::string> names{"the site's cache cache.site answers HTTP 404",
                                       "the site's proxy 127.0.0.1 answers HTTP 404", "the swarm answers HTTP 404",
                                       "the duplicate at other answers HTTP 404"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    Talk talk(all_kinds[i], told_before(), RequestOptions());
    talk.dropped({"HTTP/1.1 404 x"});
    EXPECT_EQ(talk.text(), names[i]);
    EXPECT_EQ(talk.code(), base::http_code(404));
  }
}

}  // namespace
}  // namespace backhaul::core
