// SPDX-License-Identifier: Apache-2.0
#include "swarm/publish.h"

#include <gtest/gtest.h>
#include <sysexits.h>

#include "swarm/torrents.h"
#include "tests/support/temp_dir.h"

namespace backhaul::swarmd {
namespace {

Options publishing(const std::string& file) {
  Options options;
  options.mode = Options::Mode::publish;
  options.file = file;
  options.url = "https://origin.example/images/a%20b.img?x=1";
  return options;
}

TEST(PublishTest, WritesATorrentThatIsReadBesideTheFile) {
  const test::TempDir folder;
  test::write_file(folder / "a b.img", std::string(100'000, 'x'));
  ASSERT_EQ(publish(publishing(folder / "a b.img")), EX_OK);
  const auto torrent = read_torrent(test::read_file(folder / "a b.img.torrent"), 100'000);
  ASSERT_TRUE(torrent) << torrent.error().text;
  EXPECT_EQ(torrent->id.size(), 64U);
  EXPECT_EQ(test::read_file(folder / "a b.img.torrent.new"), "");
}

TEST(PublishTest, TheSameFileMakesTheSameTorrent) {
  const test::TempDir folder;
  test::write_file(folder / "f", std::string(70'000, 'y'));
  const Publication what{.file = folder / "f", .url = "http://h/f", .tracker = "http://t/announce"};
  const auto one = make_torrent(what), other = make_torrent(what);
  ASSERT_TRUE(one && other);
  EXPECT_EQ(*one, *other);
}

TEST(PublishTest, AFileThatIsNotThereOrHasNothingInItIsRefused) {
  const test::TempDir folder;
  test::write_file(folder / "empty", "");
  EXPECT_EQ(publish(publishing(folder / "missing")), EX_NOINPUT);
  EXPECT_EQ(publish(publishing(folder / "empty")), EX_NOINPUT);
  EXPECT_EQ(publish(publishing(folder.path())), EX_NOINPUT);
}

TEST(PublishTest, SaysWhatEachServerHasToSend) {
  const Published what{.url = "https://origin.example/images/a%20b.img?x=1",
                       .torrent_url = "https://origin.example/images/a%20b.img.torrent",
                       .torrent_path = "/srv/a b.img.torrent",
                       .digest = "sha-256=:q83v:"};
  const std::string text = advice(what);
  const std::string link = "<a%20b.img.torrent>; rel=describedby; type=\"application/x-bittorrent\"";
  EXPECT_NE(text.find("Link: " + link), std::string::npos) << text;
  EXPECT_NE(text.find("location = \"/images/a b.img\""), std::string::npos) << text;
  EXPECT_NE(text.find("add_header Link '" + link + "'"), std::string::npos) << text;
  const std::string for_apache = "<a%%20b.img.torrent>; rel=describedby; type=\\\"application/x-bittorrent\\\"";
  EXPECT_NE(text.find(for_apache), std::string::npos) << text;
}

TEST(PublishTest, JsonHasTheKeysThatAllJsonOfTheCommandHas) {
  const Published what{.url = "http://h/f", .torrent_url = "http://h/f.torrent", .torrent_path = "/srv/f.torrent",
                       .digest = "sha-256=:q83v:"};
  EXPECT_EQ(json(what), R"({"torrent":"/srv/f.torrent","torrent-url":"http://h/f.torrent",)"
                        R"("link":"<f.torrent>; rel=describedby; type=\"application/x-bittorrent\"",)"
                        R"("repr-digest":"sha-256=:q83v:"})" "\n");
}

}  // namespace
}  // namespace backhaul::swarmd
