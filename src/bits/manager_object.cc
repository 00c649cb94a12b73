// SPDX-License-Identifier: Apache-2.0
#include "bits/manager_object.h"

#include "bits/enumerator.h"
#include "bits/error_object.h"
#include "bits/job_object.h"
#include "bits/text.h"

namespace backhaul::bits {

namespace {

struct JobList {
  using Interface = IEnumBackgroundCopyJobs;
  using Element = IBackgroundCopyJob;
  using Item = Job;
  static Ref<Element> open(const Job& job) {
    return Ref<Element>::adopt(JobObject::of(job).release());
  }
};

}  // namespace

HRESULT ManagerObject::QueryInterface(REFIID riid, void** out) {
  void* found = riid == IID_IUnknown ? static_cast<IBackgroundCopyManager*>(this) : nullptr;
  if (found == nullptr) {
    found = interface_of<IBackgroundCopyManager, IBitsPeerCacheAdministration>(this, riid);
  }
  return give_interface(static_cast<IBackgroundCopyManager*>(this), found, out);
}

HRESULT ManagerObject::CreateJob(LPCWSTR name, BG_JOB_TYPE type, GUID* id,
                                 IBackgroundCopyJob** out) {
  if (!clear(id, out)) return RPC_X_NULL_REF_POINTER;
  if (name == nullptr) return E_INVALIDARG;
  return protect([&] {
    const auto text = utf8_of(name);
    if (!text) return E_INVALIDARG;
    const Result<Job> job = client_.create_job(*text, static_cast<JobType>(type));
    if (!job) return hresult_of(job);
    *out = JobObject::of(*job).release();
    *id = guid_of(job->id()).value_or(GUID_NULL);
    return S_OK;
  });
}

HRESULT ManagerObject::GetJob(REFGUID id, IBackgroundCopyJob** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] {
    const Result<Job> job = client_.get_job(text_of(id));
    if (job) *out = JobObject::of(*job).release();
    return hresult_of(job);
  });
}

HRESULT ManagerObject::EnumJobs(DWORD flags, IEnumBackgroundCopyJobs** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  if ((flags & ~static_cast<DWORD>(BG_JOB_ENUM_ALL_USERS)) != 0) return E_INVALIDARG;
  return protect([&] {
    JobFilter filter;
    filter.all_users = flags != 0;
    const auto found = client_.list(filter);
    if (!found) return hresult_of(found);
    std::vector<Job> jobs;
    jobs.reserve(found->size());
    for (const JobInfo& info : *found) jobs.push_back(client_.job(info));
    return enumerate<JobList>(std::move(jobs), out);
  });
}

HRESULT ManagerObject::GetErrorDescription(HRESULT code, DWORD language, LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  if (const HRESULT hr = check_language(language); FAILED(hr)) return hr;
  return protect([&] { return give_text(code_text(static_cast<std::uint32_t>(code)), out); });
}

}  // namespace backhaul::bits
