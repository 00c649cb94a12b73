// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/manager.h"

#include <iterator>
#include <memory>
#include <utility>

#include "adapters/dbus/handed_credentials.h"
#include "adapters/dbus/handed_directories.h"
#include "adapters/dbus/values.h"
#include "bus/names.h"
#include "bus/variant.h"
#include "core/admission.h"
#include "core/error_text.h"
#include "core/names.h"
#include "core/shown_url.h"

namespace backhaul::dbus {
namespace {

using base::Code;

base::Result<base::JobType> job_type(std::uint32_t number) {
  if (number > static_cast<std::uint32_t>(base::JobType::upload_reply))
    return base::Error(Code::E_INVALIDARG, "there is no job type " + std::to_string(number));
  return static_cast<base::JobType>(number);
}

bool is_our_language(std::string_view locale) {
  return locale.empty() || locale == "C" || locale.starts_with("C.") || locale == "POSIX" ||
         locale == "en" || locale.starts_with("en_") || locale.starts_with("en-");
}

base::Result<ports::command::Enqueue> new_job(bus::NewJob& job,
                                              const std::vector<bus::NewFile>& files, bool start) {
  ports::command::Enqueue command;
  BH_TRY(command.type, job_type(job.type.value_or(0)));
  BH_TRY(command.files, file_specs(files));
  BH_TRY(command.properties, job_change(job));
  BH_TRY(command.proxies, proxy_environment(job.proxy_environment.value_or(bus::Variables())));
  BH_TRY(command.secrets, secrets_change(job));
  command.start = start;
  return command;
}

}  // namespace

base::Result<void> Manager::publish() {
  std::vector<bus::Row<Manager>> rows = {
      bus::method<&Manager::enqueue>("Enqueue", "job\0files\0start\0path\0"),
      bus::method<&Manager::create_job>("CreateJob", "name\0type\0path\0"),
      bus::method<&Manager::get_job>("GetJob", "id\0path\0"),
      bus::method<&Manager::list_jobs>("ListJobs", "filter\0cursor\0limit\0jobs\0next\0"),
      bus::method<&Manager::last_job>("LastJob", "id\0"),
      bus::method<&Manager::events>("Events", "since\0limit\0events\0next\0"),
      bus::method<&Manager::describe_error>("DescribeError",
                                            "code\0context\0locale\0text\0context_text\0"),
      bus::method<&Manager::register_class>("RegisterClass", "name\0exec\0"),
      bus::method<&Manager::unregister_class>("UnregisterClass", "name\0"),
      bus::method<&Manager::list_classes>("ListClasses", "classes\0"),
      bus::method<&Manager::budgets>("Budgets", "budgets\0"),
      bus::method<&Manager::policy>("Policy", "keys\0"),
      bus::method<&Manager::reload_policy>("ReloadPolicy", ""),
      bus::signal<Manager, bus::ObjectPath>("JobAdded", "job\0"),
      bus::signal<Manager, bus::ObjectPath>("JobRemoved", "job\0"),
      bus::signal<Manager, bus::ObjectPath, std::vector<std::string>>("JobChanged",
                                                                      "job\0properties\0"),
  };
  for (auto& row : bus::properties<Manager, bus::ManagerProperties>())
    rows.push_back(row);
  BH_TRY(properties_, service_.bus.add_filter(bus::root_path, [this](const bus::Message& call) {
    return on_properties_call(call);
  }));
  BH_TRY(object_, service_.bus.add_object(bus::root_path, bus::manager_interface, std::move(rows),
                                          *this));
  return {};
}

bool Manager::on_properties_call(const bus::Message& call) {
  if (!call.is_method_call() || call.interface() != bus::properties_interface ||
      call.path() != bus::root_path)
    return false;
  const auto ours = [](const std::string& interface) {
    return interface.empty() || interface == bus::manager_interface;
  };
  if (call.member() == "GetAll" && call.signature() == "s") {
    const auto arguments = bus::read_body<std::string>(call);
    if (!arguments || !ours(std::get<0>(*arguments))) return false;
    as_reader(service_, bus::Reply<bus::ManagerProperties>(call),
              [this](bus::Reply<bus::ManagerProperties> reply, const ports::Caller&) {
                reply.send(values());
              });
    return true;
  }
  if (call.member() == "Get" && call.signature() == "ss") {
    const auto arguments = bus::read_body<std::string, std::string>(call);
    if (!arguments || !ours(std::get<0>(*arguments))) return false;
    const std::string& name = std::get<1>(*arguments);
    if (!bus::has_entry(bus::ManagerProperties{}, name)) return false;
    as_reader(service_, bus::Reply<bus::Variant>(call),
              [this, name](bus::Reply<bus::Variant> reply, const ports::Caller&) {
                reply.send(bus::entry(values(), name));
              });
    return true;
  }
  return false;  // sd-bus refuses the rest in the usual words
}

void Manager::enqueue(PathReply reply, bus::NewJob job, std::vector<bus::NewFile> files,
                      bool start) {
  auto command = new_job(job, files, start);
  if (!command) return reply.fail(command.error());
  auto wanted = credentials_wanted(std::move(job.credentials_from).value_or(std::vector<bus::CredentialsFromTuple>()));
  if (!wanted) return reply.fail(wanted.error());
  as_caller(service_, std::move(reply),
            [this, command = *std::move(command), wanted = *std::move(wanted),
             directory = std::move(job.directory)](PathReply known, const ports::Caller& caller) mutable {
              const std::string sender = known.call().sender();
              auto given = [this, caller, command = std::move(command), directory = std::move(directory),
                            known = std::move(known)](base::Result<HandedCredentials::All> all) mutable {
                if (!all) return known.fail(all.error());
                std::ranges::move(*all, std::back_inserter(command.secrets.credentials));
                if (!directory) return submit(service_, std::move(known), caller, std::move(command));
                submit_into(service_, std::move(known), caller, directory->value, std::move(command));
              };
              service_.credentials.ask(sender, std::move(wanted), std::move(given));
            });
}

void Manager::create_job(PathReply reply, std::string name, std::uint32_t type) {
  // CreateJob's own code for a name that is too long (jobs.md §8).
  if (auto checked = core::check_name(name); !checked)
    return reply.fail({Code::E_INVALIDARG, checked.error().text});
  bus::NewJob job;
  job.name = std::move(name);
  job.type = type;
  enqueue(std::move(reply), std::move(job), {}, false);
}

void Manager::get_job(PathReply reply, std::string text) {
  const auto id = base::parse_job_id(text);
  if (!id) return reply.fail({Code::E_INVALIDARG, core::in_quotes(text) + " is not a job id"});
  as_reader(service_, std::move(reply), [this, id = *id](PathReply known,
                                                         const ports::Caller& caller) {
    if (auto job = service_.queue.find(id, caller); !job)
      known.fail(job.error());
    else if (base::is_final((*job)->state))
      known.fail({Code::BG_E_NOT_FOUND, "the job has left the queue"});
    else
      known.send({bus::job_path(id)});
  });
}

void Manager::last_job(bus::Reply<std::string> reply) {
  as_reader(service_, std::move(reply),
            [this](bus::Reply<std::string> known, const ports::Caller& caller) {
              if (const auto id = service_.queue.last_job(caller); id)
                known.send(base::to_string(*id));
              else
                known.fail(id.error());
            });
}

void Manager::events(bus::Reply<std::vector<bus::LoggedEvent>, std::uint64_t> reply,
                     std::uint64_t since, std::uint32_t limit) {
  if (limit == 0 || limit > largest_page)
    return reply.fail({Code::E_INVALIDARG, "a page has 1 to 1000 events"});
  as_page_reader(service_, std::move(reply),
            [this, since, limit](bus::Reply<std::vector<bus::LoggedEvent>, std::uint64_t> known,
                                 const ports::Caller& caller) {
              const ports::EventPage page = service_.queue.events(since, limit, caller);
              std::vector<bus::LoggedEvent> events;
              for (const core::EventRecord& record : page.events) {
                bus::EventDetails details;
                if (record.file != base::no_file) details.file = record.file;
                if (record.kind == core::NotifyKind::job_error || record.code != Code::S_OK)
                  details.code = base::to_number(record.code);
                if (record.kind == core::NotifyKind::none)
                  details.state = static_cast<std::uint32_t>(record.end);
                details.time = base::to_epoch_us(record.time);
                events.push_back({record.sequence, {bus::job_path(record.job)},
                                  static_cast<std::uint32_t>(record.kind), details});
              }
              known.send(events, page.next);
            });
}

void Manager::list_jobs(bus::Reply<std::vector<bus::ListedJob>, std::string> reply,
                        bus::ListFilter filter, std::string cursor, std::uint32_t limit) {
  auto wanted = job_filter(filter);
  if (!wanted) return reply.fail(wanted.error());
  if (limit == 0 || limit > largest_page)
    return reply.fail({Code::E_INVALIDARG, "a page has 1 to 1000 jobs"});
  as_page_reader(service_, std::move(reply),
            [this, wanted = *std::move(wanted), cursor = std::move(cursor), limit](
                bus::Reply<std::vector<bus::ListedJob>, std::string> known,
                const ports::Caller& caller) {
              auto page = service_.queue.page(wanted, cursor, limit, caller);
              if (!page) return known.fail(page.error());
              std::vector<bus::ListedJob> jobs;
              jobs.reserve(page->jobs.size());
              for (const core::Job* job : page->jobs)
                jobs.push_back(
                    {{bus::job_path(job->id)}, job_properties(*job, service_.queue)});
              known.send(jobs, page->next);
            });
}

void Manager::describe_error(bus::Reply<std::string, std::string> reply, std::uint32_t code,
                             std::uint32_t context, std::string locale) {
  if (!is_our_language(locale))
    return reply.fail({Code::RESOURCE_LANG_NOT_FOUND, "there are no texts for " + locale});
  const auto known =
      context <= static_cast<std::uint32_t>(base::ErrorContext::server_certificate_callback)
          ? static_cast<base::ErrorContext>(context)
          : base::ErrorContext::unknown;
  reply.send(base::describe(static_cast<Code>(code)), std::string(core::context_text(known)));
}

void Manager::register_class(bus::Reply<> reply, std::string name, std::vector<std::string> exec) {
  as_caller(service_, std::move(reply),
            [this, name = std::move(name), exec = std::move(exec)](bus::Reply<> known,
                                                                   const ports::Caller& caller) {
              classes_.add(std::move(known), caller, name, exec);
            });
}

void Manager::unregister_class(bus::Reply<> reply, std::string name) {
  as_caller(service_, std::move(reply),
            [this, name = std::move(name)](bus::Reply<> known, const ports::Caller& caller) {
              classes_.remove(std::move(known), caller, name);
            });
}

void Manager::budgets(bus::Reply<std::vector<bus::BudgetEntry>> reply) {
  as_page_reader(service_, std::move(reply),
            [this](bus::Reply<std::vector<bus::BudgetEntry>> known, const ports::Caller& caller) {
              std::vector<bus::BudgetEntry> entries;
              for (const core::BudgetStatus& status : service_.queue.budgets(caller))
                entries.push_back(budget_entry(status));
              known.send(entries);
            });
}

void Manager::policy(bus::Reply<std::vector<bus::PolicyEntry>> reply) {
  as_page_reader(service_, std::move(reply),
            [this](bus::Reply<std::vector<bus::PolicyEntry>> known, const ports::Caller& caller) {
              const ports::PolicyInForce policy = service_.queue.policy(caller);
              std::vector<bus::PolicyEntry> entries;
              for (const core::PolicyEntry& entry : *policy.list)
                entries.push_back(policy_entry(entry, policy.exempt));
              known.send(entries);
            });
}

// Who may not have it done does not have the files read either.
void Manager::reload_policy(bus::Reply<> reply) {
  as_caller(service_, std::move(reply), [this](bus::Reply<> known, const ports::Caller& caller) {
    if (!settings_.reread) return known.fail({Code::E_UNEXPECTED, "this service has no settings to read again"});
    const bool machine_wide = !settings_.served.has_value();
    if (auto may = core::may_lay_down(caller.owner(), caller.right, machine_wide); !may) return known.fail(may.error());
    auto read = settings_.reread();
    if (!read) return known.fail(read.error());
    submit(service_, std::move(known), caller,
           ports::command::LayDown{std::make_shared<const core::Policy>(std::move(read->policy)),
                                   std::move(read->warnings)});
  });
}

void Manager::list_classes(bus::Reply<std::vector<bus::ListedClass>> reply) {
  as_caller(service_, std::move(reply),
            [this](bus::Reply<std::vector<bus::ListedClass>> known, const ports::Caller& caller) {
              classes_.list(std::move(known), caller);
            });
}

}  // namespace backhaul::dbus
