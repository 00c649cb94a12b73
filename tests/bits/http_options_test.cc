// SPDX-License-Identifier: Apache-2.0
// How a job asks its servers: security flags (jobs.md §17, http-and-network.md §4, §5), the method
// (jobs.md §17), proxies (jobs.md §19) and what a server told (jobs.md §11), as a program sees them.
#include <bits10_3.h>
#include <bits5_0.h>
#include <windows.h>

#include <cstdlib>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

Com<IBackgroundCopyJobHttpOptions2> options_of(const Com<IBackgroundCopyJob>& job) {
  return job.as<IBackgroundCopyJobHttpOptions2>();
}

std::wstring take(LPWSTR text) {
  const std::wstring taken = text == nullptr ? L"(NULL)" : text;
  CoTaskMemFree(text);
  return taken;
}

struct ProxyRead {
  HRESULT result = S_OK;
  BG_JOB_PROXY_USAGE usage{};
  std::wstring list, bypass;
};

ProxyRead read_proxy(const Com<IBackgroundCopyJob>& job) {
  ProxyRead read;
  LPWSTR list = nullptr;
  LPWSTR bypass = nullptr;
  read.result = job->GetProxySettings(&read.usage, &list, &bypass);
  read.list = take(list);
  read.bypass = take(bypass);
  return read;
}

HRESULT error_of(const Com<IBackgroundCopyJob>& job) {
  Com<IBackgroundCopyError> error;
  BG_ERROR_CONTEXT context{};
  HRESULT code = S_OK;
  if (job->GetError(&error) == S_OK) error->GetError(&context, &code);
  return code;
}

Com<IBackgroundCopyFile5> first_file(const Com<IBackgroundCopyJob>& job) {
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> file;
  EXPECT_EQ(job->EnumFiles(&files), S_OK);
  EXPECT_EQ(files->Next(1, &file, nullptr), S_OK);
  return file.as<IBackgroundCopyFile5>();
}

std::wstring remote_of(const Com<IBackgroundCopyJob>& job) {
  LPWSTR name = nullptr;
  EXPECT_EQ(first_file(job)->GetRemoteName(&name), S_OK);
  return take(name);
}

Com<IBackgroundCopyJob> job_for(const std::string& url) {
  auto job = new_job();
  const std::string local = Stage::get().folder("o" + id_text(job));
  EXPECT_EQ(job->AddFile(wide(url).c_str(), wide(local).c_str()), S_OK);
  return job;
}

// --- security flags ------------------------------------------------------------------------------

// jobs.md §17: default 0; unknown bits E_NOTIMPL; §4: not in a final state.
TEST(BitsHttpOptions, SecurityFlagsAreKeptAndUnknownBitsRefused) {
  const auto job = new_job();
  const auto options = options_of(job);
  ULONG flags = 1;
  EXPECT_EQ(options->GetSecurityFlags(&flags), S_OK);
  EXPECT_EQ(flags, 0U);
  const ULONG all = BG_SSL_ENABLE_CRL_CHECK | BG_SSL_IGNORE_CERT_CN_INVALID |
                    BG_SSL_IGNORE_CERT_DATE_INVALID | BG_SSL_IGNORE_UNKNOWN_CA |
                    BG_SSL_IGNORE_CERT_WRONG_USAGE | BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT |
                    BG_HTTP_REDIRECT_POLICY_ALLOW_HTTPS_TO_HTTP;
  EXPECT_EQ(options->SetSecurityFlags(all), S_OK);
  for (const ULONG unknown : {0x20UL, 0x300UL, 0x400UL, 0x1000UL, 0x80000000UL})
    EXPECT_EQ(options->SetSecurityFlags(unknown), E_NOTIMPL) << unknown;
  EXPECT_EQ(options->GetSecurityFlags(&flags), S_OK);
  EXPECT_EQ(flags, all) << "what was refused changed nothing";
  EXPECT_EQ(options->GetSecurityFlags(nullptr), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(options->SetSecurityFlags(BG_HTTP_REDIRECT_POLICY_DISALLOW), S_OK);
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(options->SetSecurityFlags(0), BG_E_INVALID_STATE);
  EXPECT_EQ(options->GetSecurityFlags(&flags), S_OK);
  EXPECT_EQ(flags, ULONG{BG_HTTP_REDIRECT_POLICY_DISALLOW});
}

// http-and-network.md §4.
TEST(BitsHttpOptions, ARedirectIsFollowedReportedOrAnErrorWithItsTarget) {
  Stage& stage = Stage::get();
  stage.answer("/target", "size=1000");
  stage.answer("/moved", "status=302 location=" + stage.url("/target"));
  const std::wstring moved = wide(stage.url("/moved"));
  const std::wstring target = wide(stage.url("/target"));

  const auto silent = job_for(stage.url("/moved"));
  ASSERT_EQ(silent->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(silent, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(remote_of(silent), moved);

  const auto reported = job_for(stage.url("/moved"));
  ASSERT_EQ(options_of(reported)->SetSecurityFlags(BG_HTTP_REDIRECT_POLICY_ALLOW_REPORT), S_OK);
  ASSERT_EQ(reported->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(reported, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(remote_of(reported), target);

  const auto forbidden = job_for(stage.url("/moved"));
  ASSERT_EQ(options_of(forbidden)->SetSecurityFlags(BG_HTTP_REDIRECT_POLICY_DISALLOW), S_OK);
  ASSERT_EQ(forbidden->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(forbidden, BG_JOB_STATE_ERROR));
  EXPECT_EQ(error_of(forbidden), BG_E_HTTP_ERROR_302);
  EXPECT_EQ(remote_of(forbidden), target) << "the name is set to the target all the same";
  ASSERT_EQ(forbidden->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(forbidden, BG_JOB_STATE_TRANSFERRED)) << "which can be asked itself";
  for (const auto& job : {silent, reported, forbidden}) EXPECT_EQ(job->Cancel(), S_OK);
}

// http-and-network.md §5: impossible to check is an error; this authority names no list.
TEST(BitsHttpOptions, ACheckOfRevocationThatIsImpossibleFails) {
  const auto job = job_for(Stage::get().secure_url());
  ASSERT_EQ(options_of(job)->SetSecurityFlags(BG_SSL_ENABLE_CRL_CHECK), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(static_cast<ULONG>(error_of(job)), 0x80072F19U);
  ASSERT_EQ(options_of(job)->SetSecurityFlags(0), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Cancel(), S_OK);
}

// --- the method ----------------------------------------------------------------------------------

// jobs.md §17.
TEST(BitsHttpOptions, AnotherMethodMakesTheJobForegroundForGood) {
  const auto job = new_job();
  const auto options = options_of(job);
  LPWSTR method = nullptr;
  EXPECT_EQ(options->GetHttpMethod(&method), S_OK);
  EXPECT_EQ(take(method), L"GET");
  EXPECT_EQ(options->SetHttpMethod(L"GET"), S_OK);
  BG_JOB_PRIORITY priority{};
  EXPECT_EQ(job->GetPriority(&priority), S_OK);
  EXPECT_EQ(priority, BG_JOB_PRIORITY_NORMAL) << "equal to the default: no effect at all";
  EXPECT_EQ(options->SetHttpMethod(L"POST"), S_OK);
  EXPECT_EQ(job->GetPriority(&priority), S_OK);
  EXPECT_EQ(priority, BG_JOB_PRIORITY_FOREGROUND);
  EXPECT_EQ(job->SetPriority(BG_JOB_PRIORITY_LOW), BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
  EXPECT_EQ(job->SetPriority(BG_JOB_PRIORITY_FOREGROUND), S_OK);
  EXPECT_EQ(options->SetHttpMethod(L"two words"), E_INVALIDARG);
  EXPECT_EQ(options->SetHttpMethod(L""), E_INVALIDARG);
  EXPECT_EQ(options->SetHttpMethod(nullptr), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(options->GetHttpMethod(&method), S_OK);
  EXPECT_EQ(take(method), L"POST");
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(options->SetHttpMethod(L"GET"), BG_E_INVALID_STATE);
}

// jobs.md §3.2: what would be transient is an error; Resume begins at byte 0.
TEST(BitsHttpOptions, WithAnotherMethodEveryFailureIsAnError) {
  const std::string path = "/post";
  Stage::get().answer(path, "size=2000 cut=1000 | size=2000");
  const auto job = job_for(Stage::get().url(path));
  ASSERT_EQ(options_of(job)->SetHttpMethod(L"POST"), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_EQ(options_of(job)->SetHttpMethod(L"PUT"), BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  BG_JOB_PROGRESS progress{};
  EXPECT_EQ(job->GetProgress(&progress), S_OK);
  EXPECT_EQ(progress.BytesTransferred, 2000U);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// --- proxies -------------------------------------------------------------------------------------

// jobs.md §19.
TEST(BitsProxy, ListsBelongToOverrideAlone) {
  const auto job = new_job();
  const ProxyRead first = read_proxy(job);
  EXPECT_EQ(first.result, S_OK);
  EXPECT_EQ(first.usage, BG_JOB_PROXY_USAGE_PRECONFIG);
  EXPECT_EQ(first.list, L"(NULL)");
  EXPECT_EQ(first.bypass, L"(NULL)");
  for (const auto usage :
       {BG_JOB_PROXY_USAGE_NO_PROXY, BG_JOB_PROXY_USAGE_AUTODETECT, BG_JOB_PROXY_USAGE_PRECONFIG}) {
    EXPECT_EQ(job->SetProxySettings(usage, L"proxy", nullptr), E_INVALIDARG);
    EXPECT_EQ(job->SetProxySettings(usage, nullptr, L"<local>"), E_INVALIDARG);
    EXPECT_EQ(job->SetProxySettings(usage, nullptr, nullptr), S_OK);
    EXPECT_EQ(read_proxy(job).usage, usage);
  }
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, nullptr, nullptr), E_INVALIDARG);
  EXPECT_EQ(job->SetProxySettings(static_cast<BG_JOB_PROXY_USAGE>(4), nullptr, nullptr), E_NOTIMPL);
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"http=p1 p2:8080", L"*.example <local>"), S_OK);
  const ProxyRead set = read_proxy(job);
  EXPECT_EQ(set.usage, BG_JOB_PROXY_USAGE_OVERRIDE);
  EXPECT_EQ(set.list, L"http=p1 p2:8080");
  EXPECT_EQ(set.bypass, L"*.example <local>");
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"p1", nullptr), S_OK);
  EXPECT_EQ(read_proxy(job).bypass, L"(NULL)");
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, nullptr, nullptr), BG_E_INVALID_STATE);
}

// jobs.md §19: 32,000 characters of each.
TEST(BitsProxy, ListsHaveTheirLimits) {
  const auto job = new_job();
  const std::wstring longest(32000, L'a');
  const std::wstring longer = longest + L"a";
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, longest.c_str(), longest.c_str()), S_OK);
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, longer.c_str(), nullptr),
            BG_E_PROXY_LIST_TOO_LARGE);
  EXPECT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"a", longer.c_str()),
            BG_E_PROXY_BYPASS_LIST_TOO_LARGE);
  EXPECT_EQ(job->Cancel(), S_OK);
}

// jobs.md §19: the contents are looked at when they are used.
TEST(BitsProxy, AListThatCannotBeUnderstoodIsAnErrorOfTheJob) {
  const auto job = job_with_file("size=1000");
  ASSERT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_OVERRIDE, L"ldap://u:secret@proxy", nullptr), S_OK);
  EXPECT_EQ(read_proxy(job).list, L"ldap://proxy") << "without the password";
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_ERROR));
  EXPECT_EQ(error_of(job), BG_E_INVALID_PROXY_INFO);
  ASSERT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, nullptr, nullptr), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Cancel(), S_OK);
}

// PRECONFIG is what the environment of the caller said when the job was made (http-and-network.md §7).
TEST(BitsProxy, TheEnvironmentOfTheProgramCountsAndIsThatOfCreateJob) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  const auto job = job_with_file("size=1000");
  unsetenv("http_proxy");
  const auto other = job_with_file("size=1000");
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_EQ(other->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSIENT_ERROR)) << "there is no proxy";
  ASSERT_TRUE(wait_for_state(other, BG_JOB_STATE_TRANSFERRED));
  ASSERT_EQ(job->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, nullptr, nullptr), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(other->Cancel(), S_OK);
}

// --- what the server told ------------------------------------------------------------------------

// jobs.md §11: the last final response header block, CRLF separated; read only.
TEST(BitsFileProperty, TheHeadersOfTheLastAnswerCanBeRead) {
  const auto job = job_with_file("size=1000 etag=\"v1\" set-cookie=secret");
  const auto file = first_file(job);
  BITS_FILE_PROPERTY_VALUE value{};
  EXPECT_EQ(file->GetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value), S_OK);
  EXPECT_EQ(value.String, nullptr) << "before any answer";
  EXPECT_EQ(file->SetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, value), BG_E_READ_ONLY_PROPERTY);
  EXPECT_EQ(file->GetProperty(static_cast<BITS_FILE_PROPERTY_ID>(2), &value), BG_E_UNKNOWN_PROPERTY_ID);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(file->GetProperty(BITS_FILE_PROPERTY_ID_HTTP_RESPONSE_HEADERS, &value), S_OK);
  const std::wstring headers = take(value.String);
  EXPECT_EQ(headers.rfind(L"HTTP/1.1 200 ", 0), 0U);
  EXPECT_NE(headers.find(L"Content-Length: 1000\r\n"), std::wstring::npos);
  EXPECT_EQ(headers.find(L"secret"), std::wstring::npos);
  EXPECT_EQ(job->Cancel(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
