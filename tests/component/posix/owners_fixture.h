// SPDX-License-Identifier: Apache-2.0
// Files of several accounts, by a service that is none of them and has no rights of its own: launcher and helpers are
// real processes, and so are the uids. The accounts, and a /tmp that everybody may write to, are those of a mount
// namespace of this process. Needs root.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/posix/helper_access.h"
#include "adapters/posix/helper_launcher.h"
#include "tests/component/posix/files_fixture.h"

namespace backhaul::posix {

inline constexpr uid_t service_uid = 70000;
inline constexpr uid_t alice = 70001;  // umask 027; in the group "team" as well
inline constexpr uid_t bob = 70002;
inline constexpr uid_t nobody_here = 70009;  // has no account
inline constexpr gid_t team = 70010;

// While it lives the thread, and all others, have the rights of root or of a user; then those of before.
class As {
 public:
  explicit As(uid_t uid);
  ~As();
  As(const As&) = delete;
  As& operator=(const As&) = delete;

 private:
  const uid_t before_ = geteuid();
};

class OwnersTest : public FilesTest {
 protected:
  static void SetUpTestSuite();
  void SetUp() override;
  void TearDown() override;

  // Below the /tmp of the test.
  std::string path(const std::string& name) const { return "/tmp/" + name; }
  void make_directory(const std::string& name, uid_t owner, gid_t group, mode_t mode);
  ports::OpenPart request_of(uid_t owner, std::uint64_t transfer, const std::string& local);
  // What a job of this owner came to: E_… of the first step that failed.
  Code fetch(uid_t owner, std::uint64_t transfer, const std::string& local, const std::string& content);
  ports::PartStored receive(ports::Sink& sink, const std::string& content);
  // `root`: the directory that was handed over; empty: none was.
  Code publish_as(uid_t owner, const ports::PartStored& stored, const std::string& local, const std::string& root = {});
  Code check_as(uid_t owner, const std::string& local, const std::string& root = {});
  struct stat seen(const std::string& name) const;
  std::string text_of(const std::string& name) const;

  void start_launcher();
  void end_launcher(int signal);
  // The processes of this account that see the folders of the test.
  static std::vector<pid_t> helpers_of(uid_t uid);

  std::string socket_path_ = "/tmp/launcher";
  Descriptor listening_;
  pid_t launcher_ = 0;
  std::unique_ptr<LauncherLine> line_;
  static bool ready_;
};

}  // namespace backhaul::posix
