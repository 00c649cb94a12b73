// SPDX-License-Identifier: Apache-2.0
#include "core/link_header.h"

#include <gtest/gtest.h>

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
}

}  // namespace
}  // namespace backhaul::core
