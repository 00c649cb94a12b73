// SPDX-License-Identifier: Apache-2.0
// What the library remembers about a job while the program holds handles to it: its identity, and
// the last values once the job has ended, because the service may forget it then.
#pragma once

#include <backhaul/job.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/ids.h"

namespace backhaul {
namespace detail {

class Connection;

class JobRecord {
 public:
  JobRecord(Connection& connection, const base::JobId& id);

  Connection& connection;
  const base::JobId id;
  const std::string text;  // lower-case UUID
  const std::string path;

  // The snapshot of an ended job, and its files (the first ones; empty: not known).
  std::shared_ptr<const JobInfoData> final_info() const;
  std::vector<FileInfo> final_files() const;
  // What was read last of a job that may still change.
  std::shared_ptr<const JobInfoData> last_info() const;
  void saw(std::shared_ptr<const JobInfoData> info);  // a final state makes it final
  void set_final(std::shared_ptr<const JobInfoData> info);
  void set_final_files(std::vector<FileInfo> files);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const JobInfoData> info_;
  bool final_ = false;
  std::vector<FileInfo> files_;
};

}  // namespace detail

namespace client {

// One record per job and connection. Looking one up and giving the last handle back take the same
// lock, or a dying record would be revived.
class Records {
 public:
  std::shared_ptr<detail::JobRecord> get(detail::Connection& connection, const base::JobId& id);

 private:
  void forget(const base::JobId& id);

  std::mutex mutex_;
  std::unordered_map<base::JobId, std::weak_ptr<detail::JobRecord>> records_;
};

}  // namespace client
}  // namespace backhaul
