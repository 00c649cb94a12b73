// SPDX-License-Identifier: Apache-2.0
// BITS_JOB_PROPERTY_ID_COST_FLAGS (jobs.md §11, §12; interfaces.md §6).
#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

HRESULT set_cost(const Com<IBackgroundCopyJob>& job, DWORD flags) {
  BITS_JOB_PROPERTY_VALUE value{};
  value.Dword = flags;
  return job.as<IBackgroundCopyJob5>()->SetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, value);
}

DWORD cost_of(const Com<IBackgroundCopyJob>& job) {
  BITS_JOB_PROPERTY_VALUE value{};
  EXPECT_EQ(job.as<IBackgroundCopyJob5>()->GetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, &value), S_OK);
  return value.Dword;
}

// §12: GetProperty returns the value in force; the priority decides until one is set.
TEST(BitsCost, WithoutAnyTheyFollowThePriority) {
  const auto job = new_job();
  EXPECT_EQ(cost_of(job), static_cast<DWORD>(BITS_COST_STATE_TRANSFER_STANDARD));
  EXPECT_EQ(job->SetPriority(BG_JOB_PRIORITY_FOREGROUND), S_OK);
  EXPECT_EQ(cost_of(job), static_cast<DWORD>(BITS_COST_STATE_TRANSFER_NOT_ROAMING));
  for (const auto priority : {BG_JOB_PRIORITY_HIGH, BG_JOB_PRIORITY_NORMAL, BG_JOB_PRIORITY_LOW}) {
    EXPECT_EQ(job->SetPriority(priority), S_OK);
    EXPECT_EQ(cost_of(job), static_cast<DWORD>(BITS_COST_STATE_TRANSFER_STANDARD));
  }
}

// §11: follows them until set explicitly.
TEST(BitsCost, OnceSetTheyStayWhateverThePriority) {
  const auto job = new_job();
  EXPECT_EQ(set_cost(job, BITS_COST_STATE_TRANSFER_UNRESTRICTED), S_OK);
  EXPECT_EQ(job->SetPriority(BG_JOB_PRIORITY_FOREGROUND), S_OK);
  EXPECT_EQ(cost_of(job), static_cast<DWORD>(BITS_COST_STATE_TRANSFER_UNRESTRICTED));
  EXPECT_EQ(set_cost(job, 0), S_OK) << "back to what the policy says";
  EXPECT_EQ(cost_of(job), static_cast<DWORD>(BITS_COST_STATE_TRANSFER_NOT_ROAMING));
}

TEST(BitsCost, EveryPresetAndEveryStateIsTaken) {
  const auto job = new_job();
  for (const DWORD flags :
       {static_cast<DWORD>(BITS_JOB_TRANSFER_POLICY_ALWAYS),
        static_cast<DWORD>(BITS_JOB_TRANSFER_POLICY_NOT_ROAMING),
        static_cast<DWORD>(BITS_JOB_TRANSFER_POLICY_NO_SURCHARGE),
        static_cast<DWORD>(BITS_JOB_TRANSFER_POLICY_STANDARD),
        static_cast<DWORD>(BITS_JOB_TRANSFER_POLICY_UNRESTRICTED),
        static_cast<DWORD>(BITS_COST_STATE_UNRESTRICTED),
        static_cast<DWORD>(BITS_COST_STATE_CAPPED_USAGE_UNKNOWN),
        static_cast<DWORD>(BITS_COST_STATE_BELOW_CAP), static_cast<DWORD>(BITS_COST_STATE_NEAR_CAP),
        static_cast<DWORD>(BITS_COST_STATE_OVERCAP_CHARGED),
        static_cast<DWORD>(BITS_COST_STATE_OVERCAP_THROTTLED),
        static_cast<DWORD>(BITS_COST_STATE_USAGE_BASED),
        static_cast<DWORD>(BITS_COST_STATE_UNRESTRICTED | BITS_COST_STATE_ROAMING |
                           BITS_COST_STATE_RESERVED)}) {
    EXPECT_EQ(set_cost(job, flags), S_OK) << flags;
    EXPECT_EQ(cost_of(job), flags);
  }
}

TEST(BitsCost, AMaskThatNoNetworkFitsIsRefusedAndNothingChanges) {
  const auto job = new_job();
  EXPECT_EQ(set_cost(job, BITS_COST_STATE_TRANSFER_ALWAYS), S_OK);
  for (const DWORD flags : {0x100U, 0x20000001U, 0x80000000U, 0x80U})
    EXPECT_EQ(set_cost(job, flags), E_INVALIDARG) << flags;
  EXPECT_EQ(cost_of(job), static_cast<DWORD>(BITS_COST_STATE_TRANSFER_ALWAYS));
}

// §11: any time. In a final state nothing can be set.
TEST(BitsCost, TheyAreSetAtAnyTimeBeforeTheEnd) {
  const auto job = new_job();
  ASSERT_EQ(job->AddFile(L"http://127.0.0.1:9/x", L"/tmp/bits-cost-x"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_EQ(set_cost(job, BITS_COST_STATE_TRANSFER_NO_SURCHARGE), S_OK);
  ASSERT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(set_cost(job, BITS_COST_STATE_TRANSFER_ALWAYS), BG_E_INVALID_STATE);
  EXPECT_EQ(cost_of(job), static_cast<DWORD>(BITS_COST_STATE_TRANSFER_NO_SURCHARGE));
}

TEST(BitsCost, ANullPointerIsRefused) {
  EXPECT_EQ(new_job().as<IBackgroundCopyJob5>()->GetProperty(BITS_JOB_PROPERTY_ID_COST_FLAGS, nullptr),
            E_INVALIDARG);
}

}  // namespace
}  // namespace backhaul::test
