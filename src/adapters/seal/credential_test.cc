// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/credential.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "adapters/seal/sealer.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::seal {
namespace {

class CredentialTest : public testing::Test {
 protected:
  CredentialTest() {
    std::filesystem::create_directory(given_);
    std::filesystem::create_directory(state_);
  }

  static std::string random_bytes(char seed) {
    std::string bytes;
    for (std::size_t i = 0; i < key_size; ++i) bytes += static_cast<char>(seed + 7 * i);
    return bytes;
  }
  void give(const std::string& bytes) { test::write_file(given_ + "/backhaul.key", bytes); }
  void take_away() { std::filesystem::remove(given_ + "/backhaul.key"); }
  // As the service does when it begins.
  KeySealer sealer(bool may_have_key = true) { return {key_path_, log_, Credential(given_.c_str(), may_have_key, log_)}; }
  std::string key() const { return test::read_file(key_path_); }
  bool key_is_sealed() const { return key().starts_with("credential:"); }

  static core::SecretPlace place() { return {.job = {}, .slot = core::SecretSlot::headers}; }
  static base::Code code_of_opening(KeySealer& by, const std::string& sealed) {
    const auto opened = by.open(place(), sealed);
    return opened ? base::Code::S_OK : opened.error().code;
  }

  test::TempDir folder_;
  test::RecordingLog log_;
  const std::string given_ = folder_ / "credentials";
  const std::string state_ = folder_ / "state";
  const std::string key_path_ = state_ + "/queue.key";
};

TEST_F(CredentialTest, ANewKeyIsSealedByItBeforeItLiesAnywhere) {
  give(random_bytes(1));
  KeySealer first = sealer();
  const std::string sealed(first.seal(place(), base::Secret("s")).value());
  EXPECT_TRUE(key_is_sealed());
  EXPECT_EQ(first.key_in_file(), nullptr);
  EXPECT_FALSE(std::filesystem::exists(key_path_ + ".new"));
  EXPECT_EQ(key().find(random_bytes(1)), std::string::npos);
  KeySealer later = sealer();
  EXPECT_EQ(later.open(place(), sealed).value().reveal(), "s");
  EXPECT_TRUE(later.has_key());
  EXPECT_EQ(log_.text(), "");
}

TEST_F(CredentialTest, AKeyOfBeforeIsSealedAndOverwrittenWhereItLay) {
  KeySealer before(key_path_, log_);
  const std::string sealed(before.seal(place(), base::Secret("s")).value());
  const std::string bytes = key();
  const std::string same_place = folder_ / "link";
  ASSERT_EQ(link(key_path_.c_str(), same_place.c_str()), 0);

  give(random_bytes(1));
  KeySealer first = sealer();
  EXPECT_TRUE(first.kept_elsewhere()) << "when the service begins, whether it needs the key or not";
  EXPECT_TRUE(key_is_sealed());
  EXPECT_EQ(test::read_file(same_place), std::string(key_size, '\0'));
  EXPECT_NE(log_.text().find("is sealed by the credential backhaul.key now"), std::string::npos);
  EXPECT_EQ(first.open(place(), sealed).value().reveal(), "s");
  KeySealer later = sealer();
  EXPECT_EQ(later.open(place(), sealed).value().reveal(), "s");
}

TEST_F(CredentialTest, WhereItIsGoneOrAnotherOneTheKeyIsNotAtHandAndNothingIsLost) {
  give(random_bytes(1));
  const std::string sealed(sealer().seal(place(), base::Secret("s")).value());
  const std::string kept = key();
  for (const bool another : {false, true}) {
    if (another)
      give(random_bytes(2));
    else
      take_away();
    KeySealer without = sealer();
    const auto opened = without.open(place(), sealed);
    EXPECT_EQ(opened.error().code, base::Code::NOT_LOGGED_ON);
    EXPECT_NE(opened.error().text.find("the credential backhaul.key"), std::string::npos) << opened.error().text;
    EXPECT_EQ(without.seal(place(), base::Secret("s")).error().code, base::Code::NOT_LOGGED_ON);
    EXPECT_EQ(key(), kept);
    EXPECT_NE(log_.text().find("Jobs with secrets wait for the credential backhaul.key"), std::string::npos);
  }
  give(random_bytes(1));
  KeySealer again = sealer();
  EXPECT_EQ(again.open(place(), sealed).value().reveal(), "s");
}

TEST_F(CredentialTest, WhatIsNoKeySealsNothingAndOpensWhatWasSealedBefore) {
  const std::string sealed(KeySealer(key_path_, log_).seal(place(), base::Secret("s")).value());
  const std::string bytes = key();
  const std::vector<std::string> no_keys{"", random_bytes(1).substr(1), random_bytes(1) + "\n", std::string(key_size, '\0'),
                                         "correct horse battery staple ok\n"};
  for (const std::string& no_key : no_keys) {
    give(no_key);
    test::RecordingLog log;
    KeySealer refusing(key_path_, log, Credential(given_.c_str(), true, log));
    const std::string said = log.text();
    EXPECT_NE(said.find("The credential backhaul.key is no key"), std::string::npos) << no_key.size();
    EXPECT_EQ(said.find('\n'), said.size() - 1) << "one line: " << said;
    const auto refused = refusing.seal(place(), base::Secret("s"));
    EXPECT_EQ(refused.error().code, base::Code::NOT_LOGGED_ON);
    EXPECT_NE(refused.error().text.find("the credential backhaul.key"), std::string::npos) << refused.error().text;
    EXPECT_EQ(code_of_opening(refusing, sealed), base::Code::S_OK);
    EXPECT_EQ(key(), bytes);
  }
  // Without a key there is none that would lie in its file as it is.
  std::filesystem::remove(key_path_);
  KeySealer refusing = sealer();
  EXPECT_EQ(refusing.seal(place(), base::Secret("s")).error().code, base::Code::NOT_LOGGED_ON);
  EXPECT_EQ(code_of_opening(refusing, sealed), base::Code::NOT_LOGGED_ON);
  EXPECT_FALSE(std::filesystem::exists(key_path_));
}

TEST_F(CredentialTest, WhatIsNoFileIsNoKeyEither) {
  std::filesystem::create_directory(given_ + "/backhaul.key");
  EXPECT_TRUE(Credential(given_.c_str(), true, log_).is_unusable());
}

TEST_F(CredentialTest, WhereTheSettingsWantNoneTheKeyComesBackIntoItsFile) {
  give(random_bytes(1));
  const std::string sealed(sealer().seal(place(), base::Secret("s")).value());
  KeySealer unwanted = sealer(false);
  EXPECT_EQ(unwanted.open(place(), sealed).value().reveal(), "s");
  EXPECT_EQ(key().size(), key_size);
  EXPECT_NE(log_.text().find("SystemdCreds = no"), std::string::npos);
  take_away();
  KeySealer without = sealer(false);
  EXPECT_EQ(without.open(place(), sealed).value().reveal(), "s");
  // One that nobody wants refuses nothing.
  give("short");
  KeySealer other = sealer(false);
  EXPECT_TRUE(other.seal(place(), base::Secret("s")));
  EXPECT_EQ(key().size(), key_size);
}

TEST_F(CredentialTest, WhereNobodyMadeOneAllIsAsWithoutIt) {
  for (const char* folder : {static_cast<const char*>(nullptr), "", given_.c_str(), key_path_.c_str()}) {
    const Credential none(folder, true, log_);
    EXPECT_FALSE(none.seals());
    EXPECT_FALSE(none.is_unusable());
  }
  KeySealer without = sealer();
  EXPECT_TRUE(without.seal(place(), base::Secret("s")));
  EXPECT_EQ(key().size(), key_size);
  EXPECT_EQ(log_.text(), "");
}

}  // namespace
}  // namespace backhaul::seal
