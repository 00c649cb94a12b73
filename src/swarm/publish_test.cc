// SPDX-License-Identifier: Apache-2.0
#include "swarm/publish.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sysexits.h>

#include <filesystem>
#include <iterator>
#include <string>

#include "swarm/output.h"
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

struct Said {
  int code = 0;
  std::string output, errors;
};

Said publish_aloud(const Options& options) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = publish(options);
  said.output = testing::internal::GetCapturedStdout();
  said.errors = testing::internal::GetCapturedStderr();
  return said;
}

// A folder with a file in it that can be published as what is asked for.
class PublishToTest : public testing::Test {
 protected:
  PublishToTest() { test::write_file(file(), content_); }

  std::string file() const { return folder_ / "f"; }
  Said publish_to(const std::string& output) const {
    Options options = publishing(file());
    options.output = output;
    return publish_aloud(options);
  }
  bool is_torrent(const std::string& path) const {
    return read_torrent(test::read_file(path), content_.size()).has_value();
  }
  std::ptrdiff_t entries() const {
    return std::distance(std::filesystem::directory_iterator(folder_.path()), std::filesystem::directory_iterator());
  }

  const test::TempDir folder_;
  const std::string content_ = std::string(70'000, 'z');
};

TEST_F(PublishToTest, NeverTakesThePlaceOfTheFileItself) {
  const std::string other = folder_ / "other", link = folder_ / "link";
  std::filesystem::create_hard_link(file(), other);
  std::filesystem::create_symlink("f", link);
  const std::string around = folder_ / ("../" + folder_.path().filename().string() + "/f");
  for (const std::string& output : {file(), around, other, link}) {
    const Said said = publish_to(output);
    EXPECT_EQ(said.code, EX_NOINPUT) << output;
    EXPECT_NE(said.errors.find("is the file itself"), std::string::npos) << said.errors;
  }
  EXPECT_EQ(test::read_file(file()), content_);
  EXPECT_EQ(test::read_file(other), content_);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  EXPECT_EQ(entries(), 3);
}

TEST_F(PublishToTest, ADirectoryMeansIntoIt) {
  const std::string sub = folder_ / "sub";
  std::filesystem::create_directory(sub);
  for (const std::string& output : {sub, sub + "/"}) {
    EXPECT_EQ(publish_to(output).code, EX_OK) << output;
    EXPECT_TRUE(is_torrent(sub + "/f.torrent"));
    std::filesystem::remove(sub + "/f.torrent");
  }
  EXPECT_EQ(publish_to(folder_ / "missing/").code, EX_NOINPUT);
  EXPECT_EQ(entries(), 2);
}

TEST_F(PublishToTest, WhatIsNoFileStaysAndIsNamed) {
  const std::string pipe = folder_ / "pipe", link = folder_ / "link";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_symlink("pipe", link);
  EXPECT_NE(publish_to(pipe).errors.find(pipe + " is a named pipe"), std::string::npos);
  EXPECT_NE(publish_to(link).errors.find("a symbolic link to a named pipe"), std::string::npos);
  EXPECT_EQ(std::filesystem::status(pipe).type(), std::filesystem::file_type::fifo);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
  // Judged by the look alone: nothing is done to a device.
  const auto device = check_output("/dev/null", file());
  ASSERT_FALSE(device);
  EXPECT_NE(device.error().text.find("a character device"), std::string::npos) << device.error().text;
  std::filesystem::create_directory(folder_ / "f.torrent");
  EXPECT_NE(publish_to("").errors.find("is a directory"), std::string::npos);
}

TEST_F(PublishToTest, ALinkIsReplacedAndNeverFollowed) {
  test::write_file(folder_ / "old", "old");
  const std::string to_file = folder_ / "to-file", to_nothing = folder_ / "to-nothing", circle = folder_ / "circle";
  std::filesystem::create_symlink("old", to_file);
  std::filesystem::create_symlink("nothing", to_nothing);
  std::filesystem::create_symlink("circle", circle);
  for (const std::string& link : {to_file, to_nothing, circle}) {
    EXPECT_EQ(publish_to(link).code, EX_OK) << link;
    EXPECT_FALSE(std::filesystem::is_symlink(link)) << link;
    EXPECT_TRUE(is_torrent(link)) << link;
  }
  EXPECT_EQ(test::read_file(folder_ / "old"), "old");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "nothing"));
}

TEST_F(PublishToTest, WhatElseLiesInTheFolderStaysAndNothingIsLeftThere) {
  test::write_file(folder_ / "f.torrent", "the one before");
  test::write_file(folder_ / "f.torrent.new", "somebody's");
  EXPECT_EQ(publish_to("").code, EX_OK);
  EXPECT_TRUE(is_torrent(folder_ / "f.torrent"));
  EXPECT_EQ(test::read_file(folder_ / "f.torrent.new"), "somebody's");
  EXPECT_EQ(entries(), 3);
  // A rename that fails leaves nothing either.
  std::filesystem::create_directory(folder_ / "sub");
  EXPECT_FALSE(put_in_place(folder_ / "sub", "octets"));
  EXPECT_EQ(entries(), 4);
}

TEST_F(PublishToTest, AHyphenIsStandardOutputAndTheAdviceGoesBesideIt) {
  const Said said = publish_to("-");
  EXPECT_EQ(said.code, EX_OK);
  EXPECT_TRUE(read_torrent(said.output, content_.size()));
  EXPECT_NE(said.errors.find("Link: <f.torrent>"), std::string::npos) << said.errors;
  EXPECT_NE(said.errors.find("The torrent is on standard output"), std::string::npos) << said.errors;
  EXPECT_EQ(entries(), 1);
  EXPECT_FALSE(std::filesystem::exists("-"));
}

TEST(PublishTest, AFailureIsToldInTheNameOfTheCommandAndAsJson) {
  Options options = publishing("/nonexistent/f");
  const Said plain = publish_aloud(options);
  EXPECT_EQ(plain.code, EX_NOINPUT);
  EXPECT_EQ(plain.output, "");
  options.json = true;
  const Said said = publish_aloud(options);
  EXPECT_EQ(said.errors, plain.errors);
  EXPECT_TRUE(said.errors.starts_with("backhaul: the torrent of /nonexistent/f: ")) << said.errors;
  EXPECT_TRUE(said.output.starts_with(R"({"error":{"code":"0x)")) << said.output;
}

TEST(PublishTest, AFailureHasTheKeysThatAllFailuresOfTheCommandHave) {
  const base::Error error(base::Code::BAD_FILE_TYPE, base::ErrorContext::local_file, "a \"pipe\"");
  EXPECT_EQ(failure_json(publishing("f"), error),
            R"({"error":{"code":"0x800700de","symbol":"BAD_FILE_TYPE","context":"local-file","file":null,)"
            R"("text":"a \"pipe\""},"what":"the torrent of f","hint":null})" "\n");
}

TEST(PublishTest, WrongWordsAreToldLikewise) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  EXPECT_EQ(refuse_words("why", true), EX_USAGE);
  EXPECT_EQ(testing::internal::GetCapturedStdout(),
            R"({"error":{"code":null,"symbol":null,"context":null,"file":null,"text":"why"},"what":null,"hint":null})"
            "\n");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "backhaul: why\n");
}

TEST(PublishTest, WritesATorrentThatIsReadBesideTheFile) {
  const test::TempDir folder;
  test::write_file(folder / "a b.img", std::string(100'000, 'x'));
  ASSERT_EQ(publish(publishing(folder / "a b.img")), EX_OK);
  const auto torrent = read_torrent(test::read_file(folder / "a b.img.torrent"), 100'000);
  ASSERT_TRUE(torrent) << torrent.error().text;
  EXPECT_EQ(torrent->id.size(), 64U);
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
