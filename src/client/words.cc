// SPDX-License-Identifier: Apache-2.0
// Words and codes of the public headers. The static_asserts hold them equal to src/base: the
// numbers are part of the contract, and nothing is translated between the layers.
#include <backhaul/client.h>
#include <backhaul/codes.h>
#include <backhaul/result.h>
#include <backhaul/types.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <type_traits>

#include "base/code.h"
#include "base/vocabulary.h"
#include "bus/names.h"
#include "bus/place.h"
#include "core/cost.h"
#include "core/custom_headers.h"
#include "core/proxy.h"
#include "core/local_name.h"
#include "core/shown_url.h"
#include "core/size_text.h"

namespace backhaul {
namespace {

static_assert(cost::transfer_always == core::cost::always &&
              cost::transfer_not_roaming == core::cost::not_roaming &&
              cost::transfer_no_surcharge == core::cost::no_surcharge &&
              cost::transfer_standard == core::cost::standard &&
              cost::transfer_unrestricted == core::cost::only_unrestricted &&
              cost::roaming == core::cost::roaming);

#define BH_SAME(public_name, symbol) \
  static_assert(code::public_name == base::to_number(base::Code::symbol))
BH_SAME(s_ok, S_OK);
BH_SAME(s_false, S_FALSE);
BH_SAME(e_notimpl, E_NOTIMPL);
BH_SAME(e_nointerface, E_NOINTERFACE);
BH_SAME(e_pointer, E_POINTER);
BH_SAME(e_abort, E_ABORT);
BH_SAME(e_fail, E_FAIL);
BH_SAME(e_pending, E_PENDING);
BH_SAME(e_unexpected, E_UNEXPECTED);
BH_SAME(e_accessdenied, E_ACCESSDENIED);
BH_SAME(e_outofmemory, E_OUTOFMEMORY);
BH_SAME(e_invalidarg, E_INVALIDARG);
BH_SAME(file_not_found, FILE_NOT_FOUND);
BH_SAME(path_not_found, PATH_NOT_FOUND);
BH_SAME(too_many_open_files, TOO_MANY_OPEN_FILES);
BH_SAME(write_protect, WRITE_PROTECT);
BH_SAME(sharing_violation, SHARING_VIOLATION);
BH_SAME(disk_full, DISK_FULL);
BH_SAME(bad_file_type, BAD_FILE_TYPE);
BH_SAME(file_too_large, FILE_TOO_LARGE);
BH_SAME(already_exists, ALREADY_EXISTS);
BH_SAME(write_fault, WRITE_FAULT);
BH_SAME(not_logged_on, NOT_LOGGED_ON);
BH_SAME(can_not_complete, CAN_NOT_COMPLETE);
BH_SAME(service_disabled, SERVICE_DISABLED);
BH_SAME(rpc_server_unavailable, RPC_SERVER_UNAVAILABLE);
BH_SAME(rpc_call_failed, RPC_CALL_FAILED);
BH_SAME(rpc_x_null_ref_pointer, RPC_X_NULL_REF_POINTER);
BH_SAME(rpc_x_bad_stub_data, RPC_X_BAD_STUB_DATA);
BH_SAME(resource_lang_not_found, RESOURCE_LANG_NOT_FOUND);
BH_SAME(rpc_e_disconnected, RPC_E_DISCONNECTED);
BH_SAME(rpc_e_serverfault, RPC_E_SERVERFAULT);
BH_SAME(co_e_not_supported, CO_E_NOT_SUPPORTED);
BH_SAME(regdb_e_classnotreg, REGDB_E_CLASSNOTREG);
BH_SAME(co_e_classstring, CO_E_CLASSSTRING);
BH_SAME(co_e_server_exec_failure, CO_E_SERVER_EXEC_FAILURE);
BH_SAME(crypt_e_not_found, CRYPT_E_NOT_FOUND);
BH_SAME(winhttp_timeout, WINHTTP_TIMEOUT);
BH_SAME(winhttp_invalid_url, WINHTTP_INVALID_URL);
BH_SAME(winhttp_unrecognized_scheme, WINHTTP_UNRECOGNIZED_SCHEME);
BH_SAME(winhttp_name_not_resolved, WINHTTP_NAME_NOT_RESOLVED);
BH_SAME(winhttp_cannot_connect, WINHTTP_CANNOT_CONNECT);
BH_SAME(winhttp_connection_error, WINHTTP_CONNECTION_ERROR);
BH_SAME(winhttp_secure_cert_date_invalid, WINHTTP_SECURE_CERT_DATE_INVALID);
BH_SAME(winhttp_secure_cert_cn_invalid, WINHTTP_SECURE_CERT_CN_INVALID);
BH_SAME(winhttp_client_auth_cert_needed, WINHTTP_CLIENT_AUTH_CERT_NEEDED);
BH_SAME(winhttp_secure_invalid_ca, WINHTTP_SECURE_INVALID_CA);
BH_SAME(winhttp_secure_cert_rev_failed, WINHTTP_SECURE_CERT_REV_FAILED);
BH_SAME(winhttp_invalid_server_response, WINHTTP_INVALID_SERVER_RESPONSE);
BH_SAME(winhttp_redirect_failed, WINHTTP_REDIRECT_FAILED);
BH_SAME(winhttp_secure_cert_revoked, WINHTTP_SECURE_CERT_REVOKED);
BH_SAME(winhttp_secure_failure, WINHTTP_SECURE_FAILURE);
BH_SAME(winhttp_secure_cert_wrong_usage, WINHTTP_SECURE_CERT_WRONG_USAGE);
BH_SAME(winhttp_client_cert_no_access_private_key, WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY);
BH_SAME(bg_e_not_found, BG_E_NOT_FOUND);
BH_SAME(bg_e_invalid_state, BG_E_INVALID_STATE);
BH_SAME(bg_e_empty, BG_E_EMPTY);
BH_SAME(bg_e_file_not_available, BG_E_FILE_NOT_AVAILABLE);
BH_SAME(bg_e_protocol_not_available, BG_E_PROTOCOL_NOT_AVAILABLE);
BH_SAME(bg_s_error_context_none, BG_S_ERROR_CONTEXT_NONE);
BH_SAME(bg_e_error_context_unknown, BG_E_ERROR_CONTEXT_UNKNOWN);
BH_SAME(bg_e_error_context_general_queue_manager, BG_E_ERROR_CONTEXT_GENERAL_QUEUE_MANAGER);
BH_SAME(bg_e_error_context_local_file, BG_E_ERROR_CONTEXT_LOCAL_FILE);
BH_SAME(bg_e_error_context_remote_file, BG_E_ERROR_CONTEXT_REMOTE_FILE);
BH_SAME(bg_e_error_context_general_transport, BG_E_ERROR_CONTEXT_GENERAL_TRANSPORT);
BH_SAME(bg_e_error_context_queue_manager_notification, BG_E_ERROR_CONTEXT_QUEUE_MANAGER_NOTIFICATION);
BH_SAME(bg_e_destination_locked, BG_E_DESTINATION_LOCKED);
BH_SAME(bg_e_volume_changed, BG_E_VOLUME_CHANGED);
BH_SAME(bg_e_error_information_unavailable, BG_E_ERROR_INFORMATION_UNAVAILABLE);
BH_SAME(bg_e_network_disconnected, BG_E_NETWORK_DISCONNECTED);
BH_SAME(bg_e_missing_file_size, BG_E_MISSING_FILE_SIZE);
BH_SAME(bg_e_insufficient_http_support, BG_E_INSUFFICIENT_HTTP_SUPPORT);
BH_SAME(bg_e_insufficient_range_support, BG_E_INSUFFICIENT_RANGE_SUPPORT);
BH_SAME(bg_e_remote_not_supported, BG_E_REMOTE_NOT_SUPPORTED);
BH_SAME(bg_e_new_owner_diff_mapping, BG_E_NEW_OWNER_DIFF_MAPPING);
BH_SAME(bg_e_new_owner_no_file_access, BG_E_NEW_OWNER_NO_FILE_ACCESS);
BH_SAME(bg_s_partial_complete, BG_S_PARTIAL_COMPLETE);
BH_SAME(bg_e_proxy_list_too_large, BG_E_PROXY_LIST_TOO_LARGE);
BH_SAME(bg_e_proxy_bypass_list_too_large, BG_E_PROXY_BYPASS_LIST_TOO_LARGE);
BH_SAME(bg_s_unable_to_delete_files, BG_S_UNABLE_TO_DELETE_FILES);
BH_SAME(bg_e_invalid_server_response, BG_E_INVALID_SERVER_RESPONSE);
BH_SAME(bg_e_too_many_files, BG_E_TOO_MANY_FILES);
BH_SAME(bg_e_local_file_changed, BG_E_LOCAL_FILE_CHANGED);
BH_SAME(bg_e_error_context_remote_application, BG_E_ERROR_CONTEXT_REMOTE_APPLICATION);
BH_SAME(bg_e_session_not_found, BG_E_SESSION_NOT_FOUND);
BH_SAME(bg_e_too_large, BG_E_TOO_LARGE);
BH_SAME(bg_e_string_too_long, BG_E_STRING_TOO_LONG);
BH_SAME(bg_e_client_server_protocol_mismatch, BG_E_CLIENT_SERVER_PROTOCOL_MISMATCH);
BH_SAME(bg_e_server_execute_enable, BG_E_SERVER_EXECUTE_ENABLE);
BH_SAME(bg_e_no_progress, BG_E_NO_PROGRESS);
BH_SAME(bg_e_username_too_large, BG_E_USERNAME_TOO_LARGE);
BH_SAME(bg_e_password_too_large, BG_E_PASSWORD_TOO_LARGE);
BH_SAME(bg_e_invalid_auth_target, BG_E_INVALID_AUTH_TARGET);
BH_SAME(bg_e_invalid_auth_scheme, BG_E_INVALID_AUTH_SCHEME);
BH_SAME(bg_e_file_not_found, BG_E_FILE_NOT_FOUND);
BH_SAME(bg_s_proxy_changed, BG_S_PROXY_CHANGED);
BH_SAME(bg_e_invalid_range, BG_E_INVALID_RANGE);
BH_SAME(bg_e_overlapping_ranges, BG_E_OVERLAPPING_RANGES);
BH_SAME(bg_e_connect_failure, BG_E_CONNECT_FAILURE);
BH_SAME(bg_e_connection_closed, BG_E_CONNECTION_CLOSED);
BH_SAME(bg_e_blocked_by_policy, BG_E_BLOCKED_BY_POLICY);
BH_SAME(bg_e_invalid_proxy_info, BG_E_INVALID_PROXY_INFO);
BH_SAME(bg_e_invalid_credentials, BG_E_INVALID_CREDENTIALS);
BH_SAME(bg_e_invalid_hash_algorithm, BG_E_INVALID_HASH_ALGORITHM);
BH_SAME(bg_e_record_deleted, BG_E_RECORD_DELETED);
BH_SAME(bg_e_commit_in_progress, BG_E_COMMIT_IN_PROGRESS);
BH_SAME(bg_e_discovery_in_progress, BG_E_DISCOVERY_IN_PROGRESS);
BH_SAME(bg_e_upnp_error, BG_E_UPNP_ERROR);
BH_SAME(bg_e_test_option_blocked_download, BG_E_TEST_OPTION_BLOCKED_DOWNLOAD);
BH_SAME(bg_e_peercaching_disabled, BG_E_PEERCACHING_DISABLED);
BH_SAME(bg_e_busycacherecord, BG_E_BUSYCACHERECORD);
BH_SAME(bg_e_too_many_jobs_per_user, BG_E_TOO_MANY_JOBS_PER_USER);
BH_SAME(bg_e_too_many_jobs_per_machine, BG_E_TOO_MANY_JOBS_PER_MACHINE);
BH_SAME(bg_e_too_many_files_in_job, BG_E_TOO_MANY_FILES_IN_JOB);
BH_SAME(bg_e_too_many_ranges_in_file, BG_E_TOO_MANY_RANGES_IN_FILE);
BH_SAME(bg_e_validation_failed, BG_E_VALIDATION_FAILED);
BH_SAME(bg_e_maxdownload_timeout, BG_E_MAXDOWNLOAD_TIMEOUT);
BH_SAME(bg_s_overridden_by_policy, BG_S_OVERRIDDEN_BY_POLICY);
BH_SAME(bg_e_token_required, BG_E_TOKEN_REQUIRED);
BH_SAME(bg_e_unknown_property_id, BG_E_UNKNOWN_PROPERTY_ID);
BH_SAME(bg_e_read_only_property, BG_E_READ_ONLY_PROPERTY);
BH_SAME(bg_e_blocked_by_cost_transfer_policy, BG_E_BLOCKED_BY_COST_TRANSFER_POLICY);
BH_SAME(bg_e_property_supported_for_download_jobs_only, BG_E_PROPERTY_SUPPORTED_FOR_DOWNLOAD_JOBS_ONLY);
BH_SAME(bg_e_read_only_property_after_addfile, BG_E_READ_ONLY_PROPERTY_AFTER_ADDFILE);
BH_SAME(bg_e_read_only_property_after_resume, BG_E_READ_ONLY_PROPERTY_AFTER_RESUME);
BH_SAME(bg_e_max_download_size_invalid_value, BG_E_MAX_DOWNLOAD_SIZE_INVALID_VALUE);
BH_SAME(bg_e_max_download_size_limit_reached, BG_E_MAX_DOWNLOAD_SIZE_LIMIT_REACHED);
BH_SAME(bg_e_standby_mode, BG_E_STANDBY_MODE);
BH_SAME(bg_e_use_stored_credentials_not_supported, BG_E_USE_STORED_CREDENTIALS_NOT_SUPPORTED);
BH_SAME(bg_e_blocked_by_battery_policy, BG_E_BLOCKED_BY_BATTERY_POLICY);
BH_SAME(bg_e_blocked_by_battery_saver, BG_E_BLOCKED_BY_BATTERY_SAVER);
BH_SAME(bg_e_watchdog_timeout, BG_E_WATCHDOG_TIMEOUT);
BH_SAME(bg_e_app_package_not_found, BG_E_APP_PACKAGE_NOT_FOUND);
BH_SAME(bg_e_app_package_scenario_not_supported, BG_E_APP_PACKAGE_SCENARIO_NOT_SUPPORTED);
BH_SAME(bg_e_database_corrupt, BG_E_DATABASE_CORRUPT);
BH_SAME(bg_e_random_access_not_supported, BG_E_RANDOM_ACCESS_NOT_SUPPORTED);
BH_SAME(bg_e_blocked_by_background_access_policy, BG_E_BLOCKED_BY_BACKGROUND_ACCESS_POLICY);
BH_SAME(bg_e_blocked_by_game_mode, BG_E_BLOCKED_BY_GAME_MODE);
BH_SAME(bg_e_blocked_by_system_policy, BG_E_BLOCKED_BY_SYSTEM_POLICY);
BH_SAME(bg_e_not_supported_with_custom_http_method, BG_E_NOT_SUPPORTED_WITH_CUSTOM_HTTP_METHOD);
BH_SAME(bg_e_unsupported_job_configuration, BG_E_UNSUPPORTED_JOB_CONFIGURATION);
BH_SAME(bg_e_remote_file_changed, BG_E_REMOTE_FILE_CHANGED);
BH_SAME(bg_e_server_cert_validation_interface_required, BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED);
BH_SAME(bg_e_read_only_when_job_active, BG_E_READ_ONLY_WHEN_JOB_ACTIVE);
BH_SAME(bg_e_error_context_server_certificate_callback, BG_E_ERROR_CONTEXT_SERVER_CERTIFICATE_CALLBACK);
#undef BH_SAME

#define BH_SAME(type, name)                                                     \
  static_assert(static_cast<std::uint32_t>(type::name) ==                       \
                static_cast<std::underlying_type_t<base::type>>(base::type::name))
BH_SAME(JobType, download);
BH_SAME(JobType, upload);
BH_SAME(JobType, upload_reply);
BH_SAME(JobState, queued);
BH_SAME(JobState, connecting);
BH_SAME(JobState, transferring);
BH_SAME(JobState, suspended);
BH_SAME(JobState, error);
BH_SAME(JobState, transient_error);
BH_SAME(JobState, transferred);
BH_SAME(JobState, acknowledged);
BH_SAME(JobState, cancelled);
BH_SAME(Priority, foreground);
BH_SAME(Priority, high);
BH_SAME(Priority, normal);
BH_SAME(Priority, low);
BH_SAME(ErrorContext, none);
BH_SAME(ErrorContext, unknown);
BH_SAME(ErrorContext, general_queue_manager);
BH_SAME(ErrorContext, queue_manager_notification);
BH_SAME(ErrorContext, local_file);
BH_SAME(ErrorContext, remote_file);
BH_SAME(ErrorContext, general_transport);
BH_SAME(ErrorContext, remote_application);
BH_SAME(ErrorContext, server_certificate_callback);
#undef BH_SAME
static_assert(notify::job_transferred == base::notify::job_transferred);
static_assert(notify::job_error == base::notify::job_error);
static_assert(notify::disable == base::notify::disable);
static_assert(notify::job_modification == base::notify::job_modification);
static_assert(notify::file_transferred == base::notify::file_transferred);
static_assert(notify::file_ranges_transferred == base::notify::file_ranges_transferred);
static_assert(size_unknown == base::size_unknown && no_file == base::no_file);

template <class Base, class Value>
const char* word_of(Value value) {
  const auto number = static_cast<std::uint32_t>(value);
  if (number > UINT8_MAX) return "unknown";  // from a newer service
  return base::to_word(static_cast<Base>(number)).data();  // literals: they end in a NUL
}

}  // namespace

const char* to_word(JobType type) { return word_of<base::JobType>(type); }
const char* to_word(JobState state) { return word_of<base::JobState>(state); }
const char* to_word(Priority priority) { return word_of<base::Priority>(priority); }
const char* to_word(ErrorContext context) { return word_of<base::ErrorContext>(context); }

bool from_word(const std::string& word, JobState& value) {
  const auto state = base::job_state_from_word(word);
  if (state) value = static_cast<JobState>(*state);
  return state.has_value();
}

bool from_word(const std::string& word, Priority& value) {
  const auto priority = base::priority_from_word(word);
  if (priority) value = static_cast<Priority>(*priority);
  return priority.has_value();
}

namespace {

constexpr const char* target_words[] = {"server", "proxy"};
constexpr const char* scheme_words[] = {"basic", "digest", "ntlm", "negotiate", "passport"};

// BITS counts from 1.
template <class Value, std::size_t count>
const char* word_in(const char* const (&words)[count], Value value) {
  const auto number = static_cast<std::uint32_t>(value);
  return number >= 1 && number <= count ? words[number - 1] : "unknown";
}
template <class Value, std::size_t count>
bool find_word(const char* const (&words)[count], const std::string& word, Value& value) {
  for (std::size_t i = 0; i < count; ++i) {
    if (word != words[i]) continue;
    value = static_cast<Value>(i + 1);
    return true;
  }
  return false;
}

}  // namespace

const char* to_word(AuthTarget target) { return word_in(target_words, target); }
const char* to_word(AuthScheme scheme) { return word_in(scheme_words, scheme); }
bool from_word(const std::string& word, AuthTarget& value) { return find_word(target_words, word, value); }
bool from_word(const std::string& word, AuthScheme& value) { return find_word(scheme_words, word, value); }

std::string code_symbol(std::uint32_t result) { return base::symbol(static_cast<base::Code>(result)); }
std::string code_text(std::uint32_t result) { return base::describe(static_cast<base::Code>(result)); }

std::string shown_url(const std::string& url) { return core::shown_url(url); }

std::string local_name(const std::string& url) { return core::local_name_of(url); }
std::string size_text(std::uint64_t bytes) { return core::size_text(bytes); }
std::string service_program() { return bus::Place::current().daemon; }

std::string proxy_problem(const ProxySettings& proxy) {
  const auto settings = core::judge_proxy(static_cast<std::uint32_t>(proxy.usage), proxy.list, proxy.bypass);
  if (!settings) return settings.error().text;
  const auto route = core::route_to("http://host/", *settings, {});
  return route ? std::string() : route.error().text;
}

bool may_carry_credentials(const std::string& headers) {
  return core::check_custom_headers(headers) &&
         std::ranges::any_of(core::custom_headers(headers), core::may_carry_credentials);
}

std::string class_bus_name(const std::string& clsid) {
  return bus::class_bus_name(clsid).value_or("");
}

void result_misused(const Error* error) {
  if (error == nullptr)
    std::fputs("backhaul: the error of a Result was taken, but it holds a value\n", stderr);
  else
    std::fprintf(stderr, "backhaul: the value of a Result was taken, but it holds %s: %s\n",
                 error->symbol().c_str(), error->message.c_str());
  std::abort();
}

}  // namespace backhaul
