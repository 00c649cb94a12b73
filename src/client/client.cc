// SPDX-License-Identifier: Apache-2.0
#include <backhaul/client.h>

#include <optional>
#include <utility>

#include "bus/default_instance.h"
#include "bus/names.h"
#include "bus/policy_wire.h"
#include "bus/wire.h"
#include "client/access.h"
#include "client/connection.h"
#include "client/data.h"
#include "client/environment.h"
#include "client/handover.h"
#include "client/past.h"
#include "client/pool.h"
#include "core/shown_url.h"

namespace backhaul {
namespace detail {

// Events of one subscription, one after another on the pool.
class SubscriptionState final : public client::Listener {
 public:
  SubscriptionState(Connection& connection, JobEvents events)
      : connection_(connection), events_(std::make_shared<JobEvents>(std::move(events))) {}

  // The last reference may go on the I/O thread, but what the program's functions hold may call us.
  ~SubscriptionState() override {
    if (!client::in_forked_child()) client::run_on_pool([events = std::move(events_)] {});
  }

  void hear(const client::Event& event) override {
    Job job;
    if (event.kind != client::Event::Kind::gap)
      job = Access::job(connection_.records().get(connection_, event.job));
    strand_.run([events = events_, kind = event.kind, job = std::move(job),
                 properties = event.properties] {
      switch (kind) {
        case client::Event::Kind::added: return events->added ? events->added(job) : void();
        case client::Event::Kind::removed: return events->removed ? events->removed(job) : void();
        case client::Event::Kind::changed:
          return events->changed ? events->changed(job, properties) : void();
        case client::Event::Kind::gap: return events->gap ? events->gap() : void();
      }
    });
  }
  void close() { strand_.close(); }

 private:
  Connection& connection_;
  std::shared_ptr<const JobEvents> events_;
  client::Strand strand_;
};

}  // namespace detail

namespace {

using base::Code;
using client::Kind;
using client::make_error;
using client::to_public;
using client::to_time;
using detail::Access;
using detail::Connection;

constexpr std::uint32_t page = 1000;  // most that ListJobs gives at once

template <class... Out, class... In>
base::Result<std::tuple<Out...>> call(Connection* connection, Kind kind, const char* member,
                                      const In&... arguments) {
  return connection->call<Out...>(kind, bus::root_path, bus::manager_interface, member,
                                  arguments...);
}

Result<Job> job_at(Connection* connection, const base::Result<std::tuple<bus::ObjectPath>>& path) {
  if (!path) return to_public(path.error());
  const auto id = bus::parse_job_path(std::get<0>(*path).value);
  if (!id) return make_error(Code::RPC_X_BAD_STUB_DATA, "the service answered with no job");
  return Access::job(connection->records().get(*connection, *id));
}

Result<bus::NewJob> new_job(const JobSettings& settings) {
  const detail::JobSettingsData& data = Access::data(settings);
  if (data.bad_class) return make_error(Code::CO_E_CLASSSTRING);
  bus::NewJob job = data.values;
  job.proxy_environment = client::proxy_variables();
  return job;
}

Result<Job> enqueue_all(Connection* connection, std::optional<int> directory, const JobSettings& settings,
                        const std::vector<FileSpec>& files, bool start) {
  auto job = new_job(settings);
  if (!job) return job.error();
  const auto& secrets = Access::data(settings).handed_over;
  const auto wanted = client::to_wire(files);
  if (!directory && secrets.empty())
    return job_at(connection, call<bus::ObjectPath>(connection, Kind::change, "Enqueue", *job, wanted, start));
  return job_at(connection, client::enqueue_with(*connection, directory, secrets, *std::move(job), wanted, start));
}

template <class... Out>
Result<void> nothing(const base::Result<std::tuple<Out...>>& result) {
  if (!result) return to_public(result.error());
  return {};
}

}  // namespace

Subscription::Subscription() = default;

void Subscription::cancel() {
  if (state_ != nullptr && !client::in_forked_child()) state_->close();
  state_.reset();
}

Client::Client() = default;

Result<Client> Client::connect(const ConnectOptions& options) {
  const auto connection = Connection::get(options);
  if (!connection) return to_public(connection.error());
  const Client client = Access::client(*connection);
  auto version = client.service_version();
  if (version) return client;
  Error error = version.error();
  if (error.code == code::rpc_e_disconnected) error.code = code::rpc_server_unavailable;
  return error;
}

Result<Client> Client::connect_system() {
  ConnectOptions options;
  options.system = true;
  return connect(options);
}

bool Client::is_system() const { return connection_->is_system(); }

DefaultInstance default_instance() {
  const bus::DefaultInstance told = bus::default_instance(bus::Place::current());
  return {told.machine, told.reason};
}

Result<std::string> Client::service_version() const {
  auto version = connection_->call<bus::VariantOf<std::string>>(
      Kind::read, bus::root_path, bus::properties_interface, "Get",
      std::string(bus::manager_interface), std::string("Version"));
  if (!version) return to_public(version.error());
  return std::get<0>(*std::move(version)).value;
}

Result<bool> Client::is_idle() const {
  auto idle = connection_->call<bus::VariantOf<bool>>(Kind::read, bus::root_path, bus::properties_interface,
                                                      "Get", std::string(bus::manager_interface),
                                                      std::string("Idle"));
  if (!idle) return to_public(idle.error());
  return std::get<0>(*idle).value;
}

Result<std::string> Client::bus_name() const {
  auto name = connection_->ask<std::string>(
      [](client::Session& session, auto promise) { promise.set(session.bus().unique_name()); });
  if (!name) return to_public(name.error());
  return *std::move(name);
}

Result<Job> Client::create_job(const std::string& name, JobType type) const {
  return enqueue(JobSettings().name(name).type(type), {}, false);
}

Result<Job> Client::enqueue(const JobSettings& settings, const std::vector<FileSpec>& files,
                            bool start) const {
  return enqueue_all(connection_, std::nullopt, settings, files, start);
}

Result<Job> Client::enqueue_in(int directory, const JobSettings& settings, const std::vector<FileSpec>& files,
                               bool start) const {
  return enqueue_all(connection_, directory, settings, files, start);
}

Result<Job> Client::get_job(const std::string& id) const {
  const auto parsed = base::parse_job_id(id);
  if (!parsed) return make_error(Code::CO_E_CLASSSTRING, core::in_quotes(id) + " is not the id of a job");
  return job_at(connection_, call<bus::ObjectPath>(connection_, Kind::read, "GetJob",
                                                   base::to_string(*parsed)));
}

Job Client::job(const std::string& id) const {
  const auto parsed = base::parse_job_id(id);
  if (!parsed || client::in_forked_child()) return {};
  return Access::job(connection_->records().get(*connection_, *parsed));
}

Job Client::job(const JobInfo& info) const { return job(info.id()); }

Result<std::vector<JobInfo>> Client::list(const JobFilter& filter) const {
  bus::ListFilter wanted;
  if (!filter.states.empty()) {
    wanted.states.emplace();
    for (JobState state : filter.states) wanted.states->push_back(static_cast<std::uint32_t>(state));
  }
  if (!filter.name_glob.empty()) wanted.name = filter.name_glob;
  if (filter.all_users) wanted.all_users = true;
  std::vector<JobInfo> jobs;
  std::string cursor;
  do {
    auto result = call<std::vector<bus::ListedJob>, std::string>(connection_, Kind::read,
                                                                 "ListJobs", wanted, cursor, page);
    if (!result) return to_public(result.error());
    for (const bus::ListedJob& job : std::get<0>(*result))
      jobs.push_back(
          Access::info(std::make_shared<detail::JobInfoData>(to_public(job.properties))));
    cursor = std::get<1>(*std::move(result));
  } while (!cursor.empty());
  return jobs;
}

Result<ErrorText> Client::describe_error(std::uint32_t code, ErrorContext context,
                                         const std::string& locale) const {
  auto texts = call<std::string, std::string>(connection_, Kind::read, "DescribeError", code,
                                              static_cast<std::uint32_t>(context), locale);
  if (!texts) return to_public(texts.error());
  return ErrorText{std::get<0>(*texts), std::get<1>(*texts)};
}

Result<void> Client::register_class(const std::string& name,
                                    const std::vector<std::string>& exec) const {
  return nothing(call<>(connection_, Kind::change, "RegisterClass", name, exec));
}

Result<void> Client::unregister_class(const std::string& name) const {
  return nothing(call<>(connection_, Kind::change, "UnregisterClass", name));
}

Result<std::vector<BudgetInfo>> Client::budgets() const {
  auto told = call<std::vector<bus::BudgetEntry>>(connection_, Kind::read, "Budgets");
  if (!told) return to_public(told.error());
  std::vector<BudgetInfo> budgets;
  for (const bus::BudgetEntry& one : std::get<0>(*told))
    budgets.push_back({one.network, one.in_use, one.period, to_time(one.begin), to_time(one.end),
                       one.limit.value_or(size_unknown), one.used, one.owner_limit.value_or(size_unknown),
                       one.owner_used, to_time(one.runs_out.value_or(0)), one.holds_foreground, one.where});
  return budgets;
}

Result<std::vector<PolicyInfo>> Client::policy() const {
  auto told = call<std::vector<bus::PolicyEntry>>(connection_, Kind::read, "Policy");
  if (!told) return to_public(told.error());
  std::vector<PolicyInfo> keys;
  for (const bus::PolicyEntry& one : std::get<0>(*told))
    keys.push_back({one.section, one.key, one.value, one.where, one.role, one.leeway, one.at_start, one.exempt});
  return keys;
}

Result<void> Client::reload_policy() const { return nothing(call<>(connection_, Kind::change, "ReloadPolicy")); }

Result<std::vector<ClassInfo>> Client::list_classes() const {
  auto listed =
      call<std::vector<bus::ListedClass>>(connection_, Kind::read, "ListClasses");
  if (!listed) return to_public(listed.error());
  std::vector<ClassInfo> classes;
  for (const bus::ListedClass& one : std::get<0>(*listed))
    classes.push_back({one.name, one.exec, one.running});
  return classes;
}

Result<std::string> Client::last_job() const {
  auto id = call<std::string>(connection_, Kind::read, "LastJob");
  if (!id) return to_public(id.error());
  return std::get<0>(*std::move(id));
}

Result<std::vector<LoggedEvent>> Client::events(std::uint64_t since) const {
  std::vector<LoggedEvent> events;
  const auto walked = client::walk_events(*connection_, since, [&](LoggedEvent event) {
    events.push_back(std::move(event));
    return true;
  });
  if (!walked) return to_public(walked.error());
  return events;
}

Result<Subscription> Client::subscribe(JobEvents events) const {
  auto state = std::make_shared<detail::SubscriptionState>(*connection_, std::move(events));
  if (client::in_forked_child()) return make_error(Code::RPC_E_DISCONNECTED);
  connection_->listeners().add(state);
  // What happens after this call is heard: the bus answers after the match stands.
  auto listening = connection_->ask<void>([](client::Session& session, auto promise) {
    session.want_signals();
    session.bus()
        .call_async<std::string>({bus::daemon_name, bus::daemon_path, bus::daemon_interface,
                                  "GetId", bus::usual_limit},
                                 [promise = std::move(promise)](auto outcome) mutable {
                                   if (outcome) promise.set({});
                                   else promise.set(outcome.error().error());
                                 })
        .detach();
  });
  if (!listening) return to_public(listening.error());
  return Access::subscription(std::move(state));
}

}  // namespace backhaul
