// SPDX-License-Identifier: Apache-2.0
// Access with the rights of somebody else: what is asked of it is asked of a helper process of that account
// (file_helper.h), which is started when it is needed first. One that has ended is followed by another, which is asked
// once more: every operation can be repeated. Several threads have several lines to it, so that one which
// waits for a file system holds up nobody but those of the same owner who want more of them than there are.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/posix/access.h"
#include "adapters/posix/file_protocol.h"
#include "core/account.h"

namespace backhaul::posix {

class HelperAccess final : public Access {
 public:
  // Starts a helper, which serves the socket that it is given an end of. False: it cannot be started. Any thread.
  using Start = std::function<bool(Descriptor socket)>;
  explicit HelperAccess(Start start) : start_(std::move(start)) {}

  // No helper is there: none was needed yet, or it has ended. Not while anybody asks something.
  bool rests();

  Tried<Descriptor> open_directory(const std::string& path, const std::string& root) override;
  Tried<Descriptor> open(int directory, const std::string& name, Purpose purpose) override;
  Tried<Descriptor> open_source(const std::string& path) override;
  Tried<Found> look(int directory, const std::string& name, bool follow) override;
  Tried<void> may_write(int directory, const std::string& path) override;
  Tried<void> rename(int directory, const std::string& from, const std::string& to, int held) override;
  Tried<void> unlink(int directory, const std::string& name) override;
  Tried<void> sync(int directory) override;
  Tried<Room> room(int directory) override;
  Tried<void> set_time(int file, base::WallTime modified) override;
  Tried<void> set_mode(int file, mode_t mode) override;
  Tried<void> set_usual_mode(int directory, int file) override;
  Tried<void> give(int file, uid_t owner, gid_t group) override;
  Tried<void> set_access_list(int file, std::string_view list) override;

 private:
  struct Line {
    Descriptor socket;
    std::uint64_t helper = 0;  // of which one
    std::unique_ptr<RequestBytes> bytes;
  };
  struct Reply {
    FileAnswer answer;
    Descriptor opened;
  };

  Tried<Reply> ask(const FileRequest& request, std::span<const int> descriptors);
  Tried<void> tell(const FileRequest& request, std::span<const int> descriptors);
  Tried<Descriptor> open_by(const FileRequest& request, std::span<const int> descriptors);
  Tried<Line> take_line();
  Tried<void> begin_helper();
  Tried<Line> lay_line();
  void give_back(Line line);
  void lost(const Line& line);
  static std::optional<Reply> converse(Line& line, const FileRequest& request, std::span<const int> descriptors);

  const Start start_;
  std::mutex mutex_;
  std::condition_variable given_back_;
  Descriptor helper_;           // what it takes its lines from
  std::uint64_t helpers_ = 0;   // started so far
  unsigned lines_ = 0;          // of this one
  std::vector<Line> free_;
};

// Many accounts, each with a helper of its own for as long as there is one. Loop thread; what it hands out, any.
class ManyOwners final : public Owners {
 public:
  // As HelperAccess::Start, for this account; EACCES is answered where it is somebody else's, or nobody's, by now.
  using Start = std::function<bool(const core::Account& account, Descriptor socket)>;
  // `start_for_remains`: likewise, for one that is gone.
  explicit ManyOwners(Start start, Start start_for_remains = {})
      : start_(std::move(start)), start_for_remains_(std::move(start_for_remains)) {}

  base::Result<std::shared_ptr<Access>> access_of(const core::Owner& owner) override;
  base::Result<std::shared_ptr<Access>> access_to_remains(const core::Owner& owner) override;
  std::size_t size() const { return helpers_.size(); }  // accounts that something is kept for

  static constexpr std::size_t few = 32;

 private:
  void make_room();

  const Start start_;
  const Start start_for_remains_;
  std::map<core::Account, std::shared_ptr<HelperAccess>> helpers_;
  std::map<core::Account, std::shared_ptr<HeldDirectories>> held_;  // also of those whose helper rests
  std::map<core::Account, std::weak_ptr<HelperAccess>> for_remains_;  // while somebody works with them
  std::size_t room_ = few;  // before it is looked whose helpers have ended
};

}  // namespace backhaul::posix
