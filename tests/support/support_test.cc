// SPDX-License-Identifier: Apache-2.0
// The fixtures themselves, as far as a mistake in them would let other tests pass.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/support/bad_server.h"
#include "tests/support/nginx.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {
namespace {

TEST(Content, AnyPieceIsThatPieceOfTheWhole) {
  const std::string whole = content(3, 1000);
  for (const std::size_t at : {0U, 1U, 7U, 8U, 333U}) {
    EXPECT_EQ(content(3, 100, at), whole.substr(at, 100));
  }
  EXPECT_NE(content(4, 1000), whole);
}

TEST(Behaviours, AreReadFromText) {
  const auto read = parse_behaviours("size=10 etag=%22a%20b%22 ranges=0 cut=3 | status=503");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->size(), 2U);
  EXPECT_EQ((*read)[0].size, 10U);
  EXPECT_EQ((*read)[0].etag, "\"a b\"");
  EXPECT_FALSE((*read)[0].ranges);
  EXPECT_EQ((*read)[0].cut, 3U);
  EXPECT_EQ((*read)[1].status, 503U);
  EXPECT_FALSE(parse_behaviours("sise=10"));
  EXPECT_FALSE(parse_behaviours("size=x"));
}

TEST(BadServer, IsGoodWhenNothingElseIsSaid) {
  BadServer server;
  const TempDir dir;
  server.on("/x", {.size = 100'000, .seed = 5});
  ASSERT_EQ(run_program({"curl", "-sf", "-r", "1000-", "-o", dir / "x", server.url("/x")}), 0);
  EXPECT_EQ(read_file(dir / "x"), content(5, 99'000, 1000));
  ASSERT_EQ(server.requests("/x").size(), 1U);
  EXPECT_EQ(server.requests("/x")[0].range_begin, 1000U);
}

TEST(BadServer, TakesCommandsOverHttp) {
  BadServer server;
  const TempDir dir;
  const std::string control = server.url("/_control");
  ASSERT_EQ(run_program({"curl", "-sf", "--data-binary", "set /y size=10 seed=1\nset /z foo=1\n",
                         "-o", dir / "said", control}),
            0);
  EXPECT_EQ(read_file(dir / "said"), "ok\nerror: not understood: foo=1\n");
  ASSERT_EQ(run_program({"curl", "-sf", "-o", dir / "y", server.url("/y")}), 0);
  EXPECT_EQ(read_file(dir / "y"), content(1, 10));
  ASSERT_EQ(run_program({"curl", "-sf", "-o", dir / "log", control + "/log"}), 0);
  EXPECT_EQ(read_file(dir / "log"), "2\tGET\t/y\t\t\n");
}

TEST(Process, EndsWithTheTestEvenIfThatIsKilled) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const pid_t test = fork();
  ASSERT_GE(test, 0);
  if (test == 0) {
    // The program holds the pipe open as long as it lives.
    const Process program({"tail", "-f", "/dev/null"}, {}, ends[1]);
    kill(getpid(), SIGKILL);
  }
  close(ends[1]);
  ASSERT_EQ(waitpid(test, nullptr, 0), test);
  pollfd all_gone{ends[0], POLLIN, 0};
  EXPECT_EQ(poll(&all_gone, 1, 60'000), 1);
  close(ends[0]);
}

TEST(Process, SeesEachNameOfItsEnvironmentOnce) {
  ASSERT_NE(getenv("PATH"), nullptr);
  const TempDir folder;
  Process program({"/usr/bin/env"}, {{"PATH", "/another"}}, -1, folder / "said");
  loop::Loop loop;
  ASSERT_TRUE(wait_until(loop, [&] { return !program.running(); }));
  const std::string said = "\n" + read_file(folder / "said");
  EXPECT_NE(said.find("\nPATH=/another\n"), std::string::npos) << said;
  EXPECT_EQ(said.find("\nPATH="), said.rfind("\nPATH=")) << said;
}

TEST(Nginx, ServesFilesAndTellsWhatItServed) {
  if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
  Nginx nginx;
  const TempDir dir;
  nginx.put("/a/b", "hello");
  ASSERT_EQ(run_program({"curl", "-sf", "-r", "1-", "-o", dir / "b", nginx.url("/a/b")}), 0);
  EXPECT_EQ(read_file(dir / "b"), "ello");
  nginx.stop();  // what it has to write is written then
  ASSERT_EQ(nginx.requests().size(), 1U);
  EXPECT_EQ(nginx.requests()[0].status, 206U);
  EXPECT_EQ(nginx.requests()[0].range, "bytes=1-");
}

TEST(Nginx, SpeaksTlsWithACertificateOfTheTest) {
  if (!Nginx::available()) GTEST_SKIP() << "SKIPPED: nginx is not installed";
  TestCa ca;
  Nginx nginx({.tls = ca.issue()});
  nginx.put("/x", "hello");
  EXPECT_EQ(run_program({"curl", "-sf", "--cacert", ca.ca_file(), "-o", "/dev/null",
                         nginx.url("/x")}),
            0);
  EXPECT_EQ(run_program({"curl", "-sf", "-o", "/dev/null", nginx.url("/x")}), 60);
}

}  // namespace
}  // namespace backhaul::test
