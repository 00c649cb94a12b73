// SPDX-License-Identifier: Apache-2.0
#include "core/link_header.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/http.h"

namespace backhaul::core {
namespace {

TEST(TorrentLink, IsTheFirstThatDescribesTheFileAndIsATorrent) {
  EXPECT_EQ(torrent_link(R"(<f.torrent>; rel=describedby; type="application/x-bittorrent")"), "f.torrent");
  EXPECT_EQ(torrent_link(R"(<http://h/f.torrent>;type="Application/X-BitTorrent" ; rel="Duplicate DescribedBy")"),
            "http://h/f.torrent");
  EXPECT_EQ(torrent_link(R"(<a>; rel=duplicate, <f.meta4>; rel=describedby; type="application/metalink4+xml", )"
                         R"(<f.torrent>; rel=describedby; type=application/x-bittorrent; name="f, g")"),
            "f.torrent");
  EXPECT_EQ(torrent_link(R"(<a>; title="x\",y"; rel=next,, <b>; rel=describedby; type=application/x-bittorrent)"), "b");
}

TEST(TorrentLink, NothingElseCounts) {
  for (const char* field : {
           "", "f.torrent", "<f.torrent", "<f.torrent>", "<>; rel=describedby; type=application/x-bittorrent",
           "<f>; rel=describedby", "<f>; type=application/x-bittorrent",
           "<f>; rel=duplicate; type=application/x-bittorrent",
           "<f>; rel=describedby; type=application/x-bittorrent; anchor=\"/other\"",
           "<f>; rel=next; rel=describedby; type=application/x-bittorrent",
           "<f g>; rel=describedby; type=application/x-bittorrent",
           "<f>; rel=\"describedby; type=application/x-bittorrent", "<f>; rel; type=application/x-bittorrent"})
    EXPECT_EQ(torrent_link(field), "") << field;
  EXPECT_EQ(torrent_link("<" + std::string(5000, 'a') + ">; rel=describedby; type=application/x-bittorrent"), "");
}

TEST(TorrentLink, StandsInTheHeadOfAnAnswer) {
  HeadParser parser;
  for (const char* line : {"HTTP/1.1 200 OK", "Link: <a>; rel=duplicate",
                           "link: <b>; rel=describedby; type=\"application/x-bittorrent\"",
                           "Link: <c>; rel=describedby; type=\"application/x-bittorrent\""})
    parser.line(line);
  EXPECT_EQ(parser.head().torrent, "b");
  EXPECT_EQ(parser.head().duplicates, (std::vector<DuplicateLink>{{"a"}}));
}

std::vector<DuplicateLink> duplicates_in(std::string_view field) {
  std::vector<DuplicateLink> links;
  add_duplicate_links(links, field);
  return links;
}

TEST(DuplicateLinks, AreAllOfAFieldWithWhatTheyTellOfTheirOrder) {
  EXPECT_EQ(duplicates_in("<http://a/f>; rel=duplicate; pri=2; geo=de, <f.torrent>; rel=describedby;"
                          "type=application/x-bittorrent,,<http://b/f>;pri=\"1\";pref;depth=3;rel=\"next Duplicate\""),
            (std::vector<DuplicateLink>{{"http://a/f", 2}, {"http://b/f", 1}}));
  for (const char* untold : {"", "; pri", "; pri=", "; pri=0", "; pri=-1", "; pri=1x", "; pri=99999999999",
                             "; pri=1000000", "; pri=x; pri=1"})
    EXPECT_EQ(duplicates_in(std::string("<a>; rel=duplicate") + untold),
              (std::vector<DuplicateLink>{{"a", DuplicateLink::least_priority}}))
        << untold;
}

TEST(DuplicateLinks, NothingElseCounts) {
  for (const char* field : {"", "a", "<a", "<a>", "<>; rel=duplicate", "<a b>; rel=duplicate", "<a>; rel=duplicates",
                            "<a>; rel=duplicate; anchor=\"/other\"", "<a>; rel=next; rel=duplicate"})
    EXPECT_EQ(duplicates_in(field), std::vector<DuplicateLink>()) << field;
  EXPECT_EQ(duplicates_in("<" + std::string(5000, 'a') + ">; rel=duplicate"), std::vector<DuplicateLink>());
}

TEST(DuplicateLinks, OfOneAnswerAreBounded) {
  std::string field;
  for (int i = 0; i < 100; ++i) field += "<" + std::to_string(i) + ">; rel=duplicate, ";
  std::vector<DuplicateLink> links{{"first"}};
  add_duplicate_links(links, field);
  add_duplicate_links(links, field);
  ASSERT_EQ(links.size(), duplicate_links_max);
  EXPECT_EQ(links.back().target, "62");
}

}  // namespace
}  // namespace backhaul::core
