// SPDX-License-Identifier: Apache-2.0
// Which failures are worth another try (errors.md §1, §2, §5; the default is in judge.h).
#include "core/judge.h"

namespace backhaul::core {
namespace {

// 308 is newer than the rule, and another 301. A success that brings no file (202 to 207) is as final as a refusal: it says the same on every try.
ErrorClass classify_status(unsigned status) {
  if (status >= 200 && status <= 299) return ErrorClass::fatal;
  if (status >= 300 && status <= 399)
    return status <= 305 || status == 307 || status == 308 ? ErrorClass::fatal : ErrorClass::transient;
  if (status >= 400 && status <= 499)
    return status == 408 || status == 409 || status == 425 || status == 429 ? ErrorClass::transient
                                                                             : ErrorClass::fatal;
  return status == 501 || status == 505 ? ErrorClass::fatal : ErrorClass::transient;
}

bool is_winhttp(base::Code code) {
  const auto number = base::to_number(code);
  const auto win32 = number & 0xFFFFU;
  return (number & 0xFFFF0000U) == 0x80070000U && win32 >= 12'000 && win32 <= 12'999;
}

}  // namespace

ErrorClass classify(base::Code code) {
  using enum base::Code;
  if (base::is_http_code(code)) return classify_status(base::http_status(code));
  switch (code) {
    // The condition itself wakes the job (http-and-network.md §8, jobs.md §3.2).
    case BG_E_DESTINATION_LOCKED:
    case BG_E_NETWORK_DISCONNECTED:
    case BG_E_BLOCKED_BY_POLICY:
    case BG_E_BLOCKED_BY_COST_TRANSFER_POLICY:
    case BG_E_STANDBY_MODE:
    case BG_E_BLOCKED_BY_BATTERY_POLICY:
    case BG_E_BLOCKED_BY_BATTERY_SAVER:
    case BG_E_BLOCKED_BY_BACKGROUND_ACCESS_POLICY:
    case BG_E_BLOCKED_BY_GAME_MODE:
    case BG_E_BLOCKED_BY_SYSTEM_POLICY: return ErrorClass::waits_for_event;

    case BG_E_SESSION_NOT_FOUND:
    case BG_E_NO_PROGRESS:
    case BG_E_CONNECT_FAILURE:
    case BG_E_CONNECTION_CLOSED:
    case BG_E_WATCHDOG_TIMEOUT:
    case SHARING_VIOLATION:
    case NOT_LOGGED_ON:  // its user opens what was closed
    case CAN_NOT_COMPLETE: return ErrorClass::transient;

    case TOO_MANY_OPEN_FILES:
    case E_OUTOFMEMORY: return ErrorClass::shortage;

    // Among the WinHTTP codes, those that say the same on every try.
    case WINHTTP_INVALID_URL:
    case WINHTTP_UNRECOGNIZED_SCHEME:
    case WINHTTP_REDIRECT_FAILED:
    case WINHTTP_SECURE_CERT_DATE_INVALID:
    case WINHTTP_SECURE_CERT_CN_INVALID:
    case WINHTTP_CLIENT_AUTH_CERT_NEEDED:
    case WINHTTP_SECURE_INVALID_CA:
    case WINHTTP_SECURE_CERT_REV_FAILED:
    case WINHTTP_SECURE_CERT_REVOKED:
    case WINHTTP_SECURE_FAILURE:
    case WINHTTP_SECURE_CERT_WRONG_USAGE:
    case WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY: return ErrorClass::fatal;

    default: return is_winhttp(code) ? ErrorClass::transient : ErrorClass::fatal;
  }
}

}  // namespace backhaul::core
