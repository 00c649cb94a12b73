// SPDX-License-Identifier: Apache-2.0
// In which order a method judges: the state of the job before what it was given.
#include <string>

#include "tests/bits/conformance/program.h"

namespace backhaul::test {
namespace {

std::wstring place(const std::string& name) { return wide(Stage::get().folder(name)); }

BG_AUTH_CREDENTIALS credentials_for(int target, int scheme, const wchar_t* user, const wchar_t* password) {
  BG_AUTH_CREDENTIALS credentials{};
  credentials.Target = static_cast<BG_AUTH_TARGET>(target);
  credentials.Scheme = static_cast<BG_AUTH_SCHEME>(scheme);
  credentials.Credentials.Basic = {const_cast<LPWSTR>(user), const_cast<LPWSTR>(password)};
  return credentials;
}

// What each method answers to something that it does not take.
std::vector<std::pair<const char*, HRESULT>> refusals(const Job& job) {
  const auto second = job.as<IBackgroundCopyJob2>();
  const auto third = job.as<IBackgroundCopyJob3>();
  const auto http = job.as<IBackgroundCopyJobHttpOptions3>();
  const auto file = file_of(job);
  const auto wrong = recorder();
  BITS_JOB_PROPERTY_VALUE server{};
  server.Target = BG_AUTH_TARGET_SERVER;
  BITS_FILE_PROPERTY_VALUE text{};
  BG_FILE_RANGE range{0, 10};
  BG_FILE_INFO set[] = {{const_cast<LPWSTR>(L"http://h/f"), nullptr}};
  auto of_nobody = credentials_for(3, 1, L"u", L"p");
  auto of_no_scheme = credentials_for(1, 6, L"u", L"p");
  auto half = credentials_for(1, 1, L"u", nullptr);
  return {
      {"AddFile", job->AddFile(L"http://h/f", L"relative")},
      {"AddFile of a foreign protocol", job->AddFile(L"ftp://h/f", place("order").c_str())},
      {"AddFile(NULL)", job->AddFile(nullptr, place("order").c_str())},
      {"AddFileSet", job->AddFileSet(1, set)},
      {"AddFileSet(NULL)", job->AddFileSet(1, nullptr)},
      {"AddFileWithRanges", third->AddFileWithRanges(L"http://h/f", place("order").c_str(), 0, &range)},
      {"AddFileWithRanges of this machine",
       third->AddFileWithRanges(L"/etc/hostname", place("order").c_str(), 1, &range)},
      {"ReplaceRemotePrefix", third->ReplaceRemotePrefix(L"", L"http://h/")},
      {"SetDisplayName", job->SetDisplayName(nullptr)},
      {"SetDisplayName of a long one", job->SetDisplayName(std::wstring(257, L'x').c_str())},
      {"SetDescription", job->SetDescription(nullptr)},
      {"SetPriority", job->SetPriority(static_cast<BG_JOB_PRIORITY>(9))},
      {"SetNotifyFlags", job->SetNotifyFlags(0x40)},
      {"SetNotifyInterface", job->SetNotifyInterface(file.get())},
      {"SetNotifyCmdLine", second->SetNotifyCmdLine(nullptr, L"x")},
      {"SetProxySettings", job->SetProxySettings(BG_JOB_PROXY_USAGE_NO_PROXY, L"h:1", nullptr)},
      {"SetCredentials(NULL)", second->SetCredentials(nullptr)},
      {"SetCredentials of nobody", second->SetCredentials(&of_nobody)},
      {"SetCredentials of no scheme", second->SetCredentials(&of_no_scheme)},
      {"SetCredentials by half", second->SetCredentials(&half)},
      {"RemoveCredentials", second->RemoveCredentials(BG_AUTH_TARGET_SERVER, static_cast<BG_AUTH_SCHEME>(6))},
      {"SetReplyFileName", second->SetReplyFileName(nullptr)},
      {"SetFileACLFlags", third->SetFileACLFlags(16)},
      {"SetProperty", set_property(job, 1000, {})},
      {"USE_STORED_CREDENTIALS", set_property(job, BITS_JOB_PROPERTY_USE_STORED_CREDENTIALS, server)},
      {"SetCustomHeaders", http->SetCustomHeaders(std::wstring(16'384, L'x').c_str())},
      {"SetSecurityFlags", http->SetSecurityFlags(0x20)},
      {"SetHttpMethod", http->SetHttpMethod(L"G E T")},
      {"SetClientCertificateByName",
       http->SetClientCertificateByName(BG_CERT_STORE_LOCATION_CURRENT_USER, L"", L"a")},
      {"SetServerCertificateValidationInterface",
       http->SetServerCertificateValidationInterface(static_cast<IBackgroundCopyCallback2*>(wrong.get()))},
      {"SetHelperTokenFlags", job.as<IBitsTokenOptions>()->SetHelperTokenFlags(4)},
      {"SetRemoteName", file->SetRemoteName(nullptr)},
      {"SetRemoteName of a foreign protocol", file->SetRemoteName(L"ftp://h/f")},
      {"RequestFileRanges", file->RequestFileRanges(0, &range)},
      {"UpdateDownloadPosition", file->UpdateDownloadPosition(0)},
      {"SetProperty of a file", file->SetProperty(static_cast<BITS_FILE_PROPERTY_ID>(7), text)},
  };
}

// jobs.md §4, files.md §1: the rule of every setter is the first one, so a job that ended answers by its state.
TEST(FinalState, IsToldBeforeWhatIsWrongWithAnArgument) {
  const Job job = new_job();
  // Of this machine, so that its ranges cannot be asked for either.
  ASSERT_EQ(add(job, "/etc/hostname", Stage::get().folder("order-first")), S_OK);
  for (const auto& [method, result] : refusals(job)) {
    EXPECT_TRUE(FAILED(result)) << method;
    EXPECT_NE(result, BG_E_INVALID_STATE) << method;
  }
  ASSERT_EQ(job->Cancel(), S_OK);
  for (const auto& [method, result] : refusals(job)) EXPECT_EQ(result, BG_E_INVALID_STATE) << method;
}

// jobs.md §17, errors.md §5: what RPC refuses does not reach the job, whatever its state.
TEST(FinalState, IsNotToldWhereNullIsNotTaken) {
  const auto http = cancelled_job().as<IBackgroundCopyJobHttpOptions2>();
  EXPECT_EQ(http->SetHttpMethod(nullptr), RPC_X_NULL_REF_POINTER);
  EXPECT_EQ(http->SetClientCertificateByID(BG_CERT_STORE_LOCATION_CURRENT_USER, L"MY", nullptr),
            RPC_X_NULL_REF_POINTER);
}

// files.md §2, §5: the limits count UTF-16 units, whatever the path of this machine is written in.
TEST(ReplaceRemotePrefix, CountsUnitsOfUtf16) {
  const Job job = new_job();
  const std::wstring name(100, L'\u00e4');
  ASSERT_EQ(job->AddFile((L"/srv/" + name).c_str(), place("umlauts").c_str()), S_OK);
  const auto third = job.as<IBackgroundCopyJob3>();
  const std::wstring longer = L"/mnt/" + std::wstring(30, L'x');
  EXPECT_EQ(third->ReplaceRemotePrefix(L"/srv/", longer.c_str()), S_OK);
  EXPECT_EQ(text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName), longer + name);
  std::wstring deep = L"/mnt/";
  for (int i = 0; i < 11; ++i) deep += std::wstring(200, L'x') + L"/";
  EXPECT_EQ(third->ReplaceRemotePrefix(L"/mnt/", deep.c_str()), E_INVALIDARG);
  EXPECT_EQ(text_of(file_of(job).get(), &IBackgroundCopyFile::GetRemoteName), longer + name);
}

}  // namespace
}  // namespace backhaul::test
