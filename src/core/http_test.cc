// SPDX-License-Identifier: Apache-2.0
#include "core/http.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace backhaul::core {
namespace {

ResponseHead parse(std::initializer_list<std::string_view> lines) {
  HeadParser parser;
  for (auto line : lines) parser.line(line);
  return parser.head();
}

TEST(Boundary, IsThatOfAMultipartType) {
  const auto of = [](const std::string& type) {
    HeadParser parser;
    parser.line("HTTP/1.1 206 x");
    parser.line("Content-Type: " + type);
    return parser.head().boundary;
  };
  EXPECT_EQ(of("multipart/byteranges; boundary=abc"), "abc");
  EXPECT_EQ(of("Multipart/ByteRanges;a=\"x;boundary=y\"; BOUNDARY = \"a b:c\" ; z=1"), "a b:c");
  EXPECT_EQ(of("multipart/byteranges;flag;boundary=abc"), "abc");
  for (const char* none : {"text/plain; boundary=abc", "multipart/byteranges", "multipart/byteranges; boundary=",
                           "multipart/byteranges; boundary=\"a\\\"b\"", "multipart/byteranges; boundary=\"a \"",
                           "multipart/byteranges; boundary=a\x01"})
    EXPECT_EQ(of(none), "") << none;
  EXPECT_EQ(of("multipart/byteranges; boundary=" + std::string(71, 'x')), "");
}

TEST(HeadParser, TheLengthThatStandsForNotKnownIsNoLength) {
  HeadParser parser;
  parser.line("HTTP/1.1 200 OK");
  parser.line("Content-Length: 18446744073709551615");
  EXPECT_TRUE(parser.head().content_length_malformed);
}

TEST(HeadParser, ReadsTheFieldsWeDecideBy) {
  const auto head = parse({"HTTP/1.1 206 Partial Content\r\n", "Content-Length: 50\r\n",
                           "Content-Range: bytes 50-99/100\r\n", "ETag:\"abc\"\r\n",
                           "Last-Modified:  Sun, 06 Nov 1994 08:49:37 GMT \r\n",
                           "Accept-Ranges: bytes\r\n", "\r\n"});
  EXPECT_EQ(head.status, 206U);
  EXPECT_EQ(head.version_major, 1U);
  EXPECT_EQ(head.version_minor, 1U);
  EXPECT_EQ(head.content_length, 50U);
  EXPECT_EQ(head.content_range, (ContentRange{50, 99, 100}));
  EXPECT_EQ(head.etag, "\"abc\"");
  EXPECT_EQ(head.last_modified, "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_TRUE(head.accept_ranges);
  EXPECT_FALSE(head.refuses_ranges);
  EXPECT_FALSE(head.chunked);
  EXPECT_TRUE(head.content_encoding.empty());
}

TEST(HeadParser, NamesCompareWithoutCase) {
  const auto head = parse({"HTTP/2 200 ", "content-length: 7", "CONTENT-ENCODING: GZip",
                           "transfer-ENCODING: Chunked", "accept-ranges: None"});
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.version_major, 2U);
  EXPECT_EQ(head.content_length, 7U);
  EXPECT_EQ(head.content_encoding, "gzip");
  EXPECT_TRUE(head.chunked);
  EXPECT_TRUE(head.refuses_ranges);
}

TEST(HeadParser, ChunkedIsAFrameAndEveryOtherTransferCodingIsOne) {
  const auto coding = [](const std::string& value) {
    return parse({"HTTP/1.1 200 OK", "Transfer-Encoding: " + value}).transfer_coding;
  };
  EXPECT_EQ(coding("chunked"), "");
  EXPECT_EQ(coding("identity"), "");
  EXPECT_EQ(coding("GZip, chunked"), "gzip");
  EXPECT_EQ(coding("deflate, gzip"), "deflate, gzip");
  EXPECT_TRUE(parse({"HTTP/1.1 200 OK", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked"}).chunked);
}

TEST(HeadParser, AStatusLineBeginsAnew) {
  const auto head = parse({"HTTP/1.1 302 Found", "ETag: \"old\"", "Content-Length: 3", "",
                           "HTTP/1.1 200 OK", "Content-Length: 9"});
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.content_length, 9U);
  EXPECT_TRUE(head.etag.empty());
}

TEST(HeadParser, ALengthToldTwiceIsFineTwoLengthsAreNot) {
  EXPECT_FALSE(parse({"HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 5"})
                   .content_length_malformed);
  EXPECT_FALSE(parse({"HTTP/1.1 200 OK", "Content-Length: 5, 5"}).content_length_malformed);
  for (const char* line : {"Content-Length: 5, 6", "Content-Length: -5", "Content-Length: x",
                           "Content-Length: 5x", "Content-Length:", "Content-Length: +5",
                           "Content-Length: 18446744073709551616"})
    EXPECT_TRUE(parse({"HTTP/1.1 200 OK", line}).content_length_malformed) << line;
}

TEST(HeadParser, IdentityIsNoEncoding) {
  EXPECT_EQ(parse({"HTTP/1.1 200 OK", "Content-Encoding: identity"}).content_encoding, "");
  EXPECT_EQ(parse({"HTTP/1.1 200 OK", "Content-Encoding: Identity, br"}).content_encoding, "br");
  EXPECT_EQ(parse({"HTTP/1.1 200 OK", "Content-Encoding: gzip", "Content-Encoding: br"})
                .content_encoding,
            "gzip, br");
}

TEST(HeadParser, LinesThatSayNothingArePassedOver) {
  const auto head = parse({"HTTP/1.1 200 OK", "", ":", ": x", "nothing", " ETag: \"folded\"",
                           "\tContent-Length: 4", "HTTP/1.1", "HTTP/x.y 500 no", "\r\n"});
  EXPECT_EQ(head.status, 200U);
  EXPECT_TRUE(head.etag.empty());
  EXPECT_FALSE(head.content_length);
}

TEST(HeadParser, AnyBytesAreSurvived) {
  base::Prng random(3);
  HeadParser parser;
  constexpr std::string_view pieces[] = {"HTTP/", "1.1", " ", "206", ":", "Content-Range", "bytes",
                                         "-", "/", "*", "9", "Content-Length", "\r\n", "\xFF", ","};
  for (int i = 0; i < 20'000; ++i) {
    std::string line;
    for (auto n = random.below(8); n > 0; --n) line += pieces[random.below(std::size(pieces))];
    parser.line(line);
  }
}

TEST(ContentRange, Forms) {
  EXPECT_EQ(parse_content_range("bytes 0-99/100"), (ContentRange{0, 99, 100}));
  EXPECT_EQ(parse_content_range("BYTES  5-5/*"), (ContentRange{5, 5, {}}));
  EXPECT_EQ(parse_content_range("bytes */7"), (ContentRange{{}, {}, 7}));
  for (const char* text :
       {"", "bytes", "bytes ", "bytes 1-2", "bytes */*", "bytes 5-4/10", "bytes 0-10/10",
        "lines 0-1/2", "bytes=0-1/2", "bytes -1/2", "bytes 1-/2", "bytes 0-1/", "bytes 0-1/2x",
        "bytes 0-18446744073709551616/18446744073709551617", "bytes a-b/c", "bytes 0 -1/2"})
    EXPECT_FALSE(parse_content_range(text)) << text;
}

TEST(Etag, OnlyQuotedOnesWithoutPrefixAreStrong) {
  EXPECT_TRUE(is_strong_etag("\"a\""));
  EXPECT_TRUE(is_strong_etag("\"\""));
  for (const char* text : {"", "\"", "W/\"a\"", "a", "\"a", "a\"", "\"a\"b\"", "w/\"a\""})
    EXPECT_FALSE(is_strong_etag(text)) << text;
}

TEST(HttpDate, TheThreeFormsNameTheSameSecond) {
  const auto expected = base::WallTime(std::chrono::seconds(784'111'777));
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994"), expected);
}

TEST(HttpDate, TwoDigitYearsAreWithinAFixedWindow) {
  EXPECT_EQ(parse_http_date("Friday, 01-Jan-70 00:00:00 GMT"), base::WallTime{});
  EXPECT_EQ(parse_http_date("Friday, 01-Jan-69 00:00:00 GMT"),
            parse_http_date("Fri, 01 Jan 2069 00:00:00 GMT"));
}

TEST(HttpDate, WhatIsNoDateIsNone) {
  for (const char* text :
       {"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 00 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "Sun, 06 nov 1994 08:49:37 GMT"})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

TEST(Url, HostWithoutWhatIsAroundIt) {
  EXPECT_EQ(url_host("http://Example.ORG"), "example.org");
  EXPECT_EQ(url_host("HTTPS://user:pw@example.org:8443/a?b#c"), "example.org");
  EXPECT_EQ(url_host("http://example.org?x@y"), "example.org");
  EXPECT_EQ(url_host("http://example.org/@z"), "example.org");
  EXPECT_EQ(url_host("http://[2001:DB8::1]:80/"), "2001:db8::1");
  EXPECT_EQ(url_host("http://10.0.0.1:"), "10.0.0.1");
}

TEST(Url, WhatCanBeReadTwoWaysHasNoHost) {
  for (const char* url :
       {"", "http", "http:", "http:/x", "http://", "http:///x", "ftp://example.org",
        "//example.org",
        "http://a@b@c/", "http://a\\@b/", "http://a:99999/", "http://a:0/", "http://a:x/",
        "http://[::1/", "http://[::1]x/", "http://[foo]/", "http://a b/", "http://.a/",
        "http://a..b/",
        "http://a:80:80/", "http://ex%61mple/"})
    EXPECT_EQ(url_host(url), "") << url;
}

TEST(Url, Scheme) {
  EXPECT_EQ(url_scheme("HTTPS://x"), "https");
  EXPECT_EQ(url_scheme("file:///x"), "file");
  EXPECT_EQ(url_scheme("/abs"), "");
  EXPECT_EQ(url_scheme("1a://x"), "");
  EXPECT_EQ(url_scheme("a b://x"), "");
}

TEST(Url, LoopbackIsWhatNeedsNoNetwork) {
  for (const char* host : {"localhost", "LOCALHOST", "a.localhost", "localhost.", "127.0.0.1",
                           "127.255.0.9", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1"})
    EXPECT_TRUE(is_loopback_host(host)) << host;
  for (const char* host : {"", "example.org", "notlocalhost", "localhost.example.org", "128.0.0.1",
                           "127.0.0.1.example.org", "127.0.0", "127.0.0.256", "::2", "::",
                           "::ffff:10.0.0.1", "127.0.0.1.2"})
    EXPECT_FALSE(is_loopback_host(host)) << host;
}

TEST(RetryAfter, SecondsOrADateReadByTheClockOfTheServerAtMostADay) {
  const base::WallTime now = *parse_http_date("Mon, 07 Nov 1994 08:49:37 GMT");
  using std::chrono::hours;
  using std::chrono::seconds;
  EXPECT_EQ(parse_retry_after("120", "", now), seconds(120));
  EXPECT_EQ(parse_retry_after("0", "", now), seconds(0));
  EXPECT_EQ(parse_retry_after("99999999999999999999", "", now), hours(24));
  EXPECT_EQ(parse_retry_after("90000", "", now), hours(24));
  EXPECT_EQ(parse_retry_after("Mon, 07 Nov 1994 08:50:37 GMT", "", now), seconds(60));
  EXPECT_EQ(parse_retry_after("Mon, 07 Nov 1994 08:50:37 GMT", "Mon, 07 Nov 1994 08:50:27 GMT", now),
            seconds(10));
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", "", now), seconds(0));
  EXPECT_FALSE(parse_retry_after("soon", "", now));
  EXPECT_FALSE(parse_retry_after("-5", "", now));
  EXPECT_FALSE(parse_retry_after("", "", now));
}

}  // namespace
}  // namespace backhaul::core
