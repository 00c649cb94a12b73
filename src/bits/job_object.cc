// SPDX-License-Identifier: Apache-2.0
// Identity and life of job objects, and IBackgroundCopyJob but for its settings (job_settings.cc).
#include "bits/job_object.h"

#include <mutex>
#include <optional>
#include <unordered_map>

#include "bits/callback_adapter.h"
#include "bits/enumerator.h"
#include "bits/error_object.h"
#include "bits/file_object.h"
#include "bits/job_read.h"
#include "bits/names.h"
#include "bits/ranges.h"
#include "bits/session.h"
#include "bits/validator_adapter.h"
#include "bits/wide.h"

namespace backhaul::bits {

namespace {

// Every living job object by its id. Never freed: a callback may drop a job while the program
// exits.
struct Living {
  std::mutex mutex;
  std::unordered_map<std::string, JobObject*> objects;
};

Living& living() {
  static auto* const all = new Living;
  return *all;
}

// Stands for a callback object of another process: there is one, and nothing to be called on it.
class ForeignObject final : public Object<IUnknown> {
 public:
  HRESULT STDMETHODCALLTYPE QueryInterface(REFIID riid, void** out) override {
    return give_interface(this, interface_of<IUnknown>(this, riid), out);
  }
};

}  // namespace

// Looking up and the end of the last reference happen under one lock: an object that is about to
// die is never given out again.
Ref<JobObject> JobObject::of(const Job& job) {
  Living& all = living();
  const std::lock_guard lock(all.mutex);
  JobObject*& place = all.objects[job.id()];
  if (place != nullptr) {
    ++place->references_;
  } else {
    place = new JobObject(job);
  }
  return Ref<JobObject>::adopt(place);
}

ULONG JobObject::AddRef() { return ++references_; }

ULONG JobObject::Release() {
  ULONG count = references_;
  while (count > 1) {
    if (references_.compare_exchange_weak(count, count - 1)) return count - 1;
  }
  if (forked()) return 0;  // the lock may be held by a thread that does not exist here
  {
    Living& all = living();
    const std::lock_guard lock(all.mutex);
    if (--references_ != 0) return references_;
    all.objects.erase(job_.id());
  }
  delete this;
  return 0;
}

HRESULT JobObject::QueryInterface(REFIID riid, void** out) {
  void* found = riid == IID_IUnknown ? static_cast<IBackgroundCopyJob5*>(this) : nullptr;
  if (found == nullptr) {
    found = interface_of<IBackgroundCopyJob, IBackgroundCopyJob2, IBackgroundCopyJob3,
                         IBackgroundCopyJob4, IBackgroundCopyJob5, IBackgroundCopyJobHttpOptions,
                         IBackgroundCopyJobHttpOptions2, IBackgroundCopyJobHttpOptions3,
                         IBitsTokenOptions>(this, riid);
  }
  return give_interface(static_cast<IBackgroundCopyJob5*>(this), found, out);
}

namespace {

// Unset: a name is missing, not one of BITS or no UTF-16.
std::optional<FileSpec> spec_of(LPCWSTR remote, LPCWSTR local) {
  if (remote == nullptr || local == nullptr) return std::nullopt;
  if (!is_remote_of_bits(remote) || !is_local_of_bits(local)) return std::nullopt;
  auto remote_name = utf8_of(remote);
  auto local_name = utf8_of(local);
  if (!remote_name || !local_name) return std::nullopt;
  return FileSpec(std::move(*remote_name), std::move(*local_name));
}

}  // namespace

HRESULT unless_over(const Job& job, HRESULT otherwise) {
  return protect([&] {
    const Result<JobState> state = job.state();
    if (!state) return hresult_of(state);
    return is_final(*state) ? BG_E_INVALID_STATE : otherwise;
  });
}

HRESULT JobObject::AddFileSet(ULONG count, BG_FILE_INFO* files) {
  if (count != 0 && files == nullptr) return unless_over(E_INVALIDARG);
  return protect([&] {
    std::vector<FileSpec> specs;
    for (ULONG i = 0; i < count; ++i) {
      auto spec = spec_of(files[i].RemoteName, files[i].LocalName);
      if (!spec) return unless_over(E_INVALIDARG);
      specs.push_back(*std::move(spec));
    }
    if (specs.empty()) return unless_over(S_OK);
    return hresult_of(job_.add_files(specs));
  });
}

HRESULT JobObject::AddFile(LPCWSTR remote, LPCWSTR local) {
  BG_FILE_INFO file = {const_cast<LPWSTR>(remote), const_cast<LPWSTR>(local)};
  return AddFileSet(1, &file);
}

// The limits are those of BITS alone, so what would come of it is judged here, in front of the service,
// which changes all or nothing (files.md §5).
HRESULT JobObject::ReplaceRemotePrefix(LPCWSTR from, LPCWSTR to) {
  if (from == nullptr || to == nullptr || *from == L'\0' || *to == L'\0') return unless_over(E_INVALIDARG);
  return protect([&] {
    const auto before = utf8_of(from);
    const auto after = utf8_of(to);
    if (!before || !after) return unless_over(E_INVALIDARG);
    const Result<std::vector<FileInfo>> files = job_.files();
    if (!files) return unless_over(hresult_of(files));
    for (const FileInfo& file : *files) {
      if (file.remote_name().rfind(*before, 0) != 0) continue;
      const std::wstring name = to + wide_always(file.remote_name().substr(before->size()));
      if (!is_remote_of_bits(name.c_str())) return unless_over(E_INVALIDARG);
    }
    const Result<std::uint32_t> count = job_.replace_remote_prefix(*before, *after);
    if (!count) return hresult_of(count);
    return *count == 0 ? S_FALSE : S_OK;
  });
}

HRESULT JobObject::AddFileWithRanges(LPCWSTR remote, LPCWSTR local, DWORD count,
                                     BG_FILE_RANGE ranges[]) {
  return protect([&] {
    auto spec = spec_of(remote, local);
    if (!spec || count == 0 || ranges == nullptr || !may_have_ranges(spec->remote))
      return unless_over(E_INVALIDARG);
    spec->ranges = ranges_of(count, ranges);
    return hresult_of(job_.add_files({*std::move(spec)}));
  });
}

HRESULT JobObject::EnumFiles(IEnumBackgroundCopyFiles** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read([&](const JobInfo& info) {
    std::vector<File> files;
    for (std::uint32_t i = 0; i < info.files_total(); ++i) files.push_back(job_.file(i));
    return enumerate<FileList>(std::move(files), out);
  });
}

HRESULT JobObject::Suspend() {
  return protect([&] { return hresult_of(job_.suspend()); });
}

HRESULT JobObject::Resume() {
  return protect([&] { return hresult_of(job_.start()); });
}

HRESULT JobObject::Cancel() {
  return protect([&] {
    const Result<std::uint32_t> done = job_.cancel();
    return hresult_of(done ? *done : done.code());
  });
}

HRESULT JobObject::Complete() {
  return protect([&] {
    const Result<std::uint32_t> done = job_.complete();
    return hresult_of(done ? *done : done.code());
  });
}

HRESULT JobObject::TakeOwnership() {
  return protect([&] { return hresult_of(job_.take_ownership()); });
}

HRESULT JobObject::GetId(GUID* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = guid_of(job_.id()).value_or(GUID_NULL);
  return S_OK;
}

HRESULT JobObject::GetType(BG_JOB_TYPE* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BG_JOB_TYPE_DOWNLOAD;
  return read([&](const JobInfo& info) {
    *out = static_cast<BG_JOB_TYPE>(info.type());
    return S_OK;
  });
}

HRESULT JobObject::GetProgress(BG_JOB_PROGRESS* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BG_JOB_PROGRESS{};
  return read([&](const JobInfo& info) {
    *out = {info.bytes_total(), info.bytes_transferred(), info.files_total(),
            info.files_transferred()};
    return S_OK;
  });
}

HRESULT JobObject::GetTimes(BG_JOB_TIMES* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BG_JOB_TIMES{};
  return read([&](const JobInfo& info) {
    *out = {filetime_of(info.created()), filetime_of(info.modified()),
            filetime_of(info.transferred())};
    return S_OK;
  });
}

HRESULT JobObject::GetState(BG_JOB_STATE* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = BG_JOB_STATE_QUEUED;
  return protect([&] {
    const Result<JobState> state = job_.state();
    if (state) *out = static_cast<BG_JOB_STATE>(*state);
    return hresult_of(state);
  });
}

HRESULT JobObject::GetError(IBackgroundCopyError** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] {
    const Result<ErrorInfo> error = job_.error();
    if (error) *out = ErrorObject::of(job_, *error);
    return hresult_of(error);
  });
}

HRESULT JobObject::GetOwner(LPWSTR* out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return read([&](const JobInfo& info) {
    return give_text("S-1-22-1-" + std::to_string(info.owner()), out);
  });
}

HRESULT JobObject::GetErrorCount(ULONG* errors) {
  if (errors == nullptr) return E_INVALIDARG;
  *errors = 0;
  return read([&](const JobInfo& info) {
    *errors = info.error_count();
    return S_OK;
  });
}

HRESULT JobObject::SetNotifyInterface(IUnknown* value) {
  return protect([&] {
    if (value == nullptr) return hresult_of(job_.clear_notify_object());
    std::shared_ptr<CallbackAdapter> adapter = CallbackAdapter::make(value);
    if (adapter == nullptr) return unless_over(E_NOINTERFACE);
    const Result<void> done = job_.set_notify_object(adapter);
    if (!done) adapter->disconnect();  // refused: the program's object is its own again
    return hresult_of(done);
  });
}

HRESULT JobObject::SetServerCertificateValidationInterface(IUnknown* callback) {
  return protect([&] {
    if (callback == nullptr) return hresult_of(job_.clear_certificate_validator());
    const std::shared_ptr<ValidatorAdapter> adapter = ValidatorAdapter::make(callback);
    if (adapter == nullptr) return unless_over(E_NOINTERFACE);
    const Result<void> done = job_.set_certificate_validator(adapter);
    if (!done) adapter->disconnect();  // refused: the program's object is its own again
    return hresult_of(done);
  });
}

HRESULT JobObject::GetNotifyInterface(IUnknown** out) {
  if (out == nullptr) return E_INVALIDARG;
  *out = nullptr;
  return protect([&] {
    const Result<NotifyObject> object = job_.notify_object();
    if (!object) return hresult_of(object);
    if (object->bus_name.empty()) return S_OK;
    const auto own = std::dynamic_pointer_cast<CallbackAdapter>(object->own);
    *out = own != nullptr ? own->object().release() : nullptr;
    if (*out == nullptr) *out = new ForeignObject;
    return S_OK;
  });
}

}  // namespace backhaul::bits
