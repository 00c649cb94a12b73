// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/redirect.h"

#include <gtest/gtest.h>

namespace backhaul::curl {
namespace {

std::string next(const std::string& from, const std::string& location) {
  auto result = follow(from, location);
  return result ? *result : "refused: " + base::symbol(result.error().code);
}

constexpr auto refused = "refused: WINHTTP_REDIRECT_FAILED";

TEST(Redirect, ResolvesWhatServersWrite) {
  EXPECT_EQ(next("http://a.example/x/y?q", "z"), "http://a.example/x/z");
  EXPECT_EQ(next("http://a.example/x/y", "/z?r=1"), "http://a.example/z?r=1");
  EXPECT_EQ(next("http://a.example/x", "//b.example/z"), "http://b.example/z");
  EXPECT_EQ(next("http://a.example/x", "http://b.example:8080/z"), "http://b.example:8080/z");
  EXPECT_EQ(next("http://a.example/x", "/with blank"), "http://a.example/with%20blank");
}

TEST(Redirect, LeadsFromHttpToHttpsAndBack) {
  EXPECT_EQ(next("http://a.example/x", "https://a.example/x"), "https://a.example/x");
  EXPECT_EQ(next("https://u:p@a.example/x", "http://a.example/x"), "http://a.example/x");
  EXPECT_EQ(next("https://a.example/x", "HTTP://b.example/x"), "http://b.example/x");
}

TEST(Redirect, LeadsToNoOtherProtocol) {
  EXPECT_EQ(next("http://a.example/x", "ftp://a.example/x"), refused);
  EXPECT_EQ(next("http://a.example/x", "file:///etc/passwd"), refused);
  EXPECT_EQ(next("http://a.example/x", "smb://a.example/x"), refused);
  EXPECT_EQ(next("http://a.example/x", "http://"), refused);
}

TEST(Redirect, CredentialsStayWithTheirServer) {
  EXPECT_EQ(next("http://u:p@a.example/x", "/y"), "http://u:p@a.example/y");
  EXPECT_EQ(next("http://u:p@a.example/x", "http://a.example/y"), "http://u:p@a.example/y");
  EXPECT_EQ(next("http://u:p@a.example/x", "http://a.example:80/y"), "http://u:p@a.example:80/y");
  EXPECT_EQ(next("http://u:p@a.example/x", "http://b.example/y"), "http://b.example/y");
  EXPECT_EQ(next("http://u:p@a.example/x", "http://a.example:81/y"), "http://a.example:81/y");
  EXPECT_EQ(next("http://u:p@a.example/x", "//b.example/y"), "http://b.example/y");
  EXPECT_EQ(next("http://u:p@a.example/x", "https://a.example/y"), "https://a.example/y");
  EXPECT_EQ(next("http://a.example/x", "http://v:q@b.example/y"), "http://b.example/y");
  EXPECT_EQ(next("http://u:p@a.example/x", "http://v:q@a.example/y"), "http://v:q@a.example/y");
}

}  // namespace
}  // namespace backhaul::curl
