// SPDX-License-Identifier: Apache-2.0
// Signatures of parts, made and verified by the programs of the distribution, and what their verifier may
// not do.
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "adapters/posix/confine.h"
#include "adapters/posix/signature_check.h"
#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {
namespace {

using core::SignatureKind;

class SignatureTest : public FilesTest {
 protected:
  void SetUp() override {
    std::ofstream(keys_ / "abc") << "abc";
    setenv("GNUPGHOME", (keys_ / "gnupg").c_str(), 1);
    std::filesystem::create_directory(keys_ / "gnupg");
    std::filesystem::permissions(keys_ / "gnupg", std::filesystem::perms::owner_all);
  }
  void TearDown() override {
    if (!std::filesystem::is_empty(keys_ / "gnupg")) run("gpgconf --kill all");
    unsetenv("GNUPGHOME");
  }
  bool run(const std::string& command) const {
    return std::system(("cd " + (keys_ / ".") + " && (" + command + ") >/dev/null 2>&1").c_str()) == 0;
  }
  std::string made(const char* name) const { return content(keys_ / name); }

  // Of the file "abc", by a key of this test.
  core::Signature by_minisign() {
    EXPECT_TRUE(run("minisign -G -W -p key.pub -s key.sec && minisign -S -s key.sec -m abc -x abc.sig"));
    core::File file;
    file.rare.edit().expected = core::Expected{.pieces = {}, .signature = made("abc.sig"), .key = made("key.pub")};
    EXPECT_TRUE(core::judge_signature(made("abc.sig"), made("key.pub")));
    return *core::signature_of(file);
  }
  core::Signature by_gpg() {
    EXPECT_TRUE(run("gpg --batch --passphrase '' --quick-generate-key tester ed25519 sign never && "
                    "gpg --batch --armor --detach-sign --output abc.asc abc && "
                    "gpg --batch --armor --export --output key.asc tester"));
    return {SignatureKind::openpgp, made("abc.asc"), made("key.asc")};
  }
  void store(std::string_view text) {
    ports::Sink* sink = open(request(1));
    ASSERT_NE(sink, nullptr);
    write(*sink, text);
    sink->end_of_data();
    ASSERT_TRUE(answer<ports::PartStored>().final);
  }
  std::string verdict(const core::Signature& signature) {
    files().digest(base::TransferId{1}, {.signature = signature});
    return answer<ports::PartDigested>().forged;
  }

  test::TempDir keys_;
};

TEST_F(SignatureTest, OfMinisignHoldsForWhatWasSignedAlone) {
  if (verifier_of(SignatureKind::minisign).empty()) GTEST_SKIP() << "minisign is not installed";
  core::Signature signature = by_minisign();
  store("abc");
  EXPECT_EQ(verdict(signature), "");
  signature.signature[signature.signature.find("trusted comment: ", 20) + 18] ^= 1;
  EXPECT_NE(verdict(signature), "") << "its comment is signed as well";
}

TEST_F(SignatureTest, OfMinisignDeniesOtherBytes) {
  if (verifier_of(SignatureKind::minisign).empty()) GTEST_SKIP() << "minisign is not installed";
  const core::Signature signature = by_minisign();
  store("abd");
  EXPECT_EQ(verdict(signature), "minisign denies it") << "it says nothing where it is told to be quiet";
}

TEST_F(SignatureTest, OfOpenPgpHoldsForWhatWasSignedAlone) {
  if (verifier_of(SignatureKind::openpgp).empty() || !run("gpg --version"))
    GTEST_SKIP() << "gpgv, or gpg for the key, is not installed";
  const core::Signature signature = by_gpg();
  store("abc");
  EXPECT_EQ(verdict(signature), "");
  core::Signature other = signature;
  ASSERT_TRUE(run("gpg --batch --passphrase '' --quick-generate-key other ed25519 sign never && "
                  "gpg --batch --armor --export --output other.asc other"));
  other.key = made("other.asc");
  EXPECT_NE(verdict(other), "") << "another key";
}

TEST_F(SignatureTest, OfOpenPgpDeniesOtherBytes) {
  if (verifier_of(SignatureKind::openpgp).empty() || !run("gpg --version"))
    GTEST_SKIP() << "gpgv, or gpg for the key, is not installed";
  const core::Signature signature = by_gpg();
  store("abd");
  EXPECT_NE(verdict(signature), "");
}

// Where there is no gpgv, as on newer systems. It says by its exit code that the key is good as well.
TEST_F(SignatureTest, OfOpenPgpIsVerifiedBySqvWhereThatIsWhatIsThere) {
  const std::string sqv = "/usr/bin/sqv";
  if (!exists(sqv) || !run("gpg --version")) GTEST_SKIP() << "sqv, or gpg for the key, is not installed";
  const core::Signature signature = by_gpg();
  const auto says = [&](const core::Signature& of, const std::string& bytes) {
    const int file = memfd_create("abc", MFD_CLOEXEC);
    EXPECT_EQ(::write(file, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
    const std::atomic<bool> stopped = false;
    const auto said = check_signature_by(sqv, of, file, stopped);
    ::close(file);
    return said ? *said : said.error().text;
  };
  EXPECT_EQ(says(signature, "abc"), "");
  EXPECT_NE(says(signature, "abd").find("sqv says: "), std::string::npos);
  core::Signature other = signature;
  ASSERT_TRUE(run("gpg --batch --passphrase '' --quick-generate-key other ed25519 sign never && "
                  "gpg --batch --armor --export --output other.asc other"));
  other.key = made("other.asc");
  EXPECT_NE(says(other, "abc"), "") << "another key";
  ASSERT_TRUE(run("K=$(gpg --list-keys --with-colons tester | grep -m1 ^fpr | cut -d: -f10) && "
                  "sed 's/^:---/---/' gnupg/openpgp-revocs.d/$K.rev | gpg --batch --yes --import && "
                  "gpg --batch --yes --armor --export --output key.asc tester"));
  core::Signature revoked = signature;
  revoked.key = made("key.asc");
  EXPECT_NE(revoked.key, signature.key);
  EXPECT_NE(says(revoked, "abc"), "") << "its key was revoked";
}

TEST_F(SignatureTest, WhatIsNoSignatureIsNoVerdictForIt) {
  if (verifier_of(SignatureKind::openpgp).empty()) GTEST_SKIP() << "gpgv is not installed";
  store("abc");
  EXPECT_NE(verdict({SignatureKind::openpgp, "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n",
                     "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"}),
            "");
}

// --- the process that verifies -------------------------------------------------------------------

// In a process that gave everything up: 0, or the number of the first thing that it could do all the same.
int could_do(const std::string& writable) {
  const pid_t pid = fork();
  if (pid == 0) {
    if (!confine()) _exit(100);
    if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0) _exit(1);
    const int fd = ::open(writable.c_str(), O_WRONLY);
    if (fd >= 0 && write(fd, "x", 1) == 1) _exit(2);
    const bool has_landlock =
        syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
    if (::open((writable + "-new").c_str(), O_WRONLY | O_CREAT, 0600) >= 0 && has_landlock) _exit(3);
    if (::open(writable.c_str(), O_RDONLY) < 0) _exit(4);
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 200;
}

TEST_F(SignatureTest, HasNoNetworkAndWritesNothing) {
  const std::string file = keys_ / "abc";
  EXPECT_EQ(could_do(file), 0);
  EXPECT_EQ(content(file), "abc");
}

}  // namespace
}  // namespace backhaul::posix
