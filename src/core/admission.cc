// SPDX-License-Identifier: Apache-2.0
#include "core/admission.h"

namespace backhaul::core {
namespace {

using base::Code;

base::Error refused(std::string_view application, std::string_view what) {
  return {Code::E_ACCESSDENIED, "the caller is the confined application " +
                                    std::string(application_id(application)) + ": " +
                                    std::string(what)};
}

bool is_flatpak(std::string_view application) { return application_kind(application) == "flatpak"; }

// Others are over what belongs to all.
bool is_over_jobs(std::optional<Right> right) {
  return right == Right::read || right == Right::manage || right == Right::take;
}

// Beneath, and not the folder itself.
bool is_beneath(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() + 1 && path.starts_with(folder) && path[folder.size()] == '/';
}

std::string own_folder(std::string_view application, const std::string& home) {
  return home + (is_flatpak(application) ? "/.var/app/" : "/snap/") +
         std::string(application_id(application));
}

// ".." is followed where it stays beneath the root, and would lead from one folder of the application to another.
bool climbs(std::string_view path) { return path.find("/../") != std::string_view::npos || path.ends_with("/.."); }

// Where in its own folder downloads go. That of a flatpak has its settings as well, which are nobody's to write but
// its own; a snap has nothing but data there.
bool is_place_of(std::string_view application, std::string_view local, const std::string& own) {
  if (!is_flatpak(application)) return is_beneath(local, own);
  return !climbs(local) && (is_beneath(local, own + "/data") || is_beneath(local, own + "/cache"));
}

}  // namespace

base::Result<std::string> admit(const CallerFacts& caller, std::optional<std::uint32_t> served) {
  if (served && caller.uid != *served)
    return base::Error(Code::E_ACCESSDENIED,
                       "this service serves user " + std::to_string(*served) +
                           " and nobody else, and the caller is user " +
                           std::to_string(caller.uid) +
                           "; root looks through that user: backhaul --user-of NAME");
  BH_TRY(Sandbox sandbox, sandbox_of(caller));
  if (!sandbox.network)
    return refused(sandbox.application, "it has no permission to use the network");
  return std::move(sandbox.application);
}

base::Result<void> may_touch(const Owner& job, const Owner& caller) {
  const bool of_same_name = job.account.empty() || caller.account.empty() || job.account == caller.account;
  if (caller.uid == job.uid && caller.uid != 0 && !of_same_name)
    return base::Error(Code::E_ACCESSDENIED, "the job belongs to " + job.account + ", who was user " +
                                                 std::to_string(job.uid) + " before " + caller.account);
  if (caller.uid != job.uid && (caller.uid != 0 || !caller.application.empty()))
    return base::Error(Code::E_ACCESSDENIED, "the job belongs to another user");
  if (caller.application.empty() || caller.application == job.application) return {};
  return refused(caller.application, "the job is not its own");
}

base::Result<void> may_read(const Owner& job, const Owner& caller, std::optional<Right> right) {
  const bool authorised = is_over_jobs(right) && caller.application.empty();
  return authorised ? base::Result<void>() : may_touch(job, caller);
}

base::Result<void> may_manage(const Owner& job, const Owner& caller, std::optional<Right> right) {
  return may_read(job, caller, right == Right::read ? std::nullopt : right);
}

base::Result<void> may_take(const Owner& caller, std::optional<Right> right) {
  if (caller.application.empty() && (caller.uid == 0 || right == Right::take)) return {};
  return base::Error(Code::E_ACCESSDENIED, "only root may take a job over, and who is authorised to");
}

base::Result<void> may_list_all(const Owner& caller, std::optional<Right> right) {
  if (caller.application.empty() && (caller.uid == 0 || is_over_jobs(right))) return {};
  return base::Error(Code::E_ACCESSDENIED, "only root may list the jobs of all users, and who is authorised to");
}

base::Result<void> may_lay_down(const Owner& caller, std::optional<Right> right, bool machine_wide) {
  if (!caller.application.empty()) return refused(caller.application, "the settings are not its own");
  if (!machine_wide || caller.uid == 0 || right == Right::lay_down) return {};
  return base::Error(Code::E_ACCESSDENIED,
                     "only root may have the settings of the machine read again, and who is authorised to");
}

base::Result<void> may_manage_peers(const Owner& caller, std::optional<Right> right, bool machine_wide) {
  if (!caller.application.empty()) return refused(caller.application, "what is kept for neighbours is not its own");
  if (!machine_wide || caller.uid == 0 || right == Right::peers) return {};
  return base::Error(Code::E_ACCESSDENIED,
                     "only root may see and change what the machine keeps for neighbours, and who is authorised to");
}

base::Result<void> may_set_command(std::string_view application) {
  if (application.empty()) return {};
  return refused(application, "it may not have programs run outside of its sandbox");
}

base::Result<void> may_register_class(std::string_view application) {
  if (application.empty()) return {};
  return refused(application, "it may not register programs that run outside of its sandbox");
}

bool owns_name(std::string_view application, std::string_view bus_name) {
  if (application.empty()) return true;
  if (!is_flatpak(application)) return false;  // the names of a snap are not made from its name
  const std::string_view id = application_id(application);
  return bus_name == id || (bus_name.size() > id.size() + 1 && bus_name.starts_with(id) &&
                            bus_name[id.size()] == '.');
}

base::Result<void> may_name_class(std::string_view application, std::string_view bus_name) {
  if (owns_name(application, bus_name)) return {};
  return refused(application, "the bus name " + std::string(bus_name) + " is not below its own id");
}

base::Result<void> may_touch_secrets(const Owner& job, const Owner& caller) {
  BH_CHECK(may_touch(job, caller));
  if (caller.uid == job.uid) return {};  // and of the same name
  return base::Error(Code::E_ACCESSDENIED, "credentials and headers are for the owner of the job alone");
}

base::Result<void> may_use_implicit_credentials(std::string_view application) {
  if (application.empty()) return {};
  return refused(application, "it may not use the credentials of its user");
}

base::Result<void> may_use_certificates(std::string_view application) {
  if (application.empty()) return {};
  return refused(application, "it may not use the certificates of its user");
}

base::Result<void> may_fetch(std::string_view application, std::string_view url) {
  if (application.empty()) return {};
  const std::string_view scheme = url.substr(0, url.find(':'));
  std::string lower(scheme);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower == "http" || lower == "https") return {};
  return refused(application, "it may fetch from the network only, not by " + lower);
}

base::Result<Placed> place(std::string_view application, const Homes& homes,
                           std::string_view local) {
  if (application.empty()) return Placed{std::string(local), {}};
  const std::string own = own_folder(application, homes.home);
  if (homes.home.starts_with('/') && is_place_of(application, local, own))
    return Placed{std::string(local), own};
  const std::string portal = homes.runtime_dir + "/doc";
  const std::string view = portal + "/by-app/" + (is_flatpak(application) ? "" : "snap.") +
                           std::string(application_id(application));
  if (!homes.runtime_dir.empty()) {
    if (is_beneath(local, view)) return Placed{std::string(local), view};
    if (is_beneath(local, portal) && !is_beneath(local, portal + "/by-app"))
      return Placed{view + std::string(local.substr(portal.size())), view};
  }
  const std::string below = is_flatpak(application) ? own + "/data, " + own + "/cache" : own;
  return refused(application, "files go below " + below + " or into a document of the portal, not to " +
                                  std::string(local));
}

}  // namespace backhaul::core
