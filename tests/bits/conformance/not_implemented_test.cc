// SPDX-License-Identifier: Apache-2.0
// What the headers declare and nobody does yet: uploads. It says so, with the out parameters cleared.
#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

// jobs.md §2
TEST(CreateJob, OfUploadsIsNotImplementedYet) {
  for (const auto type : {BG_JOB_TYPE_UPLOAD, BG_JOB_TYPE_UPLOAD_REPLY}) {
    GUID id = CLSID_BackgroundCopyManager;
    Job job;
    EXPECT_EQ(manager()->CreateJob(L"upload", type, &id, &job), E_NOTIMPL);
    EXPECT_EQ(id, GUID_NULL);
    EXPECT_EQ(job.get(), nullptr);
  }
}

}  // namespace
}  // namespace backhaul::test
