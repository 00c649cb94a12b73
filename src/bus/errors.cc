// SPDX-License-Identifier: Apache-2.0
#include "bus/errors.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include "bus/names.h"

namespace backhaul::bus {
namespace {

using base::Code;

constexpr std::pair<std::string_view, Code> standard_errors[] = {
    {"ServiceUnknown", Code::RPC_SERVER_UNAVAILABLE},
    {"NameHasNoOwner", Code::RPC_SERVER_UNAVAILABLE},
    {"NoServer", Code::RPC_SERVER_UNAVAILABLE},
    {"TimedOut", Code::RPC_SERVER_UNAVAILABLE},  // of an activation
    {"NoReply", Code::RPC_E_DISCONNECTED},
    {"Disconnected", Code::RPC_E_DISCONNECTED},
    {"Timeout", Code::RPC_CALL_FAILED},
    {"AccessDenied", Code::E_ACCESSDENIED},
    {"AuthFailed", Code::E_ACCESSDENIED},
    {"InteractiveAuthorizationRequired", Code::E_ACCESSDENIED},
    {"InvalidArgs", Code::E_INVALIDARG},
    {"InvalidSignature", Code::RPC_X_BAD_STUB_DATA},
    {"InconsistentMessage", Code::RPC_X_BAD_STUB_DATA},
    {"NoMemory", Code::E_OUTOFMEMORY},
    {"LimitsExceeded", Code::E_OUTOFMEMORY},
    {"NotSupported", Code::E_NOTIMPL},
    {"UnknownMethod", Code::E_NOTIMPL},
    {"UnknownInterface", Code::E_NOINTERFACE},
    {"UnknownProperty", Code::E_INVALIDARG},
    {"PropertyReadOnly", Code::E_INVALIDARG},
    {"UnknownObject", Code::RPC_E_DISCONNECTED},  // the object is no longer exported
    {"FileNotFound", Code::FILE_NOT_FOUND},
};

bool is_connection_error(int error) {
  return error == ENOTCONN || error == ECONNRESET || error == ESHUTDOWN || error == EPIPE ||
         error == ECONNABORTED || error == ESTALE || error == ECHILD;
}

}  // namespace

std::string error_name(Code code) { return error_prefix + base::symbol(code); }

Code code_from_error_name(std::string_view name) {
  if (name.starts_with(error_prefix)) {
    name.remove_prefix(std::string_view(error_prefix).size());
    return base::code_from_symbol(name).value_or(Code::E_FAIL);
  }
  const std::string_view standard = "org.freedesktop.DBus.Error.";
  if (!name.starts_with(standard)) return Code::E_FAIL;
  name.remove_prefix(standard.size());
  if (name.starts_with("Spawn.")) return Code::RPC_SERVER_UNAVAILABLE;
  for (const auto& [word, code] : standard_errors)
    if (word == name) return code;
  return Code::E_FAIL;
}

Code Failure::code() const { return code_from_error_name(name); }

base::Error Failure::error() const { return {code(), text}; }

Failure failure_from_errno(int negative_errno) {
  const int error = negative_errno < 0 ? -negative_errno : negative_errno;
  const std::string text = std::strerror(error);
  if (is_connection_error(error)) return {disconnected, text};
  if (error == ETIMEDOUT) return {no_reply, text};
  if (error == EACCES || error == EPERM) return {"org.freedesktop.DBus.Error.AccessDenied", text};
  if (error == EINVAL) return {"org.freedesktop.DBus.Error.InvalidArgs", text};
  if (error == ENOMEM || error == ENOBUFS) return {"org.freedesktop.DBus.Error.NoMemory", text};
  if (error == EMFILE || error == ENFILE)
    return {error_name(Code::TOO_MANY_OPEN_FILES), text};
  if (error == EBADMSG || error == ENXIO) return {error_name(Code::RPC_X_BAD_STUB_DATA), text};
  return {"org.freedesktop.DBus.Error.Failed", text};
}

base::Error error_from_errno(int negative_errno, std::string_view what) {
  base::Error error = failure_from_errno(negative_errno).error();
  error.text = std::string(what) + ": " + error.text;
  return error;
}

}  // namespace backhaul::bus
