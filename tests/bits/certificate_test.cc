// SPDX-License-Identifier: Apache-2.0
// IBackgroundCopyJobHttpOptions3::SetServerCertificateValidationInterface, as a program sees it.
#include <bits10_3.h>
#include <windows.h>

#include <stdexcept>
#include <thread>

#include "tests/bits/fixture.h"

namespace backhaul::test {
namespace {

class Judge final : public IBackgroundCopyServerCertificateValidationCallback {
 public:
  struct Question {
    std::string job, certificate, store;
    std::wstring remote;
    DWORD encoding = 0;
  };
  std::function<HRESULT()> answer;

  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    const bool known = riid == IID_IUnknown ||
                       riid == __uuidof(IBackgroundCopyServerCertificateValidationCallback);
    *out = known ? this : nullptr;
    if (known) AddRef();
    return known ? S_OK : E_NOINTERFACE;
  }
  ULONG STDMETHODCALLTYPE AddRef() override { return ++references_; }
  ULONG STDMETHODCALLTYPE Release() override {
    const ULONG left = --references_;
    if (left == 0) delete this;
    return left;
  }
  HRESULT STDMETHODCALLTYPE ValidateServerCertificate(IBackgroundCopyJob* job,
                                                      IBackgroundCopyFile* file, DWORD length,
                                                      const BYTE data[], DWORD encoding,
                                                      DWORD store_length,
                                                      const BYTE store[]) override {
    Question question;
    question.job = id_text(job);
    LPWSTR remote = nullptr;
    if (file->GetRemoteName(&remote) == S_OK) question.remote = remote;
    CoTaskMemFree(remote);
    question.certificate.assign(reinterpret_cast<const char*>(data), length);
    question.store.assign(reinterpret_cast<const char*>(store), store_length);
    question.encoding = encoding;
    {
      const std::lock_guard lock(mutex_);
      questions_.push_back(question);
    }
    return answer ? answer() : S_OK;
  }

  std::vector<Question> questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
  }
  ULONG references() const { return references_; }

 private:
  ~Judge() = default;
  std::atomic<ULONG> references_{0};
  mutable std::mutex mutex_;
  std::vector<Question> questions_;
};

Com<Judge> judge() { return Com<Judge>(new Judge); }

// A job with a file of the https server, not resumed.
Com<IBackgroundCopyJob> secure_job() {
  static int number = 0;
  auto job = new_job();
  const std::string local = Stage::get().folder("secure" + std::to_string(++number));
  EXPECT_EQ(job->AddFile(wide(Stage::get().secure_url()).c_str(), wide(local).c_str()), S_OK);
  return job;
}

HRESULT set(IBackgroundCopyJob* job, IUnknown* callback) {
  return Com<IBackgroundCopyJob>(job).as<IBackgroundCopyJobHttpOptions3>()
      ->SetServerCertificateValidationInterface(callback);
}

void expect_error(IBackgroundCopyJob* job, HRESULT expected) {
  Com<IBackgroundCopyError> error;
  ASSERT_EQ(job->GetError(&error), S_OK);
  BG_ERROR_CONTEXT context{};
  HRESULT code = S_OK;
  EXPECT_EQ(error->GetError(&context, &code), S_OK);
  EXPECT_EQ(context, BG_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK);
  EXPECT_EQ(code, expected);
}

TEST(BitsCertificate, TheProgramGetsJobFileCertificateAndChain) {
  const auto job = secure_job();
  const auto object = judge();
  ASSERT_EQ(set(job, object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  const auto questions = object->questions();
  ASSERT_EQ(questions.size(), 1U);
  EXPECT_EQ(questions[0].job, id_text(job));
  EXPECT_EQ(questions[0].remote, wide(Stage::get().secure_url()));
  EXPECT_EQ(questions[0].encoding, DWORD{X509_ASN_ENCODING | PKCS_7_ASN_ENCODING});
  const std::string certificate = Stage::get().certificate();
  EXPECT_EQ(questions[0].certificate, certificate);
  EXPECT_EQ(questions[0].store.substr(0, certificate.size()), certificate);
  EXPECT_GT(questions[0].store.size(), certificate.size()) << "its authority follows";
  EXPECT_EQ(job->Complete(), S_OK);
}

TEST(BitsCertificate, ARefusalIsATransientErrorWithItsCode) {
  for (const bool throws : {false, true}) {
    const auto job = secure_job();
    const auto object = judge();
    object->answer = [throws]() -> HRESULT {
      if (throws) throw std::runtime_error("no");
      return E_ACCESSDENIED;
    };
    ASSERT_EQ(set(job, object), S_OK);
    ASSERT_EQ(job->Resume(), S_OK);
    ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSIENT_ERROR));
    expect_error(job, throws ? E_FAIL : E_ACCESSDENIED);
    EXPECT_EQ(job->Cancel(), S_OK);
  }
}

TEST(BitsCertificate, ItIsSetOnlyOnAPausedJobAndAWrongObjectIsRefused) {
  const auto job = secure_job();
  EXPECT_EQ(set(job, nullptr), S_OK);
  EXPECT_EQ(set(job, recorder()), E_NOINTERFACE);
  const auto object = judge();
  std::mutex gate;
  std::unique_lock closed(gate);
  object->answer = [&] {
    const std::lock_guard opened(gate);
    return S_OK;
  };
  ASSERT_EQ(set(job, object), S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  const auto other = judge();
  EXPECT_EQ(set(job, other), BG_E_READ_ONLY_WHEN_JOB_ACTIVE);
  EXPECT_EQ(set(job, nullptr), BG_E_READ_ONLY_WHEN_JOB_ACTIVE);
  EXPECT_TRUE(eventually([&] { return other->references() == 1; })) << "it is the program's again";
  ASSERT_TRUE(eventually([&] { return !object->questions().empty(); }));
  // Nothing else waits for the answer.
  const auto plain = job_with_file("size=1000");
  ASSERT_EQ(plain->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(plain, BG_JOB_STATE_TRANSFERRED));
  closed.unlock();
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(set(job, object), BG_E_INVALID_STATE);
}

TEST(BitsCertificate, TheObjectIsHeldUntilItIsReplacedClearedOrTheJobIsOver) {
  const auto job = secure_job();
  const auto first = judge();
  const auto second = judge();
  ASSERT_EQ(set(job, first), S_OK);
  EXPECT_GE(first->references(), 2U);
  ASSERT_EQ(set(job, second), S_OK);
  EXPECT_TRUE(eventually([&] { return first->references() == 1; }));
  ASSERT_EQ(set(job, nullptr), S_OK);
  EXPECT_TRUE(eventually([&] { return second->references() == 1; }));
  ASSERT_EQ(set(job, first), S_OK);
  EXPECT_EQ(job->Cancel(), S_OK);
  EXPECT_TRUE(eventually([&] { return first->references() == 1; }));
}

TEST(BitsCertificate, ItIsAskedAgainByAServiceThatCameBack) {
  const auto job = secure_job();
  const auto object = judge();
  ASSERT_EQ(set(job, object), S_OK);
  Stage::get().kill_service();
  ASSERT_EQ(job->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(object->questions().size(), 1U);
  EXPECT_EQ(job->Complete(), S_OK);
}

TEST(BitsCertificate, AnApartmentIsAskedOnItsOwnThreadAndItsEndIsTheEndOfTheObject) {
  const auto job = secure_job();
  const auto object = judge();
  std::thread([&] {
    ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
    object->answer = [&object, me = std::this_thread::get_id()] {
      EXPECT_EQ(std::this_thread::get_id(), me);
      if (object->questions().size() == 2) PostQuitMessage(0);
      return object->questions().size() == 1 ? E_FAIL : S_OK;
    };
    EXPECT_EQ(job->SetMinimumRetryDelay(5), S_OK);
    EXPECT_EQ(set(job, object), S_OK);
    EXPECT_EQ(job->Resume(), S_OK);
    MSG message{};
    while (GetMessage(&message, nullptr, 0, 0)) DispatchMessage(&message);
    CoUninitialize();
  }).join();
  EXPECT_EQ(object->questions().size(), 2U);
  EXPECT_EQ(object->references(), 1U);
  ASSERT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));

  const auto orphan = secure_job();
  std::thread([&] {
    ASSERT_EQ(CoInitializeEx(nullptr, COINIT_APARTMENTTHREADED), S_OK);
    EXPECT_EQ(set(orphan, object), S_OK);
    CoUninitialize();
  }).join();
  ASSERT_EQ(orphan->Resume(), S_OK);
  ASSERT_TRUE(wait_for_state(orphan, BG_JOB_STATE_ERROR));
  expect_error(orphan, BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED);
  EXPECT_EQ(job->Complete(), S_OK);
  EXPECT_EQ(orphan->Cancel(), S_OK);
}

}  // namespace
}  // namespace backhaul::test
