// SPDX-License-Identifier: Apache-2.0
#include <backhaul/callback.h>
#include <backhaul/codes.h>

#include <utility>

namespace backhaul {

Callback::Callback() = default;
Callback::~Callback() = default;
std::uint32_t Callback::level() const { return 1; }
std::uint32_t Callback::job_transferred(const Notification&) { return code::s_ok; }
std::uint32_t Callback::job_error(const Notification&) { return code::s_ok; }
std::uint32_t Callback::job_modification(const Notification&) { return code::s_ok; }
std::uint32_t Callback::file_transferred(const Notification&) { return code::s_ok; }
std::uint32_t Callback::file_ranges_transferred(const Notification&) { return code::s_ok; }
void Callback::released() {}
std::shared_ptr<Executor> Callback::executor() const { return nullptr; }

namespace {

class FunctionCallback final : public Callback {
 public:
  explicit FunctionCallback(CallbackFunctions functions) : functions_(std::move(functions)) {}

  std::uint32_t level() const override {
    return functions_.file_ranges_transferred ? 3 : functions_.file_transferred ? 2 : 1;
  }
  std::uint32_t job_transferred(const Notification& event) override {
    return call(functions_.job_transferred, event);
  }
  std::uint32_t job_error(const Notification& event) override {
    return call(functions_.job_error, event);
  }
  std::uint32_t job_modification(const Notification& event) override {
    return call(functions_.job_modification, event);
  }
  std::uint32_t file_transferred(const Notification& event) override {
    return call(functions_.file_transferred, event);
  }
  std::uint32_t file_ranges_transferred(const Notification& event) override {
    return call(functions_.file_ranges_transferred, event);
  }
  void released() override {
    if (functions_.released) functions_.released();
  }

 private:
  static std::uint32_t call(const CallbackFunctions::Function& f, const Notification& event) {
    return f ? f(event) : code::s_ok;
  }

  const CallbackFunctions functions_;
};

}  // namespace

std::shared_ptr<Callback> make_callback(CallbackFunctions functions) {
  return std::make_shared<FunctionCallback>(std::move(functions));
}

std::shared_ptr<Callback> make_callback(CallbackFunctions::Function function) {
  CallbackFunctions functions;
  functions.job_transferred = function;
  functions.job_error = function;
  functions.job_modification = function;
  functions.file_transferred = function;
  functions.file_ranges_transferred = std::move(function);
  return make_callback(std::move(functions));
}

}  // namespace backhaul
