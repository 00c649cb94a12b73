// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyJobHttpOptions::SetClientCertificateByID, SetClientCertificateByName, RemoveClientCertificate and
// GetClientCertificate (jobs.md §17), and IBitsTokenOptions (jobs.md §18), as a program sees them. A store is a
// folder.
#include <bits10_3.h>
#include <bits4_0.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

constexpr HRESULT no_store = static_cast<HRESULT>(0x80070002U);
constexpr HRESULT no_certificate = static_cast<HRESULT>(0x80092004U);
constexpr HRESULT no_reference = static_cast<HRESULT>(0x800706F4U);
constexpr HRESULT bad_stub_data = static_cast<HRESULT>(0x800706F7U);

// Of "O = Org, CN = Ana", made once; its hash.
const std::array<BYTE, 20>& stored_hash() {
  static const std::array<BYTE, 20> hash = [] {
    const std::string store = std::string(std::getenv("XDG_CONFIG_HOME")) + "/backhaul/certificates/my";
    std::filesystem::create_directories(store);
    const std::string pem = store + "/ana.pem";
    EXPECT_EQ(Stage::get().run({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/O=Org/CN=Ana",
                                "-addext", "extendedKeyUsage=clientAuth", "-keyout", store + "/ana.key", "-out", pem}),
              0);
    const std::string digest = Stage::get().folder("ana.sha1");
    const std::string command =
        "openssl x509 -in '" + pem + "' -outform DER | openssl dgst -sha1 -binary > '" + digest + "'";
    EXPECT_EQ(Stage::get().run({"/bin/sh", "-c", command}), 0);
    std::ifstream file(digest, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    std::array<BYTE, 20> value{};
    EXPECT_EQ(bytes.size(), value.size());
    std::memcpy(value.data(), bytes.data(), std::min(bytes.size(), value.size()));
    return value;
  }();
  return hash;
}

HRESULT by_id(const Com<IBackgroundCopyJob>& job, int location, const wchar_t* store, const BYTE* hash) {
  return job.as<IBackgroundCopyJobHttpOptions>()->SetClientCertificateByID(
      static_cast<BG_CERT_STORE_LOCATION>(location), store, const_cast<BYTE*>(hash));
}
HRESULT by_name(const Com<IBackgroundCopyJob>& job, int location, const wchar_t* store, const wchar_t* subject) {
  return job.as<IBackgroundCopyJobHttpOptions>()->SetClientCertificateByName(
      static_cast<BG_CERT_STORE_LOCATION>(location), store, subject);
}

struct Told {
  HRESULT result = S_OK;
  BG_CERT_STORE_LOCATION location{};
  std::wstring store, subject;
  std::array<BYTE, 20> hash{};
};

Told certificate_of(const Com<IBackgroundCopyJob>& job) {
  Told told;
  LPWSTR store = nullptr;
  LPWSTR subject = nullptr;
  BYTE* hash = nullptr;
  told.result = job.as<IBackgroundCopyJobHttpOptions>()->GetClientCertificate(&told.location, &store, &hash, &subject);
  if (store != nullptr) told.store = store;
  if (subject != nullptr) told.subject = subject;
  if (hash != nullptr) std::memcpy(told.hash.data(), hash, told.hash.size());
  for (void* one : {static_cast<void*>(store), static_cast<void*>(subject), static_cast<void*>(hash)}) CoTaskMemFree(one);
  return told;
}

TEST(BitsClientCertificate, IsFoundByItsHash) {
  const auto job = new_job();
  EXPECT_EQ(by_id(job, 0, L"MY", stored_hash().data()), S_OK);
  const Told told = certificate_of(job);
  EXPECT_EQ(told.result, S_OK);
  EXPECT_EQ(told.location, BG_CERT_STORE_LOCATION_CURRENT_USER);
  EXPECT_EQ(told.store, L"MY");
  EXPECT_EQ(told.hash, stored_hash());
  EXPECT_EQ(told.subject, L"Ana, Org") << "the values in reverse order";
}

TEST(BitsClientCertificate, IsFoundByAPartOfItsSubject) {
  stored_hash();
  const auto job = new_job();
  EXPECT_EQ(by_name(job, 0, L"my", L"na, Or"), S_OK);
  EXPECT_EQ(certificate_of(job).hash, stored_hash());
  EXPECT_EQ(by_name(job, 0, L"MY", L"Org, Ana"), no_certificate);
}

TEST(BitsClientCertificate, RemovedThereIsNone) {
  const auto job = new_job();
  EXPECT_EQ(certificate_of(job).result, bad_stub_data);
  EXPECT_EQ(by_id(job, 0, L"MY", stored_hash().data()), S_OK);
  const auto options = job.as<IBackgroundCopyJobHttpOptions>();
  EXPECT_EQ(options->RemoveClientCertificate(), S_OK);
  EXPECT_EQ(options->RemoveClientCertificate(), S_OK);
  EXPECT_EQ(certificate_of(job).result, bad_stub_data);
}

TEST(BitsClientCertificate, WhatIsNotThereHasItsCodeAndChangesNothing) {
  const auto job = new_job();
  EXPECT_EQ(by_id(job, 0, L"MY", stored_hash().data()), S_OK);
  const std::array<BYTE, 20> other{1};
  EXPECT_EQ(by_id(job, 0, L"MY", other.data()), no_certificate);
  EXPECT_EQ(by_id(job, 0, L"NONE", stored_hash().data()), no_store);
  EXPECT_EQ(by_id(job, 0, L"", stored_hash().data()), no_store);
  EXPECT_EQ(by_id(job, 2, L"MY", stored_hash().data()), no_store);
  for (const int location : {-1, 8}) EXPECT_EQ(by_id(job, location, L"MY", stored_hash().data()), E_NOTIMPL);
  EXPECT_EQ(by_id(job, 0, nullptr, stored_hash().data()), no_reference);
  EXPECT_EQ(by_id(job, 0, L"MY", nullptr), no_reference);
  EXPECT_EQ(by_name(job, 0, nullptr, L"Ana"), no_reference);
  EXPECT_EQ(by_name(job, 0, L"MY", nullptr), no_reference);
  EXPECT_EQ(by_id(job, 0, std::wstring(256, L's').c_str(), stored_hash().data()), BG_E_STRING_TOO_LONG);
  EXPECT_EQ(by_name(job, 0, L"MY", std::wstring(256, L's').c_str()), BG_E_STRING_TOO_LONG);
  EXPECT_EQ(certificate_of(job).hash, stored_hash());
}

TEST(BitsHelperToken, FlagsAreKept) {
  const auto job = new_job();
  const auto token = job.as<IBitsTokenOptions>();
  DWORD flags = 9;
  EXPECT_EQ(token->GetHelperTokenFlags(&flags), S_OK);
  EXPECT_EQ(flags, 0U);
  for (const DWORD set : {1U, 2U, 3U, 0U}) {
    EXPECT_EQ(token->SetHelperTokenFlags(set), S_OK);
    EXPECT_EQ(token->GetHelperTokenFlags(&flags), S_OK);
    EXPECT_EQ(flags, set);
  }
  EXPECT_EQ(token->SetHelperTokenFlags(4), E_INVALIDARG);
  EXPECT_EQ(token->GetHelperTokenFlags(nullptr), E_INVALIDARG);
}

TEST(BitsHelperToken, IsTheOwnersAndClearedItsFlagsStay) {
  const auto job = new_job();
  const auto token = job.as<IBitsTokenOptions>();
  const auto sid = [&] {
    LPWSTR text = nullptr;
    EXPECT_EQ(token->GetHelperTokenSid(&text), S_OK);
    const std::wstring copy = text == nullptr ? L"(NULL)" : text;
    CoTaskMemFree(text);
    return copy;
  };
  EXPECT_EQ(sid(), L"(NULL)");
  EXPECT_EQ(token->SetHelperTokenFlags(BG_TOKEN_NETWORK), S_OK);
  EXPECT_EQ(token->SetHelperToken(), S_OK);
  EXPECT_EQ(sid(), L"S-1-22-1-" + std::to_wstring(geteuid()));
  EXPECT_EQ(token->ClearHelperToken(), S_OK);
  EXPECT_EQ(sid(), L"(NULL)");
  DWORD flags = 0;
  EXPECT_EQ(token->GetHelperTokenFlags(&flags), S_OK);
  EXPECT_EQ(flags, static_cast<DWORD>(BG_TOKEN_NETWORK));
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_EQ(token->SetHelperToken(), BG_E_INVALID_STATE);
}

}  // namespace
}  // namespace backhaul::test
