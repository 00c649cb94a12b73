// SPDX-License-Identifier: Apache-2.0
// Client: the service as one sees it from a program. Cheap to copy, usable from any thread; all
// clients of a process with the same options share one connection and one I/O thread. After fork()
// the child's calls answer RPC_E_DISCONNECTED, at once: it may use the library after exec() only.
#ifndef BACKHAUL_CLIENT_H
#define BACKHAUL_CLIENT_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backhaul/export.h"
#include "backhaul/job.h"
#include "backhaul/result.h"
#include "backhaul/types.h"

namespace backhaul {

namespace detail {
class Connection;
class SubscriptionState;
}  // namespace detail

struct ConnectOptions {
  bool system = false;      // the service of the machine instead of the user's own
  std::string address;      // D-Bus address; empty: the user's bus, or the private one of backhaul
  // Make a bus and start the service where there is none; and on the system bus ask whoever sits there for a password
  // where that is what permits a call.
  bool start = true;
  bool user = false;        // the user's own service, whatever default_instance() says
};

// The service that a program gets whose options name none: $BACKHAUL_INSTANCE ("user" or "system"), else the
// user's own. Who is root, or has no session, gets that of the machine where it is installed, unless the own
// queue has unfinished jobs; the reason says so then.
struct DefaultInstance {
  bool system = false;
  std::string reason;  // a sentence; empty: nothing is out of the ordinary
};
BACKHAUL_API DefaultInstance default_instance();

// Called one after another for one subscription, on a library thread.
struct JobEvents {
  std::function<void(const Job&)> added;
  std::function<void(const Job&)> removed;
  // Names of properties as on the bus ("State", "BytesTransferred", …).
  std::function<void(const Job&, const std::vector<std::string>&)> changed;
  // Signals may have been missed: the service or the bus went away, or has come back.
  std::function<void()> gap;
};

// Ends with the last copy. Events that are under way may still arrive after it.
class BACKHAUL_API Subscription {
 public:
  Subscription();
  void cancel();

 private:
  friend class detail::Access;
  std::shared_ptr<detail::SubscriptionState> state_;
};

class BACKHAUL_API Client {
 public:
  // Reaches the service, starting it if needed. RPC_SERVER_UNAVAILABLE if that is impossible.
  static Result<Client> connect(const ConnectOptions& options = ConnectOptions());

  // The one service of the machine, on the system bus.
  static Result<Client> connect_system();

  // Whether it is that one.
  bool is_system() const;
  Result<std::string> service_version() const;
  // Our own unique name on the bus, as in JobInfo::notify_object_name.
  Result<std::string> bus_name() const;

  Result<Job> create_job(const std::string& name, JobType type = JobType::download) const;
  // A job with its files, started if asked for: one call, all or nothing.
  Result<Job> enqueue(const JobSettings& settings, const std::vector<FileSpec>& files,
                      bool start = true) const;
  // Likewise into a directory that this program has open: Job::add_files_in.
  Result<Job> enqueue_in(int directory, const JobSettings& settings, const std::vector<FileSpec>& files,
                         bool start = true) const;
  // Any form of an id: upper or lower case, with or without braces and hyphens. BG_E_NOT_FOUND,
  // E_ACCESSDENIED for somebody else's, CO_E_CLASSSTRING for a text that is no id.
  Result<Job> get_job(const std::string& id) const;
  // Handles; nothing is asked. No job for a text that is no id. Unlike get_job() this also reaches
  // jobs that have just left the queue, for as long as the service remembers how they ended.
  Job job(const std::string& id) const;
  Job job(const JobInfo& info) const;
  Result<std::vector<JobInfo>> list(const JobFilter& filter = JobFilter()) const;

  // No job goes on by itself any more, whoever made it, and none is being completed or cancelled.
  Result<bool> is_idle() const;

  // Id of the job that this user made last, also when it has ended since. BG_E_NOT_FOUND.
  Result<std::string> last_job() const;

  // What became due after the event with this number, oldest first: what a listener that was away
  // missed, and how jobs ended. Empty: nothing is newer. The service keeps 10,000 events, and
  // beyond that drops the oldest one of the user who has most of them.
  Result<std::vector<LoggedEvent>> events(std::uint64_t since) const;

  Result<ErrorText> describe_error(std::uint32_t code, ErrorContext context = ErrorContext::none,
                                   const std::string& locale = std::string()) const;

  // Makes a bus name, or the name of a CLSID, activatable: program (absolute path) and arguments.
  Result<void> register_class(const std::string& name, const std::vector<std::string>& exec) const;
  Result<void> unregister_class(const std::string& name) const;
  Result<std::vector<ClassInfo>> list_classes() const;

  Result<std::vector<BudgetInfo>> budgets() const;

  // Every key of the settings, as it is in force for the caller.
  Result<std::vector<PolicyInfo>> policy() const;
  // Has the service read its settings again, as SIGHUP does. E_ACCESSDENIED on the service of the machine for who is
  // neither root nor authorised; E_INVALIDARG with file and line: they stay as they were.
  Result<void> reload_policy() const;

  // What is kept of finished files for neighbours. E_ACCESSDENIED on the service of the machine for who is neither root
  // nor authorised; BG_E_NOT_FOUND, BG_E_BUSYCACHERECORD. Ids as of jobs.
  Result<std::vector<CacheRecordInfo>> cache_records() const;
  Result<CacheRecordInfo> cache_record(const std::string& id) const;
  Result<void> delete_cache_record(const std::string& id) const;
  Result<bool> delete_cached_url(const std::string& url) const;  // false: there was nothing
  Result<void> clear_cache() const;

  // Likewise: the neighbours that are known and trusted. Those that were found are looked for again after clear_peers.
  Result<std::vector<PeerInfo>> peers() const;
  Result<void> clear_peers() const;
  Result<void> discover_peers() const;

  // For everybody to see.
  Result<PeerCacheSettings> peer_cache_settings() const;
  Result<PeerStanding> peer_standing() const;
  // What is asked for is kept, and holds where no file of settings says anything; false: one does, and wins.
  // E_INVALIDARG: 1 to 80 per cent, 86400 to 10368000 seconds, flags 1, 2 and 4.
  Result<bool> set_maximum_cache_size(std::uint32_t percent) const;
  Result<bool> set_maximum_content_age(std::uint32_t seconds) const;
  Result<bool> set_peer_caching_flags(std::uint32_t flags) const;

  Result<Subscription> subscribe(JobEvents events) const;

 private:
  friend class detail::Access;
  Client();
  detail::Connection* connection_ = nullptr;  // shared by the process, never freed
};

// An address as it may stand in a log or on a screen: without user, password, query and fragment,
// and without control characters.
BACKHAUL_API std::string shown_url(const std::string& url);

// What a file is called that is named by its URL alone: the last part of its path, decoded. Control characters, changes
// of direction, bytes that are no UTF-8 and slashes become '_', and so does '-' or '.' in front. Empty where the URL has
// no such part.
BACKHAUL_API std::string local_name(const std::string& url);

// The service of the same installation, backhauld; empty: there is none beside this library or program.
BACKHAUL_API std::string service_program();

// A size for people, as the service tells it in its sentences: "812B", "1.5M".
BACKHAUL_API std::string size_text(std::uint64_t bytes);

// What the service could not understand of the lists of a proxy, as a sentence; empty: nothing. Without
// this a job is told when it asks for its first file.
BACKHAUL_API std::string proxy_problem(const ProxySettings& proxy);

// Whether a header of these lines may tell a server who asks, by its name: it goes to the server of the
// file's address and to no other one.
BACKHAUL_API bool may_carry_credentials(const std::string& headers);

// The bus name of a CLSID: org.backhaul.clsid.g<32 hex digits>. Braces and hyphens are optional.
// Empty for a text that is no CLSID.
BACKHAUL_API std::string class_bus_name(const std::string& clsid);

}  // namespace backhaul

#endif
