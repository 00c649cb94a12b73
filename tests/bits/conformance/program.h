// SPDX-License-Identifier: Apache-2.0
// What the conformance tests have in common. Each of them holds one statement of the documentation
// against the service, through the BITS headers alone, and names the page and section that states it.
#pragma once

#include <bits10_3.h>
#include <bits5_0.h>
#include <windows.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/bits/fixture.h"

namespace backhaul::test {

using Job = Com<IBackgroundCopyJob>;

inline std::wstring taken(LPWSTR text) {
  const std::wstring copy = text == nullptr ? L"(NULL)" : text;
  CoTaskMemFree(text);
  return copy;
}

// A text that a getter gives: "(NULL)" for none, "(failed)" with an error.
template <class Object, class Interface>
std::wstring text_of(Object* object, HRESULT (STDMETHODCALLTYPE Interface::*get)(LPWSTR*)) {
  LPWSTR text = nullptr;
  return FAILED((object->*get)(&text)) ? L"(failed)" : taken(text);
}

template <class Value, class Object, class Interface>
Value value_of(Object* object, HRESULT (STDMETHODCALLTYPE Interface::*get)(Value*)) {
  Value value{};
  EXPECT_EQ((object->*get)(&value), S_OK);
  return value;
}

inline Job cancelled_job() {
  const Job job = new_job();
  EXPECT_EQ(job->Cancel(), S_OK);
  return job;
}

inline Com<IBackgroundCopyFile6> file_of(const Job& job, ULONG index = 0) {
  Com<IEnumBackgroundCopyFiles> files;
  Com<IBackgroundCopyFile> file;
  EXPECT_EQ(job->EnumFiles(&files), S_OK);
  EXPECT_EQ(files->Skip(index), S_OK);
  EXPECT_EQ(files->Next(1, &file, nullptr), S_OK);
  return file.as<IBackgroundCopyFile6>();
}

inline HRESULT add(const Job& job, const std::string& remote, const std::string& local) {
  return job->AddFile(wide(remote).c_str(), wide(local).c_str());
}

// One more file, which the server answers as told.
inline HRESULT add_answered(const Job& job, const std::string& behaviours) {
  static int number = 0;
  const std::string name = "answered" + std::to_string(++number);
  Stage::get().answer("/" + name, behaviours);
  return add(job, Stage::get().url("/" + name), Stage::get().folder(name));
}

struct Failure {
  HRESULT code = S_OK;
  BG_ERROR_CONTEXT context = BG_ERROR_CONTEXT_NONE;
  Com<IBackgroundCopyError> object;
};

inline Failure failure_of(const Job& job) {
  Failure failure;
  if (job->GetError(&failure.object) == S_OK) {
    EXPECT_EQ(failure.object->GetError(&failure.context, &failure.code), S_OK);
  }
  return failure;
}

// Resumes a job with one file that is answered so, and waits for the state.
inline Job resumed(const std::string& behaviours, BG_JOB_STATE state) {
  const Job job = job_with_file(behaviours);
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, state)) << behaviours << ": " << state_of(job);
  return job;
}

inline BG_JOB_PROGRESS progress_of(const Job& job) { return value_of(job.get(), &IBackgroundCopyJob::GetProgress); }
inline BG_JOB_TIMES times_of(const Job& job) { return value_of(job.get(), &IBackgroundCopyJob::GetTimes); }
inline UINT64 number(const FILETIME& time) {
  return static_cast<UINT64>(time.dwHighDateTime) << 32 | time.dwLowDateTime;
}

inline HRESULT set_property(const Job& job, int id, const BITS_JOB_PROPERTY_VALUE& value) {
  return job.as<IBackgroundCopyJob5>()->SetProperty(static_cast<BITS_JOB_PROPERTY_ID>(id), value);
}
inline BITS_JOB_PROPERTY_VALUE property_of(const Job& job, int id) {
  BITS_JOB_PROPERTY_VALUE value{};
  EXPECT_EQ(job.as<IBackgroundCopyJob5>()->GetProperty(static_cast<BITS_JOB_PROPERTY_ID>(id), &value), S_OK);
  return value;
}

}  // namespace backhaul::test
