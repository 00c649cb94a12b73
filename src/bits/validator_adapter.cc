// SPDX-License-Identifier: Apache-2.0
#include "bits/validator_adapter.h"

#include <limits>
#include <string>

#include "bits/apartment.h"
#include "bits/file_object.h"
#include "bits/job_object.h"

namespace backhaul::bits {
namespace {

const BYTE* octets(const std::string& text) { return reinterpret_cast<const BYTE*>(text.data()); }

}  // namespace

std::shared_ptr<ValidatorAdapter> ValidatorAdapter::make(IUnknown* object) {
  auto program = Ref<Program>::ask(object);
  if (!program) return nullptr;
  auto adapter = std::make_shared<ValidatorAdapter>(std::move(program));
  if (adapter->home_ != nullptr) adapter->home_->add(adapter);
  return adapter;
}

ValidatorAdapter::ValidatorAdapter(Ref<Program> program)
    : home_(Sta::current()), program_(std::move(program)) {}

ValidatorAdapter::~ValidatorAdapter() = default;

// The chain is handed over as certificates one after another: DER says where each ends. The call has
// a reference of its own: the program may take the object back meanwhile.
std::uint32_t ValidatorAdapter::validate(const CertificateQuestion& question) {
  const CallbackScope scope;
  try {
    Ref<Program> program;
    {
      const std::lock_guard lock(mutex_);
      program = Ref<Program>::share(program_.get());
    }
    if (!program) return code::rpc_e_disconnected;
    const std::string& certificate = question.chain.front();
    std::string store;
    for (const std::string& one : question.chain) store += one;
    if (store.size() > std::numeric_limits<DWORD>::max()) return code::e_fail;
    const Ref<JobObject> job = JobObject::of(question.job);
    const auto file =
        Ref<IBackgroundCopyFile>::adopt(new FileObject(question.job.file(question.file)));
    return static_cast<std::uint32_t>(program->ValidateServerCertificate(
        job.get(), file.get(), static_cast<DWORD>(certificate.size()), octets(certificate),
        X509_ASN_ENCODING | PKCS_7_ASN_ENCODING, static_cast<DWORD>(store.size()), octets(store)));
  } catch (...) {
    return code::e_fail;
  }
}

void ValidatorAdapter::released() {
  const CallbackScope scope;
  disconnect();
}

void ValidatorAdapter::disconnect() {
  Ref<Program> program;
  const std::lock_guard lock(mutex_);
  std::swap(program, program_);
  // The last reference may end here: after the lock, the program's destructor runs without it.
}

}  // namespace backhaul::bits
