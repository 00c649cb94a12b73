// SPDX-License-Identifier: Apache-2.0
// BITS's enumerations with BITS's numbers (jobs.md §1, errors.md §3). They are stored, sent over the
// bus and shown, so a number here never changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace backhaul::base {

enum class JobType : std::uint8_t { download = 0, upload = 1, upload_reply = 2 };

enum class JobState : std::uint8_t {
  queued = 0,
  connecting = 1,
  transferring = 2,
  suspended = 3,
  error = 4,
  transient_error = 5,
  transferred = 6,
  acknowledged = 7,
  cancelled = 8,
};
inline constexpr int job_state_count = 9;

enum class Priority : std::uint8_t { foreground = 0, high = 1, normal = 2, low = 3 };

enum class ErrorContext : std::uint8_t {
  none = 0,
  unknown = 1,
  general_queue_manager = 2,
  queue_manager_notification = 3,
  local_file = 4,
  remote_file = 5,
  general_transport = 6,
  remote_application = 7,
  server_certificate_callback = 8,
};

namespace notify {
inline constexpr std::uint32_t job_transferred = 0x01;
inline constexpr std::uint32_t job_error = 0x02;
inline constexpr std::uint32_t disable = 0x04;
inline constexpr std::uint32_t job_modification = 0x08;
inline constexpr std::uint32_t file_transferred = 0x10;
inline constexpr std::uint32_t file_ranges_transferred = 0x20;
inline constexpr std::uint32_t all = 0x3F;
inline constexpr std::uint32_t initial = job_transferred | job_error;  // N1
}  // namespace notify

inline constexpr std::uint64_t size_unknown = UINT64_MAX;  // BG_SIZE_UNKNOWN
inline constexpr std::uint32_t no_file = UINT32_MAX;       // an error that belongs to no file

constexpr bool is_final(JobState s) {
  return s == JobState::acknowledged || s == JobState::cancelled;
}
// States in which the scheduler may give the job a turn or has given one.
constexpr bool is_action(JobState s) {
  return s == JobState::queued || s == JobState::connecting || s == JobState::transferring ||
         s == JobState::transient_error;
}
constexpr bool is_running(JobState s) {
  return s == JobState::connecting || s == JobState::transferring;
}

// Lower-case words, hyphenated: "transient-error", "foreground", "upload-reply", "remote-file".
std::string_view to_word(JobType type);
std::string_view to_word(JobState state);
std::string_view to_word(Priority priority);
std::string_view to_word(ErrorContext context);
std::optional<JobState> job_state_from_word(std::string_view word);
std::optional<Priority> priority_from_word(std::string_view word);

}  // namespace backhaul::base
