// SPDX-License-Identifier: Apache-2.0
#include "client/record.h"

#include <utility>

#include "bus/names.h"
#include "client/data.h"
#include "client/fork_guard.h"

namespace backhaul {
namespace detail {

JobRecord::JobRecord(Connection& its_connection, const base::JobId& its_id)
    : connection(its_connection),
      id(its_id),
      text(base::to_string(its_id)),
      path(bus::job_path(its_id)) {}

std::shared_ptr<const JobInfoData> JobRecord::final_info() const {
  const std::scoped_lock lock(mutex_);
  return final_ ? info_ : nullptr;
}

std::shared_ptr<const JobInfoData> JobRecord::last_info() const {
  const std::scoped_lock lock(mutex_);
  return info_;
}

void JobRecord::saw(std::shared_ptr<const JobInfoData> info) {
  const bool is_over = is_final(info->state);
  const std::scoped_lock lock(mutex_);
  if (final_) return;  // an older answer that came later
  info_ = std::move(info);
  final_ = is_over;
}

std::vector<FileInfo> JobRecord::final_files() const {
  const std::scoped_lock lock(mutex_);
  return files_;
}

void JobRecord::set_final(std::shared_ptr<const JobInfoData> info) {
  const std::scoped_lock lock(mutex_);
  info_ = std::move(info);
  final_ = true;
}

void JobRecord::set_final_files(std::vector<FileInfo> files) {
  const std::scoped_lock lock(mutex_);
  files_ = std::move(files);
}

}  // namespace detail

namespace client {

std::shared_ptr<detail::JobRecord> Records::get(detail::Connection& connection,
                                                const base::JobId& id) {
  const std::scoped_lock lock(mutex_);
  std::weak_ptr<detail::JobRecord>& known = records_[id];
  if (auto record = known.lock()) return record;
  std::shared_ptr<detail::JobRecord> record(new detail::JobRecord(connection, id),
                                            [this](detail::JobRecord* gone) {
                                              const base::JobId its_id = gone->id;
                                              delete gone;
                                              if (!in_forked_child()) forget(its_id);
                                            });
  known = record;
  return record;
}

void Records::forget(const base::JobId& id) {
  const std::scoped_lock lock(mutex_);
  const auto found = records_.find(id);
  // A new record may have been made between the end of the old one and this lock.
  if (found != records_.end() && found->second.expired()) records_.erase(found);
}

}  // namespace client
}  // namespace backhaul
