// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/sealer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::seal {
namespace {

class SealerTest : public testing::Test {
 protected:
  static core::SecretPlace place(unsigned char job, core::SecretSlot slot = core::SecretSlot::headers) {
    core::SecretPlace place{.job = {}, .slot = slot};
    place.job.bytes.back() = job;
    return place;
  }
  std::string key() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  test::TempDir folder_;
  test::RecordingLog log_;
  const std::string path_ = folder_ / "queue.key";
};

TEST_F(SealerTest, WhatIsSealedOpensAgainAndShowsNothing) {
  const base::Secret secret("correct horse battery staple");
  KeySealer sealer(path_, log_);
  const auto sealed = sealer.seal(place(1), secret);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->view().find("horse"), std::string_view::npos);
  EXPECT_EQ(sealer.open(place(1), *sealed).value().reveal(), secret.reveal());
  EXPECT_NE(sealer.seal(place(1), secret).value(), *sealed) << "equal secrets do not look equal";
  // A later process, and the empty one.
  KeySealer later(path_, log_);
  EXPECT_EQ(later.open(place(1), *sealed).value().reveal(), secret.reveal());
  EXPECT_TRUE(later.open(place(1), later.seal(place(1), {}).value()).value().empty());
}

TEST_F(SealerTest, ItOpensOnlyAtItsPlaceWithItsKeyAndUnchanged) {
  KeySealer sealer(path_, log_);
  const std::string sealed(sealer.seal(place(1), base::Secret("st")).value());  // without padding
  const auto code = [&](KeySealer& by, const core::SecretPlace& at, const std::string& text) {
    const auto opened = by.open(at, text);
    return opened ? base::Code::S_OK : opened.error().code;
  };
  EXPECT_EQ(code(sealer, place(1), sealed), base::Code::S_OK);
  EXPECT_EQ(code(sealer, place(2), sealed), base::Code::BG_E_DATABASE_CORRUPT);
  EXPECT_EQ(code(sealer, place(1, core::SecretSlot::first_credentials), sealed),
            base::Code::BG_E_DATABASE_CORRUPT);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(code(sealer, place(1), changed), base::Code::BG_E_DATABASE_CORRUPT) << i;
  }
  for (const std::string& cut : {std::string(), std::string("1:"), sealed.substr(0, 6), sealed.substr(1)})
    EXPECT_EQ(code(sealer, place(1), cut), base::Code::BG_E_DATABASE_CORRUPT) << cut;
  KeySealer other(folder_ / "other.key", log_);
  EXPECT_EQ(code(other, place(1), sealed), base::Code::BG_E_DATABASE_CORRUPT);
}

TEST_F(SealerTest, TheKeyIsAFileOfItsUserAlone) {
  KeySealer sealer(path_, log_);
  EXPECT_FALSE(std::filesystem::exists(path_)) << "nobody needed it yet";
  const std::string sealed(sealer.seal(place(1), base::Secret("s")).value());
  struct stat info {};
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_EQ(key().size(), key_size);
  EXPECT_EQ(log_.text(), "");
  // Somebody was too generous.
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  KeySealer later(path_, log_);
  EXPECT_TRUE(later.open(place(1), sealed));
  ASSERT_EQ(stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777, 0600U);
  EXPECT_NE(log_.text(), "");
}

TEST_F(SealerTest, AKeyThatMovedIsNotInItsFileAnyMore) {
  KeySealer sealer(path_, log_);
  const std::string sealed(sealer.seal(place(1), base::Secret("s")).value());
  const std::string bytes = key();
  int told = 0;
  sealer.on_key_in_file([&] { ++told; });
  EXPECT_EQ(told, 1);
  const KeptElsewhere there{KeptElsewhere::By::keyring, "0123"};
  ASSERT_TRUE(sealer.moved(there));
  EXPECT_EQ(key(), "keyring:0123\n");
  EXPECT_EQ(sealer.key_in_file(), nullptr);
  EXPECT_TRUE(sealer.open(place(1), sealed)) << "whoever has it goes on";

  KeySealer later(path_, log_);
  EXPECT_EQ(later.kept_elsewhere(), there);
  EXPECT_FALSE(later.has_key());
  EXPECT_EQ(later.open(place(1), sealed).error().code, base::Code::NOT_LOGGED_ON);
  EXPECT_EQ(later.seal(place(1), base::Secret("s")).error().code, base::Code::NOT_LOGGED_ON);
  later.give_key(KeyView(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  EXPECT_EQ(later.open(place(1), sealed).value().reveal(), "s");
  EXPECT_EQ(key(), "keyring:0123\n");
}

TEST_F(SealerTest, AKeyThatWasSealedLiesInItsFileAsThat) {
  KeySealer sealer(path_, log_);
  const std::string sealed(sealer.seal(place(1), base::Secret("s")).value());
  const std::string bytes = key();
  const KeptElsewhere there{KeptElsewhere::By::systemd, std::string(3000, 'A') + "\nBB=="};
  ASSERT_TRUE(sealer.moved(there));
  EXPECT_EQ(key(), "systemd-creds:" + there.text + "\n");
  KeySealer later(path_, log_);
  EXPECT_EQ(later.kept_elsewhere(), there);
  const auto opened = later.open(place(1), sealed);
  EXPECT_EQ(opened.error().code, base::Code::NOT_LOGGED_ON);
  EXPECT_NE(opened.error().text.find("systemd-creds"), std::string::npos);
  later.give_key(KeyView(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
  EXPECT_EQ(later.open(place(1), sealed).value().reveal(), "s");
  ASSERT_TRUE(later.came_back());
  EXPECT_EQ(key(), bytes);
  EXPECT_EQ(later.kept_elsewhere(), std::nullopt);
  EXPECT_FALSE(sealer.moved({KeptElsewhere::By::systemd, std::string(70'000, 'A')})) << "more than it would read";
  EXPECT_EQ(key(), bytes);
}

TEST_F(SealerTest, WhatIsNoKeyIsSetAsideAndAnotherOneIsMade) {
  std::ofstream(path_) << "short";
  KeySealer sealer(path_, log_);
  EXPECT_TRUE(sealer.seal(place(1), base::Secret("s")));
  EXPECT_EQ(key().size(), key_size);
  EXPECT_TRUE(std::filesystem::exists(path_ + ".set-aside"));
  EXPECT_NE(log_.text(), "");
}

TEST_F(SealerTest, WithoutAKeyNothingIsSealed) {
  KeySealer sealer(folder_ / "missing/queue.key", log_);
  EXPECT_FALSE(sealer.seal(place(1), base::Secret("s")));
}

}  // namespace
}  // namespace backhaul::seal
