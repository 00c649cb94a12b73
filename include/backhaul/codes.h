// SPDX-License-Identifier: Apache-2.0
// Result codes: the HRESULTs of BITS as plain numbers. A name is the SDK's symbol in lower case, so
// that it cannot meet the SDK-like macros of <bits.h>.
#ifndef BACKHAUL_CODES_H
#define BACKHAUL_CODES_H

#include <cstdint>
#include <string>

#include "backhaul/export.h"

namespace backhaul {
namespace code {

constexpr std::uint32_t s_ok = 0x00000000U;
constexpr std::uint32_t s_false = 0x00000001U;
constexpr std::uint32_t e_notimpl = 0x80004001U;
constexpr std::uint32_t e_nointerface = 0x80004002U;
constexpr std::uint32_t e_pointer = 0x80004003U;
constexpr std::uint32_t e_abort = 0x80004004U;
constexpr std::uint32_t e_fail = 0x80004005U;
constexpr std::uint32_t e_pending = 0x8000000AU;
constexpr std::uint32_t e_unexpected = 0x8000FFFFU;
constexpr std::uint32_t e_accessdenied = 0x80070005U;
constexpr std::uint32_t e_outofmemory = 0x8007000EU;
constexpr std::uint32_t e_invalidarg = 0x80070057U;
constexpr std::uint32_t file_not_found = 0x80070002U;
constexpr std::uint32_t path_not_found = 0x80070003U;
constexpr std::uint32_t too_many_open_files = 0x80070004U;
constexpr std::uint32_t write_protect = 0x80070013U;
constexpr std::uint32_t sharing_violation = 0x80070020U;
constexpr std::uint32_t disk_full = 0x80070070U;
constexpr std::uint32_t bad_file_type = 0x800700DEU;
constexpr std::uint32_t file_too_large = 0x800700DFU;
constexpr std::uint32_t already_exists = 0x800700B7U;
constexpr std::uint32_t write_fault = 0x8007001DU;
constexpr std::uint32_t not_logged_on = 0x800704DDU;
constexpr std::uint32_t can_not_complete = 0x800703EBU;
constexpr std::uint32_t service_disabled = 0x80070422U;
constexpr std::uint32_t rpc_server_unavailable = 0x800706BAU;
constexpr std::uint32_t rpc_call_failed = 0x800706BEU;
constexpr std::uint32_t rpc_x_null_ref_pointer = 0x800706F4U;
constexpr std::uint32_t rpc_x_bad_stub_data = 0x800706F7U;
constexpr std::uint32_t resource_lang_not_found = 0x80070717U;
constexpr std::uint32_t rpc_e_disconnected = 0x80010108U;
constexpr std::uint32_t rpc_e_serverfault = 0x80010105U;
constexpr std::uint32_t co_e_not_supported = 0x80004021U;
constexpr std::uint32_t regdb_e_classnotreg = 0x80040154U;
constexpr std::uint32_t co_e_classstring = 0x800401F3U;
constexpr std::uint32_t co_e_server_exec_failure = 0x80080005U;
constexpr std::uint32_t crypt_e_not_found = 0x80092004U;
constexpr std::uint32_t winhttp_timeout = 0x80072EE2U;
constexpr std::uint32_t winhttp_invalid_url = 0x80072EE5U;
constexpr std::uint32_t winhttp_unrecognized_scheme = 0x80072EE6U;
constexpr std::uint32_t winhttp_name_not_resolved = 0x80072EE7U;
constexpr std::uint32_t winhttp_cannot_connect = 0x80072EFDU;
constexpr std::uint32_t winhttp_connection_error = 0x80072EFEU;
constexpr std::uint32_t winhttp_secure_cert_date_invalid = 0x80072F05U;
constexpr std::uint32_t winhttp_secure_cert_cn_invalid = 0x80072F06U;
constexpr std::uint32_t winhttp_client_auth_cert_needed = 0x80072F0CU;
constexpr std::uint32_t winhttp_secure_invalid_ca = 0x80072F0DU;
constexpr std::uint32_t winhttp_secure_cert_rev_failed = 0x80072F19U;
constexpr std::uint32_t winhttp_invalid_server_response = 0x80072F78U;
constexpr std::uint32_t winhttp_redirect_failed = 0x80072F7CU;
constexpr std::uint32_t winhttp_secure_cert_revoked = 0x80072F8AU;
constexpr std::uint32_t winhttp_secure_failure = 0x80072F8FU;
constexpr std::uint32_t winhttp_secure_cert_wrong_usage = 0x80072F93U;
constexpr std::uint32_t winhttp_client_cert_no_access_private_key = 0x80072F9AU;
constexpr std::uint32_t bg_e_not_found = 0x80200001U;
constexpr std::uint32_t bg_e_invalid_state = 0x80200002U;
constexpr std::uint32_t bg_e_empty = 0x80200003U;
constexpr std::uint32_t bg_e_file_not_available = 0x80200004U;
constexpr std::uint32_t bg_e_protocol_not_available = 0x80200005U;
constexpr std::uint32_t bg_s_error_context_none = 0x00200006U;
constexpr std::uint32_t bg_e_error_context_unknown = 0x80200007U;
constexpr std::uint32_t bg_e_error_context_general_queue_manager = 0x80200008U;
constexpr std::uint32_t bg_e_error_context_local_file = 0x80200009U;
constexpr std::uint32_t bg_e_error_context_remote_file = 0x8020000AU;
constexpr std::uint32_t bg_e_error_context_general_transport = 0x8020000BU;
constexpr std::uint32_t bg_e_error_context_queue_manager_notification = 0x8020000CU;
constexpr std::uint32_t bg_e_destination_locked = 0x8020000DU;
constexpr std::uint32_t bg_e_volume_changed = 0x8020000EU;
constexpr std::uint32_t bg_e_error_information_unavailable = 0x8020000FU;
constexpr std::uint32_t bg_e_network_disconnected = 0x80200010U;
constexpr std::uint32_t bg_e_missing_file_size = 0x80200011U;
constexpr std::uint32_t bg_e_insufficient_http_support = 0x80200012U;
constexpr std::uint32_t bg_e_insufficient_range_support = 0x80200013U;
constexpr std::uint32_t bg_e_remote_not_supported = 0x80200014U;
constexpr std::uint32_t bg_e_new_owner_diff_mapping = 0x80200015U;
constexpr std::uint32_t bg_e_new_owner_no_file_access = 0x80200016U;
constexpr std::uint32_t bg_s_partial_complete = 0x00200017U;
constexpr std::uint32_t bg_e_proxy_list_too_large = 0x80200018U;
constexpr std::uint32_t bg_e_proxy_bypass_list_too_large = 0x80200019U;
constexpr std::uint32_t bg_s_unable_to_delete_files = 0x0020001AU;
constexpr std::uint32_t bg_e_invalid_server_response = 0x8020001BU;
constexpr std::uint32_t bg_e_too_many_files = 0x8020001CU;
constexpr std::uint32_t bg_e_local_file_changed = 0x8020001DU;
constexpr std::uint32_t bg_e_error_context_remote_application = 0x8020001EU;
constexpr std::uint32_t bg_e_session_not_found = 0x8020001FU;
constexpr std::uint32_t bg_e_too_large = 0x80200020U;
constexpr std::uint32_t bg_e_string_too_long = 0x80200021U;
constexpr std::uint32_t bg_e_client_server_protocol_mismatch = 0x80200022U;
constexpr std::uint32_t bg_e_server_execute_enable = 0x80200023U;
constexpr std::uint32_t bg_e_no_progress = 0x80200024U;
constexpr std::uint32_t bg_e_username_too_large = 0x80200025U;
constexpr std::uint32_t bg_e_password_too_large = 0x80200026U;
constexpr std::uint32_t bg_e_invalid_auth_target = 0x80200027U;
constexpr std::uint32_t bg_e_invalid_auth_scheme = 0x80200028U;
constexpr std::uint32_t bg_e_file_not_found = 0x80200029U;
constexpr std::uint32_t bg_s_proxy_changed = 0x0020002AU;
constexpr std::uint32_t bg_e_invalid_range = 0x8020002BU;
constexpr std::uint32_t bg_e_overlapping_ranges = 0x8020002CU;
constexpr std::uint32_t bg_e_connect_failure = 0x8020002DU;
constexpr std::uint32_t bg_e_connection_closed = 0x8020002EU;
constexpr std::uint32_t bg_e_blocked_by_policy = 0x8020003EU;
constexpr std::uint32_t bg_e_invalid_proxy_info = 0x8020003FU;
constexpr std::uint32_t bg_e_invalid_credentials = 0x80200040U;
constexpr std::uint32_t bg_e_invalid_hash_algorithm = 0x80200041U;
constexpr std::uint32_t bg_e_record_deleted = 0x80200042U;
constexpr std::uint32_t bg_e_commit_in_progress = 0x80200043U;
constexpr std::uint32_t bg_e_discovery_in_progress = 0x80200044U;
constexpr std::uint32_t bg_e_upnp_error = 0x80200045U;
constexpr std::uint32_t bg_e_test_option_blocked_download = 0x80200046U;
constexpr std::uint32_t bg_e_peercaching_disabled = 0x80200047U;
constexpr std::uint32_t bg_e_busycacherecord = 0x80200048U;
constexpr std::uint32_t bg_e_too_many_jobs_per_user = 0x80200049U;
constexpr std::uint32_t bg_e_too_many_jobs_per_machine = 0x80200050U;
constexpr std::uint32_t bg_e_too_many_files_in_job = 0x80200051U;
constexpr std::uint32_t bg_e_too_many_ranges_in_file = 0x80200052U;
constexpr std::uint32_t bg_e_validation_failed = 0x80200053U;
constexpr std::uint32_t bg_e_maxdownload_timeout = 0x80200054U;
constexpr std::uint32_t bg_s_overridden_by_policy = 0x00200055U;
constexpr std::uint32_t bg_e_token_required = 0x80200056U;
constexpr std::uint32_t bg_e_unknown_property_id = 0x80200057U;
constexpr std::uint32_t bg_e_read_only_property = 0x80200058U;
constexpr std::uint32_t bg_e_blocked_by_cost_transfer_policy = 0x80200059U;
constexpr std::uint32_t bg_e_property_supported_for_download_jobs_only = 0x80200060U;
constexpr std::uint32_t bg_e_read_only_property_after_addfile = 0x80200061U;
constexpr std::uint32_t bg_e_read_only_property_after_resume = 0x80200062U;
constexpr std::uint32_t bg_e_max_download_size_invalid_value = 0x80200063U;
constexpr std::uint32_t bg_e_max_download_size_limit_reached = 0x80200064U;
constexpr std::uint32_t bg_e_standby_mode = 0x80200065U;
constexpr std::uint32_t bg_e_use_stored_credentials_not_supported = 0x80200066U;
constexpr std::uint32_t bg_e_blocked_by_battery_policy = 0x80200067U;
constexpr std::uint32_t bg_e_blocked_by_battery_saver = 0x80200068U;
constexpr std::uint32_t bg_e_watchdog_timeout = 0x80200069U;
constexpr std::uint32_t bg_e_app_package_not_found = 0x8020006AU;
constexpr std::uint32_t bg_e_app_package_scenario_not_supported = 0x8020006BU;
constexpr std::uint32_t bg_e_database_corrupt = 0x8020006CU;
constexpr std::uint32_t bg_e_random_access_not_supported = 0x8020006DU;
constexpr std::uint32_t bg_e_blocked_by_background_access_policy = 0x8020006EU;
constexpr std::uint32_t bg_e_blocked_by_game_mode = 0x8020006FU;
constexpr std::uint32_t bg_e_blocked_by_system_policy = 0x80200070U;
constexpr std::uint32_t bg_e_not_supported_with_custom_http_method = 0x80200071U;
constexpr std::uint32_t bg_e_unsupported_job_configuration = 0x80200072U;
constexpr std::uint32_t bg_e_remote_file_changed = 0x80200073U;
constexpr std::uint32_t bg_e_server_cert_validation_interface_required = 0x80200074U;
constexpr std::uint32_t bg_e_read_only_when_job_active = 0x80200075U;
constexpr std::uint32_t bg_e_error_context_server_certificate_callback = 0x80200076U;

}  // namespace code

constexpr bool failed(std::uint32_t result) { return (result & 0x80000000U) != 0; }
constexpr bool succeeded(std::uint32_t result) { return !failed(result); }
// The code of an HTTP status, for every status: 0x80190000 | status.
constexpr std::uint32_t http_code(std::uint32_t status) { return 0x80190000U | (status & 0xFFFFU); }
constexpr bool is_http_code(std::uint32_t result) { return (result & 0xFFFF0000U) == 0x80190000U; }
constexpr std::uint32_t http_status(std::uint32_t result) { return result & 0xFFFFU; }

// The symbol as in the SDK ("BG_E_NOT_FOUND"); "x" and eight hex digits for a code without one.
BACKHAUL_API std::string code_symbol(std::uint32_t result);
// One English sentence about the code, without asking the service.
BACKHAUL_API std::string code_text(std::uint32_t result);

}  // namespace backhaul

#endif
