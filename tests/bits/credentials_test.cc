// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyJob2::SetCredentials and RemoveCredentials (jobs.md §16; http-and-network.md §6),
// IBackgroundCopyJobHttpOptions::SetCustomHeaders and GetCustomHeaders, IBackgroundCopyJobHttpOptions3::
// MakeCustomHeadersWriteOnly (jobs.md §17), as a program sees them.
#include <bits10_3.h>
#include <unistd.h>
#include <wchar.h>

#include <cstring>

#include "tests/bits/fixture.h"
#include "tests/support/memory_search.h"

namespace backhaul::test {
namespace {

// An answer that wants Basic credentials, for the words of the web server.
const std::string unauthorized =
    "raw=HTTP/1.1%20401%20x%0D%0AWWW-Authenticate:%20Basic%20realm=r%0D%0AContent-Length:%200%0D%0A"
    "Connection:%20close%0D%0A%0D%0A";

HRESULT set(const Com<IBackgroundCopyJob>& job, int target, int scheme, const wchar_t* user, const wchar_t* password) {
  BG_AUTH_CREDENTIALS credentials{};
  credentials.Target = static_cast<BG_AUTH_TARGET>(target);
  credentials.Scheme = static_cast<BG_AUTH_SCHEME>(scheme);
  credentials.Credentials.Basic.UserName = const_cast<LPWSTR>(user);
  credentials.Credentials.Basic.Password = const_cast<LPWSTR>(password);
  return job.as<IBackgroundCopyJob2>()->SetCredentials(&credentials);
}

HRESULT remove(const Com<IBackgroundCopyJob>& job, int target, int scheme) {
  return job.as<IBackgroundCopyJob2>()->RemoveCredentials(static_cast<BG_AUTH_TARGET>(target),
                                                         static_cast<BG_AUTH_SCHEME>(scheme));
}

std::pair<HRESULT, std::wstring> headers_of(const Com<IBackgroundCopyJob>& job) {
  LPWSTR text = const_cast<LPWSTR>(L"not touched");
  const HRESULT hr = job.as<IBackgroundCopyJobHttpOptions>()->GetCustomHeaders(&text);
  std::wstring copy = text == nullptr ? L"(null)" : text;
  CoTaskMemFree(text);
  return {hr, copy};
}

HRESULT error_of(const Com<IBackgroundCopyJob>& job) {
  Com<IBackgroundCopyError> error;
  BG_ERROR_CONTEXT context;
  HRESULT code = E_FAIL;
  return job->GetError(&error) == S_OK && error->GetError(&context, &code) == S_OK ? code : E_UNEXPECTED;
}

TEST(BitsCredentials, OfEveryTargetAndSchemeAreTaken) {
  const auto job = new_job();
  for (const int target : {1, 2})
    for (const int scheme : {1, 2, 3, 4, 5}) EXPECT_EQ(set(job, target, scheme, L"user", L"word"), S_OK);
}

TEST(BitsCredentials, UnknownOnesHaveTheirCodes) {
  const auto job = new_job();
  for (const int target : {0, 3}) {
    EXPECT_EQ(set(job, target, 1, L"u", L"p"), BG_E_INVALID_AUTH_TARGET);
    EXPECT_EQ(remove(job, target, 1), BG_E_INVALID_AUTH_TARGET);
  }
  for (const int scheme : {0, 6}) {
    EXPECT_EQ(set(job, 1, scheme, L"u", L"p"), BG_E_INVALID_AUTH_SCHEME);
    EXPECT_EQ(remove(job, 1, scheme), BG_E_INVALID_AUTH_SCHEME);
  }
  EXPECT_EQ(job.as<IBackgroundCopyJob2>()->SetCredentials(nullptr), E_INVALIDARG);
}

TEST(BitsCredentials, NullIsForNtlmAndNegotiateOnly) {
  const auto job = new_job();
  for (const int scheme : {1, 2}) {
    EXPECT_EQ(set(job, 1, scheme, nullptr, nullptr), E_INVALIDARG);
    EXPECT_EQ(set(job, 1, scheme, L"u", nullptr), E_INVALIDARG);
    EXPECT_EQ(set(job, 1, scheme, nullptr, L"p"), E_INVALIDARG);
  }
  for (const int scheme : {3, 4}) EXPECT_EQ(set(job, 1, scheme, nullptr, nullptr), S_OK);
  EXPECT_EQ(set(job, 1, 5, nullptr, nullptr), E_INVALIDARG) << "PASSPORT: explicit only";
}

TEST(BitsCredentials, AreNotTooLong) {
  const auto job = new_job();
  const auto text = [](std::size_t length) { return std::wstring(length, L'x'); };
  EXPECT_EQ(set(job, 1, 1, text(300).c_str(), L"p"), S_OK);
  EXPECT_EQ(set(job, 1, 1, text(301).c_str(), L"p"), BG_E_USERNAME_TOO_LARGE);
  EXPECT_EQ(set(job, 1, 1, L"u", text(65536).c_str()), S_OK);
  EXPECT_EQ(set(job, 1, 1, L"u", text(65537).c_str()), BG_E_PASSWORD_TOO_LARGE);
}

TEST(BitsCredentials, WhatIsNotThereIsRemovedWithFalse) {
  const auto job = new_job();
  EXPECT_EQ(remove(job, 1, 1), S_FALSE);
  EXPECT_EQ(set(job, 1, 1, L"u", L"p"), S_OK);
  EXPECT_EQ(remove(job, 1, 2), S_FALSE);
  EXPECT_EQ(remove(job, 2, 1), S_FALSE);
  EXPECT_EQ(remove(job, 1, 1), S_OK);
  EXPECT_EQ(remove(job, 1, 1), S_FALSE);
}

TEST(BitsCredentials, RepairAJobThatFailedForTheLackOfThem) {
  const auto job = job_with_file(unauthorized + " | " + unauthorized + " | size=1000");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(error_of(job), BG_E_HTTP_ERROR_401);
  EXPECT_EQ(set(job, 1, 1, L"user", L"word"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsCredentials, AnEndedJobTakesNone) {
  const auto job = new_job();
  ASSERT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(set(job, 1, 1, L"u", L"p"), BG_E_INVALID_STATE);
}

TEST(BitsHeaders, ComeBackAsTheyWereSet) {
  const auto job = new_job();
  const auto options = job.as<IBackgroundCopyJobHttpOptions>();
  EXPECT_EQ(headers_of(job), std::pair(S_FALSE, std::wstring(L"(null)")));
  EXPECT_EQ(options->SetCustomHeaders(L"X-A: 1\r\nX-B: 2\r\n"), S_OK);
  EXPECT_EQ(headers_of(job), std::pair(S_OK, std::wstring(L"X-A: 1\r\nX-B: 2\r\n")));
  EXPECT_EQ(options->SetCustomHeaders(L"X-C: 3\n"), S_OK) << "as Microsoft's own sample has it";
  EXPECT_EQ(headers_of(job), std::pair(S_OK, std::wstring(L"X-C: 3\n")));
  EXPECT_EQ(options->SetCustomHeaders(nullptr), S_OK);
  EXPECT_EQ(headers_of(job), std::pair(S_FALSE, std::wstring(L"(null)")));
  EXPECT_EQ(options->GetCustomHeaders(nullptr), RPC_X_NULL_REF_POINTER);
}

TEST(BitsHeaders, AreNotTooLong) {
  const auto job = new_job();
  const auto options = job.as<IBackgroundCopyJobHttpOptions>();
  const auto line = [](std::size_t length) { return L"X: " + std::wstring(length - 3, L'x'); };
  EXPECT_EQ(options->SetCustomHeaders(line(16383).c_str()), S_OK);
  EXPECT_EQ(options->SetCustomHeaders(line(16384).c_str()), BG_E_STRING_TOO_LONG);
}

TEST(BitsHeaders, MadeWriteOnlyAreReadByNobody) {
  const auto job = new_job();
  const auto options = job.as<IBackgroundCopyJobHttpOptions3>();
  EXPECT_EQ(options->SetCustomHeaders(L"X-A: 1\r\n"), S_OK);
  EXPECT_EQ(options->MakeCustomHeadersWriteOnly(), S_OK);
  EXPECT_EQ(options->MakeCustomHeadersWriteOnly(), S_OK);
  EXPECT_EQ(headers_of(job), std::pair(E_ACCESSDENIED, std::wstring(L"(null)")));
  EXPECT_EQ(options->SetCustomHeaders(L"X-B: 2\r\n"), S_OK);
  EXPECT_EQ(headers_of(job).first, E_ACCESSDENIED);
}

// --- what is left in the memory of the program ------------------------------------------------------

// A program that wipes what it handed over has nothing of it left: the library keeps no copy.
TEST(BitsCredentials, LeaveNothingInTheMemoryOfTheProgram) {
  const auto job = new_job();
  wchar_t password[canary_size + 1];
  make_canary(password);
  ASSERT_FALSE(found_in_memory().empty()) << "the search finds what is there";
  EXPECT_EQ(set(job, 1, 1, L"user", password), S_OK);
  explicit_bzero(password, sizeof password);
  EXPECT_TRUE(found_in_memory().empty()) << told_places(found_in_memory());
  EXPECT_EQ(job->Cancel(), S_OK);
}

TEST(BitsHeaders, LeaveNothingInTheMemoryOfTheProgram) {
  const auto job = new_job();
  wchar_t value[canary_size + 1];
  wchar_t header[canary_size + 32] = L"X-Token: ";
  make_canary(value);
  wmemcpy(header + 9, value, canary_size + 1);
  EXPECT_EQ(job.as<IBackgroundCopyJobHttpOptions>()->SetCustomHeaders(header), S_OK);
  explicit_bzero(value, sizeof value);
  explicit_bzero(header, sizeof header);
  EXPECT_TRUE(found_in_memory().empty()) << told_places(found_in_memory());
  EXPECT_EQ(job->Cancel(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
