// SPDX-License-Identifier: Apache-2.0
#include "tests/component/client/fake_service.h"

#include <sys/random.h>

#include <filesystem>
#include <utility>

#include "bus/names.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {
namespace {

using base::Code;

base::JobId new_id() {
  base::JobId id;
  BH_ASSERT(getrandom(id.bytes.data(), id.bytes.size(), 0) == 16);
  return id;
}

bool below_jobs(std::string_view path) {
  return path.starts_with(std::string(bus::jobs_path) + "/");
}

template <class Promise>
auto answer_of(std::shared_ptr<Promise> promise) {
  return [promise](bus::Outcome<std::uint32_t> outcome) {
    if (outcome) promise->set_value({std::get<0>(*outcome), ""});
    else promise->set_value({std::nullopt, outcome.error().name});
  };
}

}  // namespace

PrivateBus::PrivateBus(std::string rules) : rules_(std::move(rules)) { start(); }

void PrivateBus::start() {
  std::filesystem::remove(dir_ / "bus");
  const std::string config = dir_ / "bus.conf";
  write_file(config,
             "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN\"\n"
             " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
             "<busconfig><listen>unix:path=" + (dir_ / "bus") +
                 "</listen><policy context=\"default\">"
                 "<allow send_destination=\"*\" eavesdrop=\"true\"/><allow eavesdrop=\"true\"/>"
                 "<allow own=\"*\"/>" + rules_ + "</policy></busconfig>\n");
  daemon_ = std::make_unique<Process>(std::vector<std::string>{
      "dbus-daemon", "--nofork", "--nopidfile", "--config-file=" + config},
      std::vector<std::pair<std::string, std::string>>{}, -1, dir_ / "bus.log");
  loop::Loop loop;
  BH_ASSERT(wait_until(loop, [this] { return bus::Bus::open(address()).has_value(); }));
}

FakeService::FakeService(std::string address)
    : address_(std::move(address)), poster_(loop_), thread_([this] { loop_.run(); }) {
  start();
}

FakeService::~FakeService() {
  stop();
  on_loop([this] { loop_.exit(0); });
  thread_.join();
}

void FakeService::on_loop(std::function<void()> work) {
  std::promise<void> done;
  poster_.post([&] {
    work();
    done.set_value();
  });
  done.get_future().wait();
}

void FakeService::leave() {
  slots_.clear();
  bus_.reset();
}

void FakeService::stop() { on_loop([this] { leave(); }); }

void FakeService::start() {
  on_loop([this] {
    using S = FakeService;
    auto bus = bus::Bus::open(address_);
    BH_ASSERT(bus && bus->attach(loop_.native()));
    bus_.emplace(*std::move(bus));
    const auto keep = [this](base::Result<bus::Slot> slot) {
      BH_ASSERT(slot.has_value());
      slots_.push_back(*std::move(slot));
    };
    // Tables of a deeper path are asked before filters of a higher one.
    for (const char* prefix : {bus::root_path, bus::jobs_path})
      keep(bus_->add_filter(prefix, [this](const bus::Message& m) { return look_at(m); }));
    keep(bus_->add_object<S>(
        bus::root_path, bus::manager_interface,
        {bus::method<&S::create_job>("CreateJob", "name\0type\0path\0"),
         bus::method<&S::enqueue>("Enqueue", "job\0files\0start\0path\0"),
         bus::method<&S::get_job>("GetJob", "id\0path\0"),
         bus::method<&S::list_jobs>("ListJobs", "filter\0cursor\0limit\0jobs\0next\0"),
         bus::signal<S, bus::ObjectPath, std::vector<std::string>>("JobChanged",
                                                                   "job\0properties\0")},
        *this));
    keep(bus_->add_fallback<S>(
        bus::jobs_path, bus::job_interface,
        {bus::method<&S::add_files>("AddFiles", "files\0"), bus::method<&S::start_job>("Start", ""),
         bus::method<&S::start_job>("StartAnew", ""),
         bus::method<&S::suspend>("Suspend", ""),
         bus::method<&S::complete>("Complete", "status\0"),
         bus::method<&S::cancel>("Cancel", "status\0"),
         bus::method<&S::set_object>("SetNotifyObject", "path\0level\0"),
         bus::method<&S::clear_object>("ClearNotifyObject", ""),
         bus::method<&S::set_validator>("SetCertificateValidator", "path\0"),
         bus::method<&S::clear_validator>("ClearCertificateValidator", ""),
         bus::method<&S::set_properties>("SetProperties", "properties\0"),
         bus::method<&S::list_files>("ListFiles", "first\0limit\0files\0")},
        *this, below_jobs));
    BH_ASSERT(bus_->request_name(bus::service_name).has_value());
  });
}

// Sees every call first. GetAll and Get are answered here.
bool FakeService::look_at(const bus::Message& message) {
  calls_.push_back(message.member());
  if (std::exchange(die_, false)) {
    poster_.post([this, message] { leave(); });  // held until then: never answered
    return true;
  }
  if (refuse_ && message.interface() != bus::properties_interface) {
    bus::reply_error(message, {*std::exchange(refuse_, std::nullopt), ""});
    return true;
  }
  if (message.interface() != bus::properties_interface) return false;
  if (message.path() == bus::root_path) {
    bus::reply(message, bus::VariantOf<std::string>{"fake"});
    return true;
  }
  const auto file = bus::parse_file_path(message.path());
  const auto found = jobs_.find(file ? bus::job_path(file->job) : message.path());
  if (found == jobs_.end()) bus::reply_error(message, {Code::BG_E_NOT_FOUND, ""});
  else if (!file) bus::reply(message, found->second.properties);
  else if (file->index < found->second.files.size()) bus::reply(message, found->second.files[file->index]);
  else bus::reply_error(message, {Code::BG_E_FILE_NOT_FOUND, ""});
  return true;
}

base::Result<FakeService::FakeJob*> FakeService::job_of(const bus::Message& call) {
  const auto found = jobs_.find(call.path());
  if (found == jobs_.end()) return Code::BG_E_NOT_FOUND;
  return &found->second;
}

bus::ObjectPath FakeService::add(bus::JobProperties properties,
                                 const std::vector<bus::NewFile>& files) {
  const base::JobId id = new_id();
  FakeJob job{std::move(properties), {}};
  job.properties.id = base::to_string(id);
  for (const bus::NewFile& file : files) {
    bus::FileProperties row;
    row.index = static_cast<std::uint32_t>(job.files.size());
    row.remote_name = file.remote;
    row.local_name = file.local;
    job.files.push_back(std::move(row));
  }
  job.properties.files_total = static_cast<std::uint32_t>(job.files.size());
  jobs_.emplace(bus::job_path(id), std::move(job));
  return {bus::job_path(id)};
}

base::Result<bus::ObjectPath> FakeService::create_job(const bus::Message&, std::string name,
                                                      std::uint32_t type) {
  bus::JobProperties properties;
  properties.name = std::move(name);
  properties.type = type;
  properties.state = 3;
  return add(std::move(properties), {});
}

base::Result<bus::ObjectPath> FakeService::enqueue(const bus::Message&, bus::NewJob job,
                                                   std::vector<bus::NewFile> files, bool start) {
  if (!job.rejected.empty()) return Code::E_INVALIDARG;
  bus::JobProperties properties;
  properties.name = job.name.value_or("");
  properties.priority = job.priority.value_or(2);
  properties.auto_complete = job.auto_complete.value_or(false);
  properties.notify_service = job.notify_service.value_or(bus::AddressTuple());
  properties.state = start ? 0 : 3;
  return add(std::move(properties), files);
}

base::Result<bus::ObjectPath> FakeService::get_job(const bus::Message&, std::string id) {
  const auto parsed = base::parse_job_id(id);
  if (!parsed || !jobs_.contains(bus::job_path(*parsed))) return Code::BG_E_NOT_FOUND;
  return bus::ObjectPath{bus::job_path(*parsed)};
}

// Pages of two, so that a test sees paging with a handful of jobs.
base::Result<std::tuple<std::vector<bus::ListedJob>, std::string>> FakeService::list_jobs(
    const bus::Message&, bus::ListFilter, std::string cursor, std::uint32_t) {
  std::vector<bus::ListedJob> page;
  for (auto at = jobs_.upper_bound(cursor); at != jobs_.end(); ++at) {
    if (page.size() == 2) return std::tuple{std::move(page), std::prev(at)->first};
    page.push_back({{at->first}, at->second.properties});
  }
  return std::tuple{std::move(page), std::string()};
}

base::Result<void> FakeService::add_files(const bus::Message& call,
                                          std::vector<bus::NewFile> files) {
  BH_TRY(FakeJob * job, job_of(call));
  for (const bus::NewFile& file : files) {
    bus::FileProperties row;
    row.index = job->properties.files_total++;
    row.remote_name = file.remote;
    row.local_name = file.local;
    job->files.push_back(std::move(row));
  }
  return {};
}

base::Result<void> FakeService::state_change(const bus::Message& call, std::uint32_t state) {
  BH_TRY(FakeJob * job, job_of(call));
  if (job->properties.state >= 7) return Code::BG_E_INVALID_STATE;
  job->properties.state = state;
  changed(*job, {"State"});
  return {};
}

base::Result<void> FakeService::start_job(const bus::Message& call) { return state_change(call, 0); }
base::Result<void> FakeService::suspend(const bus::Message& call) { return state_change(call, 3); }

void FakeService::finish(bus::Reply<std::uint32_t> reply, std::uint32_t state) {
  auto job = job_of(reply.call());
  if (!job) return reply.fail(job.error());
  if ((*job)->properties.state >= 7) return reply.fail(Code::BG_E_INVALID_STATE);
  (*job)->properties.state = state;
  reply.send(0);
  release_object(**job);
  release_certificate_check(**job);
  changed(**job, {"State"});
}

void FakeService::complete(bus::Reply<std::uint32_t> reply) { finish(std::move(reply), 7); }
void FakeService::cancel(bus::Reply<std::uint32_t> reply) { finish(std::move(reply), 8); }

void FakeService::set_object(bus::Reply<> reply, bus::ObjectPath path, std::uint32_t level) {
  auto job = job_of(reply.call());
  if (!job) return reply.fail(job.error());
  release_object(**job);
  (*job)->properties.notify_object = {reply.call().sender(), path.value, level};
  reply.send();
}

base::Result<void> FakeService::clear_object(const bus::Message& call) {
  BH_TRY(FakeJob * job, job_of(call));
  release_object(*job);
  return {};
}

void FakeService::set_validator(bus::Reply<> reply, bus::ObjectPath path) {
  auto job = job_of(reply.call());
  if (!job) return reply.fail(job.error());
  release_certificate_check(**job);
  (*job)->properties.certificate_validator = {reply.call().sender(), path.value};
  reply.send();
}

base::Result<void> FakeService::clear_validator(const bus::Message& call) {
  BH_TRY(FakeJob * job, job_of(call));
  release_certificate_check(*job);
  return {};
}

base::Result<void> FakeService::set_properties(const bus::Message& call,
                                               bus::JobSettings settings) {
  BH_TRY(FakeJob * job, job_of(call));
  if (!settings.rejected.empty()) return Code::E_INVALIDARG;
  if (settings.name) job->properties.name = *settings.name;
  if (settings.priority) job->properties.priority = *settings.priority;
  return {};
}

base::Result<std::vector<bus::ListedFile>> FakeService::list_files(const bus::Message& call,
                                                                   std::uint32_t first,
                                                                   std::uint32_t limit) {
  const auto found = jobs_.find(call.path());
  if (found == jobs_.end()) return Code::BG_E_NOT_FOUND;
  std::vector<bus::ListedFile> page;
  const auto& files = found->second.files;
  for (std::size_t i = first; i < files.size() && page.size() < limit; ++i)
    page.push_back({{call.path() + "/file/" + std::to_string(i)}, files[i]});
  return page;
}

void FakeService::changed(const FakeJob& job, const std::vector<std::string>& names) {
  const auto id = base::parse_job_id(job.properties.id);
  bus_->emit("", bus::root_path, bus::manager_interface, "JobChanged",
             bus::ObjectPath{bus::job_path(*id)}, names);
}

void FakeService::release_object(FakeJob& job) {
  const bus::ObjectTuple object = std::exchange(job.properties.notify_object, {});
  if (object.unique_name.empty()) return;
  bus_->send({object.unique_name, object.path, bus::callback_interface, "Released",
              bus::usual_limit});
}

void FakeService::release_certificate_check(FakeJob& job) {
  const bus::AddressTuple object = std::exchange(job.properties.certificate_validator, {});
  if (object.name.empty()) return;
  bus_->send({object.name, object.path, bus::certificate_validator_interface, "Released",
              bus::usual_limit});
}

// --- what tests ask for --------------------------------------------------------------------------
void FakeService::edit(const std::string& id, const std::function<void(FakeJob&)>& change) {
  on_loop([&] { change(jobs_.at(bus::job_path(*base::parse_job_id(id)))); });
}

void FakeService::set_state(const std::string& id, std::uint32_t state) {
  edit(id, [&](FakeJob& job) {
    job.properties.state = state;
    changed(job, {"State"});
  });
}

void FakeService::forget(const std::string& id) {
  on_loop([&] { jobs_.erase(bus::job_path(*base::parse_job_id(id))); });
}

void FakeService::refuse_next(Code code) {
  on_loop([&] { refuse_ = code; });
}

void FakeService::die_in_next() {
  on_loop([this] { die_ = true; });
}

std::vector<std::string> FakeService::calls() {
  std::vector<std::string> copy;
  on_loop([&] { copy = calls_; });
  return copy;
}

std::future<FakeService::Answer> FakeService::call_at(const std::string& name,
                                                      const std::string& path,
                                                      const std::string& id,
                                                      std::uint64_t sequence) {
  auto promise = std::make_shared<std::promise<Answer>>();
  on_loop([&] {
    const bus::ObjectPath job{bus::job_path(*base::parse_job_id(id))};
    bus_->call_async<std::uint32_t>(
            {name, path, bus::callback_interface, "JobTransferred", bus::no_limit},
            answer_of(promise), sequence, job)
        .detach();
  });
  return promise->get_future();
}

std::future<FakeService::Answer> FakeService::transferred(const std::string& id,
                                                          std::uint64_t sequence) {
  bus::ObjectTuple object;
  edit(id, [&](FakeJob& job) { object = job.properties.notify_object; });
  return call_at(object.unique_name, object.path, id, sequence);
}

std::future<FakeService::Answer> FakeService::failed(const std::string& id,
                                                     const bus::ErrorTuple& error) {
  auto promise = std::make_shared<std::promise<Answer>>();
  edit(id, [&](FakeJob& job) {
    const bus::ObjectTuple& object = job.properties.notify_object;
    bus_->call_async<std::uint32_t>({object.unique_name, object.path, bus::callback_interface,
                                     "JobError", bus::no_limit},
                                    answer_of(promise), std::uint64_t{1},
                                    bus::ObjectPath{bus::job_path(*base::parse_job_id(id))}, error)
        .detach();
  });
  return promise->get_future();
}

std::future<FakeService::Answer> FakeService::file_done(const std::string& id,
                                                        std::uint32_t file) {
  auto promise = std::make_shared<std::promise<Answer>>();
  edit(id, [&](FakeJob& job) {
    const bus::ObjectTuple& object = job.properties.notify_object;
    const base::JobId job_id = *base::parse_job_id(id);
    bus_->call_async<std::uint32_t>({object.unique_name, object.path, bus::callback_interface,
                                     "FileTransferred", bus::no_limit},
                                    answer_of(promise), std::uint64_t{1},
                                    bus::ObjectPath{bus::job_path(job_id)},
                                    bus::ObjectPath{bus::file_path(job_id, file)})
        .detach();
  });
  return promise->get_future();
}

std::future<FakeService::Answer> FakeService::validate(const std::string& id,
                                                       std::vector<std::string> chain) {
  auto promise = std::make_shared<std::promise<Answer>>();
  edit(id, [&](FakeJob& job) {
    const bus::AddressTuple& object = job.properties.certificate_validator;
    const base::JobId job_id = *base::parse_job_id(id);
    std::vector<std::vector<std::uint8_t>> octets;
    for (const std::string& der : chain) octets.emplace_back(der.begin(), der.end());
    bus_->call_async<std::uint32_t>({object.name, object.path,
                                     bus::certificate_validator_interface, "Validate",
                                     bus::no_limit},
                                    answer_of(promise), bus::ObjectPath{bus::job_path(job_id)},
                                    bus::ObjectPath{bus::file_path(job_id, 2)}, octets,
                                    std::uint32_t{7})
        .detach();
  });
  return promise->get_future();
}

void FakeService::release(const std::string& id) {
  edit(id, [&](FakeJob& job) { release_object(job); });
}

void FakeService::release_at(const std::string& name, const std::string& path) {
  on_loop([&] {
    bus_->send({name, path, bus::callback_interface, "Released", bus::usual_limit});
  });
}

base::Result<std::tuple<std::string, std::uint32_t>> FakeService::create_instance(
    const std::string& name) {
  using Created = base::Result<std::tuple<std::string, std::uint32_t>>;
  auto promise = std::make_shared<std::promise<Created>>();
  on_loop([&] {
    bus_->call_async<bus::ObjectPath, std::uint32_t>(
            {name, bus::class_path, bus::class_factory_interface, "CreateInstance", bus::no_limit},
            [promise](auto outcome) {
              if (!outcome) return promise->set_value(outcome.error().error());
              const auto& [path, level] = *outcome;
              promise->set_value(std::tuple{path.value, level});
            })
        .detach();
  });
  return promise->get_future().get();
}

std::string FakeService::owner_of(const std::string& name) {
  std::string owner;
  on_loop([&] {
    auto answer = bus_->call<std::string>({bus::daemon_name, bus::daemon_path, bus::daemon_interface,
                                           "GetNameOwner", bus::usual_limit},
                                          name);
    if (answer) owner = std::get<0>(*answer);
  });
  return owner;
}

}  // namespace backhaul::test
