// SPDX-License-Identifier: Apache-2.0
#include "tests/stories/story.h"

#include "core/waiting.h"

namespace backhaul::stories {

Story::Story(engine::Settings settings, sim::Options options)
    : world(options),
      alice(world.bus.connect("alice", 1000)),
      bob(world.bus.connect("bob", 1000)),
      carol(world.bus.connect("carol", 1001)),
      root(world.bus.connect("root", 0)) {
  world.settings = settings;
  world.watch_commits();
  world.start_service();
  world.run_for(0s);
}

Story::~Story() {
  for (const std::string& failure : world.stage.failures()) ADD_FAILURE() << failure;
}

sim::RemoteFile& Story::serve(const std::string& name, std::uint64_t size) {
  return world.origin.serve("http://host/" + name, size);
}

sim::RemoteFile& Story::serve_over_tls(const std::string& name,
                                       const std::vector<std::string>& servers) {
  sim::RemoteFile& file = serve(name, 1000);
  for (const std::string& server : servers) file.servers.push_back(certificate(server));
  return file;
}

std::vector<ports::FileSpec> Story::specs(const std::vector<std::string>& names) {
  std::vector<ports::FileSpec> files;
  for (const std::string& name : names) files.push_back({"http://host/" + name, "/d/" + name});
  return files;
}

JobChange Story::named(const std::string& job, JobChange properties) {
  if (!properties.name) properties.name = job;
  return properties;
}

// Runs until nothing is left to do at this instant: commits take no time here.
JobId Story::enqueue(const std::string& job, const std::vector<std::string>& files,
                     JobChange properties) {
  return enqueue_files(job, specs(files), std::move(properties));
}

std::optional<std::uint32_t> Story::count_replied() const {
  const auto& reply = world.clients.call(last_call_).reply;
  const auto* count = reply && *reply ? std::get_if<ports::Count>(&**reply) : nullptr;
  return count == nullptr ? std::nullopt : std::optional(count->number);
}

JobId Story::enqueue_files(const std::string& job, std::vector<ports::FileSpec> files,
                           JobChange properties) {
  return enqueue_by(alice, job, std::move(files), std::move(properties));
}

JobId Story::enqueue_by(const Program& by, const std::string& job, std::vector<ports::FileSpec> files,
                        JobChange properties) {
  ports::command::Enqueue command;
  command.properties = named(job, std::move(properties));
  command.files = std::move(files);
  command.start = true;
  last_call_ = world.submit("Enqueue", by.caller(), std::move(command)).id;
  run(0s);
  const auto& reply = *world.clients.call(last_call_).reply;
  return reply ? std::get<JobId>(*reply) : JobId{};
}

JobId Story::create(const std::string& job, const std::vector<std::string>& files,
                    JobChange properties) {
  ports::command::Enqueue command;
  command.properties = named(job, std::move(properties));
  command.files = specs(files);
  last_call_ = world.submit("Enqueue", alice.caller(), std::move(command)).id;
  run(0s);
  const auto& reply = *world.clients.call(last_call_).reply;
  return reply ? std::get<JobId>(*reply) : JobId{};
}

void Story::submit(const std::string& what, const JobId& job, Program& by,
                   ports::CommandBody body) {
  const std::string text = (&by == &alice ? "" : by.label + " ") + what + " " +
                           world.clients.name_of(job);
  last_call_ = world.submit(text, by.caller(), std::move(body)).id;
  run(0s);
}

void Story::set_object(const JobId& job, Program& by, const std::string& path) {
  core::ObjectRegistration object;
  object.bus_id = world.bus.id();
  object.unique_name = by.unique_name;
  object.path = path;
  object.uid = by.uid;
  submit("SetObject", job, by, ports::command::SetObject{job, object});
}

void Story::set_certificate_check(const JobId& job, Program& by) {
  core::ObjectRegistration object;
  object.bus_id = world.bus.id();
  object.unique_name = by.unique_name;
  object.path = "/v";
  object.uid = by.uid;
  submit("SetCertificateCheck", job, by, ports::command::SetCertificateCheck{job, object});
}

void Story::set_class(const JobId& job, const std::string& name) {
  JobChange change;
  change.notify_class = core::ClassRegistration{name, name.empty() ? "" : "/org/backhaul/clsid"};
  submit("SetClass", job, alice, ports::command::Change{job, change});
}

void Story::crash() {
  world.kill_service();
  world.start_service();
  run(0s);
}

void Story::lose_power() {
  world.cut_power();
  world.start_service();
  run(0s);
}

std::string Story::told() {
  std::string text = "\n";
  for (const std::string& line : world.stage.history()) text += line + "\n";
  world.stage.forget_history();
  return text;
}

std::string Story::told_of(const std::string& word) {
  std::string text = "\n";
  for (const std::string& line : world.stage.history())
    if (line.find(word) != std::string::npos) text += line + "\n";
  world.stage.forget_history();
  return text;
}

std::string Story::reply_to_last() const {
  const sim::Call& call = world.clients.call(last_call_);
  if (!call.reply) return call.lost ? "lost" : "open";
  return sim::to_text(*call.reply, [](const JobId&) { return "a job"; });
}

const core::Job& Story::row(const JobId& job) {
  const auto found = world.service().find(job, root.caller());
  BH_ASSERT(found.has_value());
  return **found;
}

const core::File& Story::file(const JobId& job, std::uint32_t index) {
  return *world.service().file(row(job), index);
}

std::string Story::waiting(const JobId& job) {
  return core::render(world.service().waiting(row(job)), world.clock.now().wall);
}

}  // namespace backhaul::stories
