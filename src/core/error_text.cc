// SPDX-License-Identifier: Apache-2.0
#include "core/error_text.h"

#include "base/code.h"

namespace backhaul::core {
namespace {

constexpr std::string_view text_of(base::Code code) {
  switch (code) {
#define X(symbol, value, text) \
  case base::Code::symbol: return text;
#include "base/codes.def"
#undef X
  }
  return {};
}

}  // namespace

std::string_view context_text(base::ErrorContext context) {
  using enum base::ErrorContext;
  using enum base::Code;
  switch (context) {
    case none: return text_of(BG_S_ERROR_CONTEXT_NONE);
    case unknown: return text_of(BG_E_ERROR_CONTEXT_UNKNOWN);
    case general_queue_manager: return text_of(BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER);
    case queue_manager_notification: return text_of(BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION);
    case local_file: return text_of(BG_E_ERROR_CONTEXT_LOCAL_FILE);
    case remote_file: return text_of(BG_E_ERROR_CONTEXT_REMOTE_FILE);
    case general_transport: return text_of(BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT);
    case remote_application: return text_of(BG_E_ERROR_CONTEXT_REMOTE_APPLICATION);
    case server_certificate_callback:
      return text_of(BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK);
  }
  return text_of(BG_E_ERROR_CONTEXT_UNKNOWN);
}

std::string_view protocol_text(const ErrorInfo& error) {
  using enum base::ErrorContext;
  switch (error.context) {
    case remote_file:
    case general_transport:
    case remote_application:
    case server_certificate_callback: return error.of_this_machine ? "file" : "http";
    default: return {};
  }
}

}  // namespace backhaul::core
