// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/download_scheduler.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "adapters/dbus/calls.h"
#include "bus/errors.h"
#include "bus/names.h"
#include "bus/variant.h"

namespace backhaul::dbus {
namespace {

bus::Failure scheduler_failure(const char* word, std::string text) {
  return {std::string(bus::scheduler_interface) + ".Error." + word, std::move(text)};
}

bus::Failure no_such_entry(const bus::Message& call) {
  return standard_failure("UnknownObject", "there is no entry " + call.path() + " of this program");
}

bus::Failure too_many_entries() { return scheduler_failure("Full", "there are too many entries"); }

std::string entry_path(std::uint64_t number) {
  return std::string(bus::schedule_entries_path) + "/" + std::to_string(number);
}

std::optional<std::uint64_t> parse_entry_path(std::string_view path) {
  const std::string prefix = std::string(bus::schedule_entries_path) + "/";
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(path.data(), path.data() + path.size(), number);
  if (problem != std::errc() || end != path.data() + path.size() || path.starts_with('0')) return std::nullopt;
  return number;
}

bool is_entry_path(std::string_view path) { return parse_entry_path(path).has_value(); }

bool is_of_scheduler(const bus::Message& call) {
  return call.path() == bus::scheduler_path || is_entry_path(call.path());
}

bool names_interface(const std::string& asked, const bus::Message& call) {
  return asked.empty() ||
         asked == (call.path() == bus::scheduler_path ? bus::scheduler_interface : bus::schedule_entry_interface);
}

std::vector<std::string> changed_names_of(const bus::SchedulerProperties& before, const bus::SchedulerProperties& now) {
  std::vector<std::string> names;
  if (before.entry_count != now.entry_count) names.emplace_back("EntryCount");
  if (before.active_entry_count != now.active_entry_count) names.emplace_back("ActiveEntryCount");
  if (before.downloads_allowed != now.downloads_allowed) names.emplace_back("DownloadsAllowed");
  return names;
}

}  // namespace

base::Result<void> DownloadScheduler::publish() {
  std::vector<bus::Row<DownloadScheduler>> rows = {
      bus::method<&DownloadScheduler::schedule>("Schedule", "properties\0entry\0"),
      bus::method<&DownloadScheduler::schedule_entries>("ScheduleEntries", "properties\0entry_array\0"),
      bus::method<&DownloadScheduler::hold>("Hold", "reason\0"),
      bus::method<&DownloadScheduler::release>("Release", ""),
  };
  for (auto& row : bus::properties<DownloadScheduler, bus::SchedulerProperties>()) rows.push_back(row);
  std::vector<bus::Row<DownloadScheduler>> of_entry = {
      bus::method<&DownloadScheduler::remove>("Remove", ""),
      bus::signal<DownloadScheduler>("Removed", ""),
  };
  for (auto& row : bus::properties<DownloadScheduler, bus::ScheduleEntryProperties,
                                   bus::WritableScheduleEntryProperties>())
    of_entry.push_back(row);
  const auto of_properties = [this](const bus::Message& call) { return on_properties_call(call); };
  BH_TRY(properties_, service_.bus.add_filter(bus::scheduler_path, of_properties));
  // One of its own: the table of the entries would answer before a filter of the shorter path is asked.
  BH_TRY(properties_of_entries_, service_.bus.add_filter(bus::schedule_entries_path, of_properties));
  BH_TRY(scheduler_, service_.bus.add_object(bus::scheduler_path, bus::scheduler_interface, std::move(rows), *this));
  BH_TRY(of_entries_, service_.bus.add_fallback(bus::schedule_entries_path, bus::schedule_entry_interface,
                                                std::move(of_entry), *this, is_entry_path));
  return {};
}

// --- who may ------------------------------------------------------------------------------------

void DownloadScheduler::give_leave(const core::Leave& leave) {
  leave_ = leave;
  evaluate();
}

void DownloadScheduler::peer_gone(const std::string& unique_name) {
  holds_.erase(unique_name);
  if (std::erase_if(entries_, [&](const auto& one) { return one.second.maker == unique_name; }) > 0) evaluate();
}

void DownloadScheduler::evaluate() {
  std::vector<core::Asking> all;
  all.reserve(entries_.size());
  for (const auto& [number, entry] : entries_)
    all.push_back({number, entry.uid, entry.values.priority, entry.values.resumable, entry.values.download_now});
  const auto chosen = core::may_go_on(all, leave_);
  // Those that have to stop hear it first.
  for (const bool now : {false, true})
    for (auto& [number, entry] : entries_)
      if (chosen.contains(number) == now && std::exchange(entry.values.download_now, now) != now)
        tell(number, entry, {"DownloadNow"});
  const bus::SchedulerProperties values{.entry_count = static_cast<std::uint32_t>(entries_.size()),
                                        .active_entry_count = static_cast<std::uint32_t>(chosen.size()),
                                        .downloads_allowed = leave_.allowed};
  const std::vector<std::string> names = changed_names_of(told_, values);
  told_ = values;
  if (names.empty()) return;
  service_.bus.emit("", bus::scheduler_path, bus::properties_interface, "PropertiesChanged",
                    std::string(bus::scheduler_interface), bus::PartOf<bus::SchedulerProperties>{values, names},
                    std::vector<std::string>{});
}

// To its maker alone, whether it reads or not: it is little.
void DownloadScheduler::tell(std::uint64_t number, const Entry& entry, const std::vector<std::string>& names) {
  const std::size_t octets = service_.bus.emit(
      entry.maker, entry_path(number), bus::properties_interface, "PropertiesChanged",
      std::string(bus::schedule_entry_interface), bus::PartOf<bus::ScheduleEntryProperties>{entry.values, names},
      std::vector<std::string>{});
  service_.gate.charge(entry.maker, octets);
}

// --- methods ------------------------------------------------------------------------------------

std::optional<std::vector<bus::ObjectPath>> DownloadScheduler::add(const std::vector<bus::WantedDownload>& wanted,
                                                                   const std::string& maker, std::uint32_t uid) {
  const auto own = std::ranges::count_if(entries_, [&](const auto& one) { return one.second.uid == uid; });
  if (entries_.size() + wanted.size() > most_entries ||
      static_cast<std::size_t>(own) + wanted.size() > most_of_account)
    return std::nullopt;
  std::vector<Path> paths;
  for (const bus::WantedDownload& one : wanted) {
    const std::uint64_t number = ++last_;
    entries_[number] = {.maker = maker,
                        .uid = uid,
                        .values = {.priority = one.priority.value_or(0), .resumable = one.resumable.value_or(false)}};
    paths.push_back({entry_path(number)});
  }
  return paths;
}

void DownloadScheduler::schedule(bus::Reply<Path> reply, bus::WantedDownload wanted) {
  as_caller(service_, std::move(reply), [this, wanted](bus::Reply<Path> known, const ports::Caller& caller) {
    const auto paths = add({wanted}, known.call().sender(), caller.uid);
    if (!paths) return known.fail(too_many_entries());
    known.send(paths->front());
    evaluate();
  });
}

void DownloadScheduler::schedule_entries(bus::Reply<std::vector<Path>> reply,
                                         std::vector<bus::WantedDownload> wanted) {
  as_caller(service_, std::move(reply),
            [this, wanted = std::move(wanted)](bus::Reply<std::vector<Path>> known, const ports::Caller& caller) {
              const auto paths = add(wanted, known.call().sender(), caller.uid);
              if (!paths) return known.fail(too_many_entries());
              known.send(*paths);
              evaluate();
            });
}

void DownloadScheduler::hold(bus::Reply<> reply, std::string /*reason*/) {
  as_caller(service_, std::move(reply),
            [this](bus::Reply<> known, const ports::Caller&) {
              if (!holds_.insert(known.call().sender()).second)
                return known.fail(standard_failure("Failed", "this program holds it already"));
              known.send();
            });
}

void DownloadScheduler::release(bus::Reply<> reply) {
  as_caller(service_, std::move(reply), [this](bus::Reply<> known, const ports::Caller&) {
    if (holds_.erase(known.call().sender()) == 0)
      return known.fail(standard_failure("Failed", "this program does not hold it"));
    known.send();
  });
}

DownloadScheduler::Entry* DownloadScheduler::called(const bus::Message& call) {
  const auto number = parse_entry_path(call.path());
  const auto found = number ? entries_.find(*number) : entries_.end();
  return found == entries_.end() || found->second.maker != call.sender() ? nullptr : &found->second;
}

void DownloadScheduler::remove(bus::Reply<> reply) {
  as_caller(service_, std::move(reply), [this](bus::Reply<> known, const ports::Caller&) {
    const bus::Message call = known.call();
    if (called(call) == nullptr) return known.fail(no_such_entry(call));
    entries_.erase(*parse_entry_path(call.path()));
    known.send();
    service_.bus.emit(call.sender(), call.path(), bus::schedule_entry_interface, "Removed");
    evaluate();
  });
}

// --- properties ---------------------------------------------------------------------------------

bool DownloadScheduler::on_properties_call(const bus::Message& call) {
  if (!call.is_method_call() || call.interface() != bus::properties_interface || !is_of_scheduler(call)) return false;
  const std::string member = call.member();
  if (member == "GetAll" && call.signature() == "s") return get_all(call);
  if (member == "Get" && call.signature() == "ss") return get(call);
  if (member == "Set" && call.signature() == "ssv") return set(call);
  return false;  // sd-bus refuses the rest in the usual words
}

bool DownloadScheduler::get_all(const bus::Message& call) {
  const auto arguments = bus::read_body<std::string>(call);
  if (!arguments || !names_interface(std::get<0>(*arguments), call)) return false;
  if (call.path() == bus::scheduler_path)
    as_caller(service_, bus::Reply<bus::SchedulerProperties>(call),
              [this](bus::Reply<bus::SchedulerProperties> reply, const ports::Caller&) { reply.send(told_); });
  else
    as_caller(service_, bus::Reply<bus::ScheduleEntryProperties>(call),
              [this](bus::Reply<bus::ScheduleEntryProperties> reply, const ports::Caller&) {
                const Entry* entry = called(reply.call());
                if (entry == nullptr) return reply.fail(no_such_entry(reply.call()));
                reply.send(entry->values);
              });
  return true;
}

bool DownloadScheduler::get(const bus::Message& call) {
  const auto arguments = bus::read_body<std::string, std::string>(call);
  if (!arguments || !names_interface(std::get<0>(*arguments), call)) return false;
  const std::string& name = std::get<1>(*arguments);
  const bool of_scheduler = call.path() == bus::scheduler_path;
  if (of_scheduler ? !bus::has_entry(told_, name) : !bus::has_entry(bus::ScheduleEntryProperties{}, name)) return false;
  as_caller(service_, bus::Reply<bus::Variant>(call),
            [this, name, of_scheduler](bus::Reply<bus::Variant> reply, const ports::Caller&) {
              if (of_scheduler) return reply.send(bus::entry(told_, name));
              const Entry* entry = called(reply.call());
              if (entry == nullptr) return reply.fail(no_such_entry(reply.call()));
              reply.send(bus::entry(entry->values, name));
            });
  return true;
}

bool DownloadScheduler::set(const bus::Message& call) {
  bus::Reader in(call.native());
  const std::string interface = in.string('s');
  const std::string name = in.string('s');
  bus::WritableScheduleEntryProperties wanted;
  if (call.path() == bus::scheduler_path || !names_interface(interface, call) || !bus::has_entry(wanted, name)) {
    bus::reply_failure(call, standard_failure("PropertyReadOnly", name + " cannot be set"));
    return true;
  }
  const std::string refusal = bus::read_entry(in, name, wanted);
  if (in.status() < 0 || !refusal.empty()) {
    bus::reply_failure(call, standard_failure("InvalidArgs", refusal));
    return true;
  }
  as_caller(service_, bus::Reply<>(call), [this, name, wanted](bus::Reply<> reply, const ports::Caller&) {
    Entry* entry = called(reply.call());
    if (entry == nullptr) return reply.fail(no_such_entry(reply.call()));
    const std::uint64_t number = *parse_entry_path(reply.call().path());
    entry->values.priority = wanted.priority.value_or(entry->values.priority);
    entry->values.resumable = wanted.resumable.value_or(entry->values.resumable);
    reply.send();
    tell(number, *entry, {name});
    evaluate();
  });
  return true;
}

}  // namespace backhaul::dbus
