// SPDX-License-Identifier: Apache-2.0
// Metalink 4 as the client library reads it, from people who mean well and from others.
#include <backhaul/codes.h>
#include <backhaul/metalink.h>
#include <gtest/gtest.h>

namespace backhaul::cli {
namespace {

std::string metalink(const std::string& content) {
  return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
         "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">" +
         content + "</metalink>";
}

std::string one_file(const std::string& content, const std::string& name = "a.iso") {
  return metalink("<file name=\"" + name + "\">" + content + "</file>");
}

const std::string url = "<url>http://x/a.iso</url>";

std::string refusal(const std::string& document) {
  const auto files = parse_metalink(document);
  if (files) return "accepted";
  EXPECT_EQ(files.code(), code::e_invalidarg);
  return files.error().message;
}

TEST(MetalinkTest, AFileHasItsAddressesInTheirOrderItsSizeAndItsDigests) {
  const std::string a(64, 'a');
  const auto files = parse_metalink(metalink(
      "<generator>g</generator><file name=\"d/a.iso\"><identity>a</identity>"
      "<size> 5500 </size>"
      "<hash type=\"md5\">00</hash><hash type=\"sha-256\">" + a + "</hash>"
      "<url priority=\"20\">http://late/a</url><url>ftp://x/a</url><url>file:///etc/passwd</url>"
      "<url priority=\"1\" location=\"de\">\n https://first/a?x=1&amp;y=2 </url><url>http://last/a</url>"
      "<url priority=\"20\">http://late/a</url><metaurl mediatype=\"torrent\">http://x/t</metaurl></file>"
      "<file name=\"b\">" + url + "</file>"));
  ASSERT_TRUE(files) << files.error().message;
  ASSERT_EQ(files->size(), 2U);
  const MetalinkFile& file = files->front();
  EXPECT_EQ(file.name, "d/a.iso");
  EXPECT_EQ(file.spec.remote, "https://first/a?x=1&y=2");
  EXPECT_EQ(file.spec.mirrors, (std::vector<std::string>{"http://late/a", "http://last/a"}));
  EXPECT_EQ(file.spec.expected_size, 5500U);
  EXPECT_EQ(file.spec.digests, std::vector<std::string>{"sha256:" + a});
  EXPECT_EQ(file.spec.torrent, "http://x/t");
  EXPECT_EQ((*files)[1].spec.torrent, "") << "each has its own";
  EXPECT_EQ((*files)[1].spec.expected_size, size_unknown);
}

TEST(MetalinkTest, DigestsThatAreNotCheckedAreToldWhereNoneIs) {
  using Types = std::vector<std::string>;
  const auto unchecked = [](const std::string& content) {
    const auto files = parse_metalink(one_file(content + url));
    return files ? files->front().unchecked : Types{"refused"};
  };
  const std::string weak = "<hash type=\"md5\">00</hash><hash type=\"sha-1\">00</hash>";
  const auto pieces = [](const std::string& type) {
    return "<pieces length=\"9\" type=\"" + type + "\"><hash>00</hash></pieces>";
  };
  EXPECT_EQ(unchecked(weak), (Types{"md5", "sha-1"}));
  EXPECT_EQ(unchecked(weak + pieces("sha-1")), (Types{"md5", "sha-1"})) << "they tell which piece is wrong, no more";
  EXPECT_EQ(unchecked(weak + "<hash type=\"sha-256\">00</hash>"), Types());
  EXPECT_EQ(unchecked(weak + pieces("sha-256")), Types());
  EXPECT_EQ(unchecked(""), Types()) << "nothing was told";
}

TEST(MetalinkTest, TheBestPiecesCountAndASignatureComesAlong) {
  const std::string weak(40, '1');
  const std::string good(64, '2');
  const auto files = parse_metalink(one_file(
      "<pieces length=\"256\" type=\"sha-256\"><hash>" + good + "</hash><hash>" + good + "</hash></pieces>"
      "<pieces length=\"100\" type=\"sha-1\"><hash>" + weak + "</hash></pieces>"
      "<pieces length=\"100\" type=\"md5\"><hash>0</hash></pieces>"
      "<signature mediatype=\"application/pgp-signature\">\n-----BEGIN PGP SIGNATURE-----\n</signature>" + url));
  ASSERT_TRUE(files) << files.error().message;
  EXPECT_EQ(files->front().spec.piece_length, 256U);
  EXPECT_EQ(files->front().spec.piece_digests, std::vector<std::string>(2, "sha256:" + good));
  EXPECT_EQ(files->front().signature, "-----BEGIN PGP SIGNATURE-----\n");
  EXPECT_TRUE(files->front().spec.signature.empty()) << "nobody said whose it has to be";
}

TEST(MetalinkTest, TheBestTorrentCountsThatMayBeFetchedByAnybody) {
  const auto torrent = [](const std::string& content) {
    const auto files = parse_metalink(one_file(content + url));
    return files ? files->front().spec.torrent : "refused";
  };
  EXPECT_EQ(torrent("<metaurl mediatype=\"torrent\" priority=\"9\">http://x/9</metaurl>"
                    "<metaurl mediatype=\"torrent\">http://x/last</metaurl>"
                    "<metaurl mediatype=\"torrent\" priority=\"2\">\n https://x/2 </metaurl>"
                    "<metaurl mediatype=\"torrent\" priority=\"2\">https://x/second</metaurl>"
                    "<metaurl mediatype=\"application/metalink4+xml\" priority=\"1\">http://x/m</metaurl>"),
            "https://x/2");
  for (const char* other : {"ftp://x/t", "file:///etc/passwd", "magnet:?xt=urn:btmh:1220", "http://me@x/t", ""})
    EXPECT_EQ(torrent("<metaurl mediatype=\"torrent\">" + std::string(other) + "</metaurl>"), "") << other;
}

TEST(MetalinkTest, MorePiecesThanAFileMayHaveAreLeftOut) {
  std::string pieces = "<pieces length=\"1\" type=\"sha-1\">";
  for (int i = 0; i <= 10'000; ++i) pieces += "<hash>" + std::string(40, '0') + "</hash>";
  const auto files = parse_metalink(one_file(pieces + "</pieces>" + url));
  ASSERT_TRUE(files);
  EXPECT_TRUE(files->front().spec.piece_digests.empty());
  EXPECT_EQ(files->front().spec.piece_length, 0U);
}

TEST(MetalinkTest, ANameNeverLeadsElsewhere) {
  for (const std::string& name : {std::string("../a"), std::string("/etc/passwd"), std::string("a/../../b"),
                                  std::string(".."), std::string("."), std::string("a//b"), std::string("a/"),
                                  std::string(), std::string("a\\b"), std::string("a&#10;b"),
                                  std::string("a&#x7f;"), std::string(256, 'a')})
    EXPECT_NE(refusal(one_file(url, name)), "accepted") << name;
  EXPECT_EQ(refusal(metalink("<file>" + url + "</file>")).substr(0, 7), "line 2:");
  EXPECT_EQ(refusal(one_file(url, "..a/b..")), "accepted");
}

TEST(MetalinkTest, NoEntityIsExpanded) {
  const std::string bomb =
      "<!DOCTYPE m [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
  const std::string external = "<!DOCTYPE m SYSTEM \"file:///etc/passwd\">";
  for (const std::string& type : {bomb, external})
    EXPECT_NE(refusal(type + "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\"/>").find("document type"),
              std::string::npos);
  EXPECT_NE(refusal(one_file("&b;" + url)).find("no XML"), std::string::npos);
}

TEST(MetalinkTest, WhatIsNoneIsRefused) {
  EXPECT_NE(refusal("").find("no XML"), std::string::npos);
  EXPECT_NE(refusal("<html><body/></html>").find("no Metalink 4"), std::string::npos);
  EXPECT_NE(refusal("<metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\"/>").find("Metalink 3"),
            std::string::npos);
  EXPECT_NE(refusal("<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">").find("no XML"), std::string::npos);
  EXPECT_NE(refusal(metalink("")).find("names no file"), std::string::npos);
  EXPECT_NE(refusal(one_file("<url>ftp://x/a</url>")).find("no http or https"), std::string::npos);
  EXPECT_NE(refusal(one_file("<url>file:///etc/passwd</url>")).find("no http or https"), std::string::npos);
  for (const char* size : {"-1", "", "1e3", "99999999999999999999", "18446744073709551615"})
    EXPECT_NE(refusal(one_file("<size>" + std::string(size) + "</size>" + url)).find("size"), std::string::npos);
  EXPECT_NE(refusal(one_file("<pieces type=\"sha-1\"/>" + url)).find("length"), std::string::npos);
}

TEST(MetalinkTest, WhatIsTooMuchIsRefused) {
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<x>";
  EXPECT_NE(refusal(one_file(deep)).find("deep"), std::string::npos);
  EXPECT_NE(refusal(one_file("<url>http://x/" + std::string(70'000, 'a') + "</url>")).find("too long"),
            std::string::npos);
  EXPECT_NE(refusal(std::string((16U << 20) + 1, ' ')).find("16 MiB"), std::string::npos);
}

}  // namespace
}  // namespace backhaul::cli
