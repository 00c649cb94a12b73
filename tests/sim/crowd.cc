// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/crowd.h"

#include <algorithm>

#include "core/part.h"
#include "core/pieces.h"
#include "core/waiting.h"

namespace backhaul::sim {

namespace command = ports::command;
using base::JobState;

Crowd::Crowd(World& world, Ledger& ledger, CrowdOptions options)
    : world_(world), prng_(world.stage.prng), ledger_(ledger), options_(options) {
  for (std::uint32_t user = 0; user < options.users; ++user)
    for (std::uint32_t i = 0; i < options.programs_per_user; ++i)
      programs_.push_back(&world.bus.connect(
          "p" + std::to_string(user) + std::to_string(i), 1000 + user));
  programs_.push_back(&world.bus.connect("root", 0));
  for (std::uint32_t i = 0; i < options.urls; ++i) {
    const std::string host = prng_.chance(100) ? "localhost" : "h" + std::to_string(i % 3);
    const std::uint64_t size = prng_.chance(50) ? 0 : prng_.below(options.file_size + 1);
    auto& file = world.origin.serve("http://" + host + "/" + std::to_string(i), size);
    file.latency = Microseconds(static_cast<std::int64_t>(prng_.below(2'000'000)));
    file.rate = 100 + prng_.below(5000);
    file.does_ranges = !prng_.chance(200);
    file.several = static_cast<Several>(i % 8);
    file.tells_size = !prng_.chance(200);
    Version& version = file.versions.back();
    if (prng_.chance(300)) version.etag = "\"v" + std::to_string(version.number) + "\"";
    if (prng_.chance(250)) version.last_modified.clear();
    file.heeds_conditions = !prng_.chance(200);
    file.varies = prng_.chance(200) && !version.last_modified.empty();
  }
  if (options.neighbours != 0)
    for (auto& [url, file] : world.origin.files()) file.tells_digest = prng_.chance(500);
  if (options.addresses != 0) serve_mirrors();
  if (options.validators != 0) serve_over_tls();
  for (const char* name : {"org.example.One", "org.example.Two"}) {
    ClassServer& server = world.bus.install(name);
    server.uid = 1000;
    server.installed = prng_.chance(700);
    server.level = 1 + static_cast<std::uint32_t>(prng_.below(3));
  }
}

// All of its bytes, or some.
void Crowd::spoil(RemoteFile& file) {
  const std::uint64_t size = file.current().size;
  file.corrupts = size == 0 || prng_.chance(500);
  if (file.corrupts) return;
  const std::uint64_t begin = prng_.below(size);
  file.bad.add({begin, begin + 1 + prng_.below(size - begin)});
}

// Of every file: a server that has it as well, and one of whose bytes some are others.
void Crowd::serve_mirrors() {
  std::vector<std::string> urls;
  for (const auto& [url, file] : world_.origin.files()) urls.push_back(url);
  for (const std::string& url : urls) {
    const std::string name = url.substr(url.rfind('/'));
    for (const char* host : {"http://m", "http://liar"}) {
      RemoteFile& mirror = world_.origin.mirror(host + name, url);
      mirror.rate = 100 + prng_.below(5000);
      mirror.does_ranges = !prng_.chance(200);
      mirror.tells_digest = prng_.chance(300);
      if (host == std::string("http://liar")) spoil(mirror);
    }
  }
}

// To another server; where its bytes are others only what is held against a digest goes.
void Crowd::move(Program& by, const base::JobId& job) {
  if (prng_.chance(300)) {
    const std::string host = "http://h" + std::to_string(prng_.below(3)) + "/";
    return submit("ReplaceRemotePrefix", by, command::ReplaceRemotePrefix{job, host, "http://m/"});
  }
  auto it = world_.origin.files().begin();
  std::advance(it, static_cast<std::ptrdiff_t>(prng_.below(world_.origin.files().size())));
  if (it->second.corrupts || !it->second.bad.empty()) return;
  submit("SetRemoteName", by,
         command::SetRemoteName{job, static_cast<std::uint32_t>(prng_.below(3)), it->first});
}

// Some servers are https, some redirect, and some show one certificate or another.
void Crowd::serve_over_tls() {
  const auto server = [&] {
    return core::ServerCertificate{"h" + std::to_string(prng_.below(3)) + ":443",
                                   std::string(64, prng_.chance(500) ? 'a' : 'b')};
  };
  for (auto& [url, file] : world_.origin.files())
    for (auto n = prng_.below(3); n > 0; --n) file.servers.push_back(server());
}

void Crowd::set_certificate_check(Program& by, const base::JobId& job) {
  core::ObjectRegistration object;
  object.bus_id = world_.bus.id();
  object.unique_name = by.unique_name;
  object.path = "/v" + std::to_string(prng_.below(3));
  object.uid = by.uid;
  command::SetCertificateCheck body{job, object};
  if (prng_.chance(200)) body.object.reset();
  submit(body.object ? "SetCertificateCheck" : "ClearValidator", by, body);
}

Program& Crowd::somebody() { return *programs_[prng_.below(programs_.size())]; }

// A living program of this user.
Program& Crowd::owner_program(std::uint32_t uid) {
  for (Program* program : programs_)
    if (program->uid == uid && program->alive) return *program;
  programs_.push_back(&world_.bus.connect("p" + std::to_string(uid) + "x", uid));
  return *programs_.back();
}

void Crowd::lose_a_program() {
  const std::uint64_t index = prng_.below(programs_.size());
  Program& program = *programs_[index];
  const auto label = program.label;
  const auto uid = program.uid;
  world_.bus.kill(program);
  programs_[index] = &world_.bus.connect(label, uid);
}

void Crowd::come_back() {
  for (Program*& program : programs_)
    if (!program->alive) program = &world_.bus.connect(program->label, program->uid);
}

base::JobId Crowd::some_job() {
  const auto& known = ledger_.owners();
  if (known.empty() || prng_.chance(10)) return base::JobId{};
  const auto draw = [&] {
    auto it = known.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(prng_.below(known.size())));
    return it->first;
  };
  // Most jobs are at rest most of the time; their owners look at those that move.
  base::JobId job = draw();
  for (int again = 0; again < 4; ++again) {
    const SimStore::Row* row = world_.store.find(job);
    if (row != nullptr && base::is_action(row->job.state)) break;
    if (prng_.chance(300)) break;
    job = draw();
  }
  return job;
}

std::string Crowd::unique_local() { return "/d/f" + std::to_string(++locals_); }

std::vector<ports::FileSpec> Crowd::some_files() {
  std::vector<ports::FileSpec> files;
  const std::uint64_t count = prng_.chance(30) ? 40 : prng_.below(options_.files_per_job + 1);
  auto& served = world_.origin.files();
  for (std::uint64_t i = 0; i < count; ++i) {
    auto it = served.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(prng_.below(served.size())));
    files.push_back({it->first, unique_local()});
    const bool plain = options_.addresses == 0 || !prng_.chance(options_.addresses);
    if (!plain || it->second.corrupts || !it->second.bad.empty()) {
      const Version& version = it->second.current();
      files.back().digests = {digest_of(version)};
      if (version.size > 0 && prng_.chance(500)) {
        files.back().piece_length = 1 + version.size / (1 + prng_.below(9));
        files.back().piece_digests = piece_digests_of(version, files.back().piece_length);
      }
      if (prng_.chance(300)) files.back().size = version.size;
      const std::string name = it->first.substr(it->first.rfind('/'));
      for (const char* host : {"http://liar", "http://m"})
        if (prng_.chance(600)) files.back().mirrors.push_back(host + name);
      continue;
    }
    if (options_.ranged != 0 && prng_.chance(options_.ranged))
      files.back().ranges = some_ranges(it->second.current().size);
    // Several neighbours may send these at once.
    const Version& version = it->second.current();
    if (options_.neighbours == 0 || !files.back().ranges.empty() || version.size < 2 || !prng_.chance(400)) continue;
    files.back().piece_length = 1 + version.size / (2 + prng_.below(20));
    files.back().piece_digests = piece_digests_of(version, files.back().piece_length);
  }
  return files;
}

// In any order; in a file that is empty now they are outside.
std::vector<core::WantedRange> Crowd::some_ranges(std::uint64_t size) {
  std::vector<core::WantedRange> ranges;
  std::uint64_t at = 0;
  do {
    at += prng_.below(size / 2 + 1);
    ranges.push_back({at, 1 + prng_.below(size / 3 + 1)});
    at += ranges.back().length;
  } while (at < size);
  if (prng_.chance(500)) ranges.back().length = core::to_end_of_file;
  for (std::size_t i = ranges.size(); i > 1; --i) std::swap(ranges[i - 1], ranges[prng_.below(i)]);
  return ranges;
}

ports::JobChange Crowd::some_change() {
  ports::JobChange change;
  const auto number = [&](std::uint64_t bound) {
    return static_cast<std::uint32_t>(prng_.below(bound));
  };
  if (prng_.chance(200)) change.description = "d" + std::to_string(number(1000));
  if (prng_.chance(300)) change.priority = number(4);
  if (prng_.chance(200)) change.notify_flags = number(64);
  if (prng_.chance(300)) change.minimum_retry_delay = number(1000);
  if (prng_.chance(options_.impatient)) change.no_progress_timeout = number(3000);
  if (prng_.chance(100)) change.maximum_download_time = number(3000);
  if (prng_.chance(100)) change.notification_interval = number(1000);
  if (prng_.chance(100)) change.auto_complete = prng_.chance(500);
  if (options_.addresses != 0 && prng_.chance(300)) change.address_timeout = number(900);
  if (options_.at_random != 0 && prng_.chance(300)) change.on_demand_mode = prng_.chance(700);
  if (options_.at_random != 0 && prng_.chance(100)) change.dynamic_content = prng_.chance(500);
  if (options_.needed != 0 && prng_.chance(options_.needed)) {
    const base::WallTime moment = world_.clock.now().wall + std::chrono::seconds(number(3600)) - std::chrono::minutes(5);
    change.needed_by = prng_.chance(200) ? 0 : base::to_raw<std::uint64_t>(moment);
  }
  if (prng_.chance(options_.classes)) {
    const bool one = prng_.chance(500);
    change.notify_class = core::ClassRegistration{one ? "org.example.One" : "org.example.Two",
                                               "/org/example"};
    if (prng_.chance(200)) change.notify_class = core::ClassRegistration{};
  }
  if (prng_.chance(options_.commands)) {
    change.command = core::CommandRegistration{"/bin/c" + std::to_string(number(3)), "c x", 0};
    if (prng_.chance(200)) change.command = core::CommandRegistration{};
  }
  return change;
}

void Crowd::submit(const std::string& what, Program& by, ports::CommandBody body) {
  if (!by.alive) return;
  const auto job = job_of(body);
  const std::string text =
      by.label + " " + what + (job ? " " + world_.clients.name_of(*job) : std::string());
  world_.submit(text, by.caller(), std::move(body));
  if (prng_.chance(100)) read(by);
}

void Crowd::enqueue() {
  ++enqueued_;
  command::Enqueue body;
  body.properties = some_change();
  if (options_.high_performance != 0) body.properties.high_performance = prng_.chance(options_.high_performance);
  if (options_.neighbours != 0 && prng_.chance(options_.neighbours)) body.properties.peer_caching_flags = 3;
  body.properties.name = "j" + std::to_string(enqueued_);
  body.files = some_files();
  body.start = prng_.chance(700);
  submit("Enqueue", somebody(), std::move(body));
}

void Crowd::act() {
  Program& by = somebody();
  if (enqueued_ < options_.jobs && prng_.chance(300)) return enqueue();
  if (prng_.chance(150)) return read(by);
  const base::JobId job = some_job();
  if (prng_.chance(options_.hostile)) return nonsense(by, job);
  if (prng_.chance(options_.storms)) return storm(job);
  auto owner = ledger_.owners().find(job);
  const bool own = owner != ledger_.owners().end() && prng_.chance(900);
  Program& asks = own ? owner_program(owner->second) : by;
  if (prng_.chance(100)) return series(asks, job);
  command(asks, job);
}

// One after another, without waiting for an answer.
void Crowd::series(Program& by, const base::JobId& job) {
  if (prng_.chance(500)) submit("AddFiles", by, command::AddFiles{job, some_files()});
  for (std::uint64_t left = 1 + prng_.below(6); left > 0; --left) command(by, job);
}

void Crowd::command(Program& by, const base::JobId& job) {
  if (options_.validators != 0 && prng_.chance(options_.validators)) return set_certificate_check(by, job);
  if (options_.addresses != 0 && prng_.chance(100)) return move(by, job);
  if (options_.at_random != 0 && prng_.chance(options_.at_random)) return read_at_random(by, job);
  if (prng_.chance(options_.endings)) {
    if (prng_.chance(700))
      submit("Complete", by, command::Complete{job});
    else
      submit("Cancel", by, command::Cancel{job});
    if (prng_.chance(700)) return;  // others do not wait for the end of it
  }
  switch (prng_.below(10)) {
    case 0:
    case 1:
    case 2: return submit("Start", by, command::Start{job});
    case 3: return submit("Suspend", by, command::Suspend{job});
    case 4: return submit("AddFiles", by, command::AddFiles{job, some_files()});
    case 5: {
      ports::JobChange change = some_change();
      if (prng_.chance(300)) change.name = "n" + std::to_string(prng_.below(1000));
      return submit("Change", by, command::Change{job, change});
    }
    case 6:
    case 7: return set_object(by, job);
    case 8: return submit("ClearObject", by, command::ClearObject{job});
    default:
      if (prng_.chance(100)) return submit("TakeOwnership", by, command::TakeOwnership{job});
      return submit("SetValidationState", by,
                    command::SetValidationState{job, static_cast<std::uint32_t>(prng_.below(3)),
                                           prng_.chance(700)});
  }
}

// Somewhere in a file, now and then behind its end, and Resume, as programs do it.
void Crowd::read_at_random(Program& by, const base::JobId& job) {
  const auto file = static_cast<std::uint32_t>(prng_.below(3));
  const auto place = [&] { return prng_.below(options_.file_size + options_.file_size / 16 + 1); };
  if (prng_.chance(200)) return submit("SetPosition", by, command::SetPosition{job, file, place()});
  std::vector<core::WantedRange> ranges;
  for (auto n = 1 + prng_.below(4); n > 0; --n) {
    ranges.push_back({place(), 1 + prng_.below(options_.file_size / 8 + 1)});
    if (prng_.chance(100)) ranges.back().length = core::to_end_of_file;
  }
  submit("RequestRanges", by, command::RequestRanges{job, file, std::move(ranges)});
  if (prng_.chance(500)) submit("Start", by, command::Start{job});
}

void Crowd::set_object(Program& by, const base::JobId& job) {
  core::ObjectRegistration object;
  object.bus_id = world_.bus.id();
  object.unique_name = by.unique_name;
  object.path = "/o" + std::to_string(prng_.below(3));
  object.uid = by.uid;
  object.level = 1 + static_cast<std::uint32_t>(prng_.below(3));
  submit("SetObject", by, command::SetObject{job, object});
}

// All programs, of whatever user, register and clear as fast as they can.
void Crowd::storm(const base::JobId& job) {
  for (std::uint64_t left = 5 + prng_.below(60); left > 0; --left) {
    Program& by = somebody();
    if (prng_.chance(200))
      submit("ClearObject", by, command::ClearObject{job});
    else
      set_object(by, job);
  }
}

// What must be refused, whoever asks.
void Crowd::nonsense(Program& by, const base::JobId& job) {
  ports::JobChange change;
  switch (prng_.below(6)) {
    case 0: change.priority = 4; break;
    case 1: change.notify_flags = 0x40; break;
    case 2: change.name = std::string(257, 'n'); break;
    case 3: change.notify_class = core::ClassRegistration{"no name", "/x"}; break;
    case 4: return submit("AddFiles", by, command::AddFiles{job, {{"ftp://h0/1", "/d/no"}}});
    default: {
      core::ObjectRegistration object;
      object.level = 9;
      return submit("SetObject", by, command::SetObject{job, object});
    }
  }
  submit("Change", by, command::Change{job, change});
}

// Every read works at every time and agrees with what was answered.
void Crowd::read(Program& by) {
  if (!world_.running() || !by.alive) return;
  std::vector<base::CallId> open;
  for (const auto& [id, call] : world_.clients.calls())
    if (call.open() && call.caller.peer == by.peer) open.push_back(id);
  world_.service().read(by.peer, [this, open, caller = by.caller()] {
    const auto& service = world_.service();
    for (const base::CallId id : open) {
      const Call& call = world_.clients.call(id);
      const auto job = job_of(call.body);
      const SimStore::Row* row = job ? world_.store.find(*job) : nullptr;
      // Complete and Cancel hold up no reads, also when their end is written and not told yet.
      const bool closing = call.may_come_late ||
                           (job && (row == nullptr || row->job.intent != core::Intent::none ||
                                   base::is_final(row->job.state)));
      if (call.open() && !closing) world_.stage.fail("a read came before the answer to " + call.what);
    }
    std::string cursor;
    do {
      const auto page = service.page({.all_users = caller.uid == 0}, cursor, 3, caller);
      if (!page) return world_.stage.fail("a page was refused");
      for (const core::Job* job : page->jobs) {
        if (caller.uid != 0 && job->owner_uid != caller.uid)
          world_.stage.fail("a job of another user is listed");
        const ports::Progress progress = service.progress(*job);
        if (progress.files_total != job->files.total) world_.stage.fail("odd progress");
        if (progress.bytes_total != base::size_unknown &&
            progress.bytes_transferred > progress.bytes_total)
          world_.stage.fail("more bytes than there are");
        check_waiting(service.waiting(*job));
      }
      cursor = page->next;
    } while (!cursor.empty());
    const ports::Caller root{base::PeerId::none, 0};
    for (const auto& [id, uid] : ledger_.owners()) {
      const auto job = service.find(id, root);
      if (job && caller.uid != 0 && (*job)->owner_uid != caller.uid && service.find(id, caller))
        world_.stage.fail("a job of another user is shown");
    }
  });
}

// However the clock was set, it tells of times that can be.
void Crowd::check_waiting(const core::Waiting& waiting) {
  const base::WallTime now = world_.clock.now().wall;
  core::render(waiting, now);
  const auto lasts = [&](base::WallTime from, base::WallTime to, Microseconds most) {
    const bool told = from != base::WallTime{} && to != base::WallTime{};
    if (told && (to - from > most + std::chrono::seconds(1) || from - to > std::chrono::seconds(1)))
      world_.stage.fail("it waits for a time that cannot be");
  };
  lasts(waiting.since, now, world_.stage.timeline.now());
  lasts(now, std::max(waiting.until, now), std::chrono::seconds(1000));
}

void Crowd::settle() {
  for (auto& [name, program] : world_.bus.programs()) {
    program.answers.clear();
    program.verdicts.clear();
    program.usual = Answer::ok;
  }
  for (auto& [name, server] : world_.bus.servers()) {
    server.installed = true;
    server.start = StartBehaviour::starts;
    server.answers.clear();
    server.usual = Answer::ok;
  }
}

void Crowd::repair(Program& owner, const base::JobId& job) {
  ports::JobChange patience;
  patience.maximum_download_time = 1'000'000;
  patience.no_progress_timeout = 1'000'000;
  if (options_.at_random != 0) patience.on_demand_mode = false;
  submit("Change", owner, command::Change{job, patience});
  const core::Job& row = world_.store.find(job)->job;
  if (row.error && row.error->code == base::Code::BG_E_SERVER_CERT_VALIDATION_INTERFACE_REQUIRED)
    set_certificate_check(owner, job);
  // What was received contradicts the server for good, as where it coded the file once and never again.
  const bool contradicts = row.error && (row.error->code == base::Code::BG_E_INVALID_SERVER_RESPONSE ||
                                         row.error->code == base::Code::BG_E_REMOTE_FILE_CHANGED);
  submit("Start", owner, command::Start{job, contradicts});
}

// Somebody deleted the part of a finished file: whoever calls the file not valid gets it again.
bool Crowd::fetch_what_was_deleted(Program& owner, const base::JobId& job) {
  bool deleted = false;
  const SimStore::Row& row = *world_.store.find(job);
  for (const auto& [index, file] : row.files) {
    const std::string part = core::place_of_part(row.job, file);
    if (file.state != core::FileState::transferred || world_.disk.find(part) != nullptr ||
        world_.disk.find(file.local) != nullptr)
      continue;
    submit("SetValidationState", owner, command::SetValidationState{job, index, false});
    deleted = true;
  }
  if (deleted) repair(owner, job);
  return deleted;
}

// Its pieces are those of a version that is gone.
bool Crowd::is_of_the_past(const core::File& file) const {
  const auto pieces = file.rare->expected ? core::parse_pieces(file.rare->expected->pieces) : std::nullopt;
  const RemoteFile* served = world_.origin.find(file.remote);
  if (!pieces || served == nullptr) return false;
  const std::vector<std::string> now = piece_digests_of(served->current(), pieces->size.length);
  std::size_t at = 0;
  return now.size() != pieces->count() || !std::ranges::all_of(now, [&](const std::string& digest) {
    return digest == "sha256:" + std::string(pieces->digest(at++));
  });
}

// Of a version that was there once: the address that still has it spoils it, and the others have another
// one. With digests of pieces what is right of it is kept, so that those say that the file has changed.
bool Crowd::nobody_has(const core::Job& job) const {
  if (!job.error) return false;
  if (options_.addresses == 0) {
    const auto& files = world_.store.find(job.id)->files;
    return job.error->code == base::Code::BG_E_VALIDATION_FAILED &&
           std::ranges::any_of(files, [&](const auto& entry) { return is_of_the_past(entry.second); });
  }
  if (job.error->code == base::Code::BG_E_VALIDATION_FAILED) return true;
  if (job.error->code != base::Code::BG_E_REMOTE_FILE_CHANGED) return false;
  const auto& files = world_.store.find(job.id)->files;
  return std::ranges::any_of(files, [](const auto& entry) {
    const auto& expected = entry.second.rare->expected;
    return expected && !expected->pieces.empty();
  });
}

void Crowd::end_everything() {
  std::vector<core::Job> jobs;
  for (const auto& [id, row] : world_.store.rows()) jobs.push_back(row.job);
  for (const core::Job& job : jobs) {
    Program& owner = owner_program(job.owner_uid);
    switch (job.state) {
      case JobState::suspended:
      case JobState::error:
        if (job.files.total == 0 || nobody_has(job))
          submit("Cancel", owner, command::Cancel{job.id});
        else
          repair(owner, job.id);
        break;
      case JobState::transferred:
        if (!fetch_what_was_deleted(owner, job.id))
          submit("Complete", owner, command::Complete{job.id});
        break;
      default: break;
    }
  }
}

}  // namespace backhaul::sim
