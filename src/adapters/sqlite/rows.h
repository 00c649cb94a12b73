// SPDX-License-Identifier: Apache-2.0
// Jobs and files as rows. The list of columns exists once, in rows.cc, and serves the SQL text,
// writing and reading alike, so that they cannot differ.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/sqlite/database.h"
#include "core/event_record.h"
#include "core/job.h"

namespace backhaul::sqlite {

// A reading of the service clock beyond this (1,100 years) is none.
inline constexpr std::int64_t service_time_max = std::int64_t{1} << 55;

// Column 0 (parameter 1) of every statement is the row number of the job.
std::string select_jobs();
std::string select_files();
std::string put_job();
std::string put_file();
std::string select_events();
std::string put_event();

void bind_job(Statement& statement, std::int64_t row, const core::Job& job);
void bind_file(Statement& statement, std::int64_t job_row, const core::File& file);
void bind_event(Statement& statement, const core::EventRecord& event);

// BG_E_DATABASE_CORRUPT, naming the column, when a value cannot be one of ours. The file's `job` is
// left for the caller, who knows the id that belongs to the row number.
base::Result<void> read_job(const Statement& statement, std::int64_t& row, core::Job& job);
base::Result<void> read_file(const Statement& statement, std::int64_t& job_row, core::File& file);
base::Result<void> read_event(const Statement& statement, core::EventRecord& event);

}  // namespace backhaul::sqlite
