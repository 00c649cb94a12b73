// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/files.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "core/part_name.h"

namespace backhaul::sim {
namespace {

using base::Code;
using base::ErrorContext;

base::Error local_error(Code code, const char* text) {
  return {code, ErrorContext::local_file, text};
}

std::string part_text(base::TransferId transfer, std::uint32_t index, std::uint64_t bytes) {
  return "#" + std::to_string(static_cast<std::uint64_t>(transfer)) + " file " +
         std::to_string(index) + " with " + std::to_string(bytes);
}

}  // namespace

// --- parts ---------------------------------------------------------------------------------------

void SimFiles::open(ports::OpenPart request) {
  stage_.port_call();
  const base::TransferId transfer = request.transfer;
  const PartKey key{request.job, request.index};
  stage_.trace("open " + part_text(transfer, request.index, request.stored.total()));
  if (sinks_.contains(transfer)) stage_.fail("a part was opened twice for one transfer");
  if (on_open) on_open(request);
  sinks_[transfer] = std::make_shared<SimSink>(stage_, disk_, std::move(request));
  sinks_[transfer]->on_replaced = on_replaced;
  auto& queue = queues_[key];
  queue.push_back(transfer);
  if (queue.size() == 1) open_first(key);
}

ports::Sink* SimFiles::sink(base::TransferId transfer) {
  auto it = sinks_.find(transfer);
  return it == sinks_.end() || !it->second->usable() ? nullptr : it->second.get();
}

std::optional<ports::Files::Coming> SimFiles::coming(base::TransferId transfer) const {
  if (const auto closed = closed_.find(transfer); closed != closed_.end()) return closed->second;
  const auto it = sinks_.find(transfer);
  if (it == sinks_.end() || !it->second->will_keep_all()) return std::nullopt;
  return Coming{it->second->epoch(), it->second->taken()};
}

void SimFiles::digest(base::TransferId transfer, ports::DigestOrder order) {
  stage_.port_call();
  if (auto it = sinks_.find(transfer); it != sinks_.end()) it->second->digest(order);
}

void SimFiles::close(base::TransferId transfer) {
  stage_.port_call();
  auto it = sinks_.find(transfer);
  if (it == sinks_.end()) return stage_.fail("a part was closed that is not open");
  if (in_use && in_use(transfer)) stage_.fail("a part was closed under its transfer");
  stage_.trace("close " + part_text(transfer, it->second->key().index, it->second->taken()));
  auto& queue = queues_[it->second->key()];
  const bool waits = queue.front() != transfer || !it->second->begun();
  it->second->close([this, transfer] { closed(transfer); });
  if (!waits) return;
  const PartKey key = it->second->key();
  const bool first = queue.front() == transfer;
  std::erase(queue, transfer);  // it was never begun
  if (queue.empty())
    queues_.erase(key);
  else if (first)
    open_first(key);
  stage_.timeline.in_service(Microseconds::zero(), [this, transfer] {
    sinks_.erase(transfer);
    stage_.post(ports::PartClosed{transfer});
  });
}

void SimFiles::closed(base::TransferId transfer) {
  const PartKey key = sinks_.at(transfer)->key();
  if (const auto last = coming(transfer)) closed_.emplace(transfer, *last);
  sinks_.erase(transfer);
  stage_.trace("closed " + part_text(transfer, key.index, 0));
  stage_.post(ports::PartClosed{transfer});
  auto queue = queues_.find(key);
  std::erase(queue->second, transfer);
  if (queue->second.empty())
    queues_.erase(queue);
  else
    open_first(key);
}

void SimFiles::service_died() {
  sinks_.clear();
  closed_.clear();
  queues_.clear();
  sweeping_.clear();
  publishing_ = 0;
}

// --- publishing ----------------------------------------------------------------------------------

struct SimFiles::Publishing {
  ports::PublishRequest request;
  ports::Published answer;
  std::size_t next = 0;
};

void SimFiles::publish(ports::PublishRequest request) {
  stage_.port_call();
  for (const auto& [transfer, sink] : sinks_)
    if (sink->key().job == request.job) stage_.fail("published while a part is still open");
  auto work = std::make_shared<Publishing>();
  work->answer.job = request.job;
  work->answer.only_looked = request.only_look;
  work->request = std::move(request);
  ++publishing_;
  stage_.timeline.in_service(stage_.draw(stage_.options.disk), [this, work] {
    look_at(*work);
    const bool good = std::ranges::none_of(
        work->answer.files, [](const ports::PublishedFile& file) { return file.error.has_value(); });
    if (good && !work->request.only_look) return publish_next(work);
    --publishing_;
    stage_.post(work->answer);
  });
}

// At all of them, before the first is renamed.
void SimFiles::look_at(Publishing& work) {
  for (const ports::PublishFile& file : work.request.files)
    work.answer.files.push_back(look_at_one(work.request.job, file));
}

bool SimFiles::is_recorded(const ports::PublishFile& file, const std::string& path) const {
  const InodeRef inode = disk_.find(path);
  return inode != nullptr &&
         core::compare_part(file.recorded, facts_of(*inode, disk_.mount, file.recorded.stored)) ==
             core::PartVerdict::whole;
}

ports::PublishedFile SimFiles::look_at_one(const base::JobId& job,
                                           const ports::PublishFile& file) const {
  using ports::Placing;
  const std::uint32_t index = file.part.index;
  const std::string& local = file.part.local;
  const std::string part = file.in_place ? local : core::part_path(local, job, index, file.part.epoch);
  if (disk_.directory_of(local) == nullptr)
    return {index, Placing::kept, local_error(Code::PATH_NOT_FOUND, "no directory")};
  if (disk_.find(part) != nullptr)
    return is_recorded(file, part)
               ? ports::PublishedFile{index, Placing::kept, std::nullopt}
               : ports::PublishedFile{index, Placing::lost,
                                      local_error(Code::BG_E_LOCAL_FILE_CHANGED, "another part")};
  if (is_recorded(file, local)) return {index, Placing::in_place, std::nullopt};  // before a crash
  return {index, Placing::lost, local_error(Code::FILE_NOT_FOUND, "no part")};
}

// One rename at a time, so that the service can die between any two.
void SimFiles::publish_next(std::shared_ptr<Publishing> work) {
  if (work->next == work->request.files.size()) return publish_end(work);
  stage_.timeline.in_service(stage_.draw(stage_.options.disk), [this, work] {
    ports::PublishedFile& answer = work->answer.files[work->next];
    const ports::PublishFile& file = work->request.files[work->next++];
    if (answer.placing != ports::Placing::in_place) {
      auto result = publish_one(work->request.job, file);
      answer.placing = result ? ports::Placing::in_place : ports::Placing::kept;
      if (!result) answer.error = result.error();
    }
    publish_next(work);
  });
}

base::Result<void> SimFiles::publish_one(const base::JobId& job, const ports::PublishFile& file) {
  const std::string& local = file.part.local;
  const Directory* directory = disk_.directory_of(local);
  if (directory == nullptr) return local_error(Code::PATH_NOT_FOUND, "no directory");
  const std::string part = file.in_place ? local : core::part_path(local, job, file.part.index, file.part.epoch);
  if (!is_recorded(file, part)) return local_error(Code::SHARING_VIOLATION, "changed just now");
  if (!directory->writable) return local_error(Code::E_ACCESSDENIED, "not writable");
  if (disk_.shortage) return local_error(*disk_.shortage, "drawn");
  if (stage_.chance(stage_.options.publish_fails)) return local_error(Code::WRITE_FAULT, "drawn");
  if (!file.in_place) disk_.rename(part, local);
  if (on_published) on_published(job, file.part.index, local, *disk_.find(local));
  return {};
}

void SimFiles::publish_end(std::shared_ptr<Publishing> work) {
  stage_.timeline.in_service(stage_.draw(stage_.options.sync), [this, work] {
    std::set<std::string> directories;
    bool complete = true;
    for (const ports::PublishFile& file : work->request.files)
      directories.insert(core::parent_directory(file.part.local));
    for (const std::string& directory : directories) disk_.sync_directory(directory);
    for (const ports::PublishedFile& file : work->answer.files)
      if (file.error) complete = false;
    if (complete)
      for (const ports::PartRef& part : work->request.drop) {
        if (!remove(work->request.job, part)) work->answer.leftovers = true;
        disk_.sync_directory(core::parent_directory(part.local));
      }
    --publishing_;
    stage_.post(work->answer);
  });
}

// --- handing over --------------------------------------------------------------------------------

struct SimFiles::HandingOver {
  ports::HandOverRequest request;
  ports::HandedOver answer;
};

void SimFiles::hand_over(ports::HandOverRequest request) {
  stage_.port_call();
  for (const auto& [transfer, sink] : sinks_)
    if (sink->key().job == request.job) stage_.fail("handed over while a part is still open");
  auto work = std::make_shared<HandingOver>();
  work->answer.job = request.job;
  work->request = std::move(request);
  ++publishing_;
  hand_over_next(work);
}

// One copy at a time, so that the service can die between any two.
void SimFiles::hand_over_next(std::shared_ptr<HandingOver> work) {
  stage_.timeline.in_service(stage_.draw(stage_.options.disk), [this, work] {
    const std::size_t next = work->answer.parts.size();
    if (next < work->request.parts.size()) {
      work->answer.parts.push_back(copy_part(*work, work->request.parts[next]));
      return hand_over_next(work);
    }
    --publishing_;
    stage_.post(work->answer);
  });
}

ports::CopiedPart SimFiles::copy_part(const HandingOver& work, const ports::HandedPart& part) {
  const base::JobId& job = work.request.job;
  const ports::PartRef& ref = part.part;
  const std::string from = core::part_path(ref.local, job, ref.index, ref.epoch);
  const std::string to = core::part_path(ref.local, job, ref.index, part.epoch);
  const core::Extents& stored = part.recorded.stored;
  ports::CopiedPart answer{.index = ref.index, .epoch = part.epoch};
  const Directory* directory = disk_.directory_of(ref.local);
  const InodeRef held = disk_.find(from);
  const auto refuse = [&](Code code, const char* text) {
    disk_.unlink(to);
    disk_.sync_directory(core::parent_directory(ref.local));
    answer.error = local_error(code, text);
    return answer;
  };
  if (directory == nullptr) return refuse(Code::PATH_NOT_FOUND, "no directory");
  if (!directory->writable) return refuse(Code::E_ACCESSDENIED, "not writable");
  if (disk_.shortage) return refuse(*disk_.shortage, "drawn");
  if (disk_.full) return refuse(Code::DISK_FULL, "full");
  if (held == nullptr) return refuse(Code::FILE_NOT_FOUND, "no part");
  const auto verdict = core::compare_part(part.recorded, facts_of(*held, disk_.mount, stored));
  if (verdict != core::PartVerdict::whole && verdict != core::PartVerdict::longer)
    return refuse(Code::BG_E_LOCAL_FILE_CHANGED, "another part");
  if (stage_.chance(stage_.options.open_fails)) return refuse(Code::WRITE_FAULT, "drawn");
  disk_.unlink(to);
  const InodeRef copy = disk_.create(to);
  copy->cache = held->cache;
  copy->cache.keep(stored);
  disk_.touch(*copy);
  disk_.sync(*copy, stored);
  disk_.sync_directory(core::parent_directory(ref.local));
  stage_.trace("copied " + from + " to " + to);
  answer.device = copy->device;
  answer.inode = copy->number;
  answer.mount = disk_.mount;
  answer.tail = copy->cache.tail(stored);
  answer.last_write = core::mark_of_write(copy->modified);
  return answer;
}

// --- removing ------------------------------------------------------------------------------------

// False when a part is left over.
bool SimFiles::remove(const base::JobId& job, const ports::PartRef& part) {
  const std::string path = core::part_path(part.local, job, part.index, part.epoch);
  if (disk_.find(path) == nullptr) return true;
  const Directory* directory = disk_.directory_of(path);
  if (directory == nullptr || !directory->writable || stage_.chance(stage_.options.delete_fails))
    return false;
  disk_.unlink(path);
  return true;
}

void SimFiles::discard(ports::DiscardRequest request) {
  stage_.port_call();
  for (const auto& [transfer, sink] : sinks_)
    if (sink->key().job == request.job) stage_.fail("discarded while a part is still open");
  ++publishing_;
  stage_.timeline.in_service(stage_.draw(stage_.options.disk),
                             [this, request = std::move(request)] {
    ports::Discarded answer{request.job, false};
    for (const ports::PartRef& part : request.parts) {
      if (!remove(request.job, part)) answer.leftovers = true;
      disk_.sync_directory(core::parent_directory(part.local));
    }
    --publishing_;
    stage_.post(answer);
  });
}

// While a part of the file is open only known epochs go; otherwise whoever opens one waits.
void SimFiles::sweep(ports::SweepRequest request) {
  stage_.port_call();
  const PartKey key{request.job, request.keep.index};
  const bool busy = queues_.contains(key);
  if (!busy) ++sweeping_[key];
  stage_.timeline.in_service(stage_.draw(stage_.options.disk), [this, key, request, busy] {
    sweep_now(request, busy);
    if (busy) return;
    if (--sweeping_[key] == 0) sweeping_.erase(key);
    open_first(key);
  });
}

void SimFiles::sweep_now(const ports::SweepRequest& request, bool known_only) {
  const ports::PartRef& keep = request.keep;
  const std::string prefix =
      core::parent_directory(keep.local) + "/" + core::part_prefix(request.job, keep.index);
  std::vector<std::string> gone;
  for (const auto& [path, inode] : disk_.names()) {
    if (!path.starts_with(prefix)) continue;
    const std::uint64_t epoch = std::strtoull(path.c_str() + prefix.size(), nullptr, 10);
    const bool kept = epoch == keep.epoch || epoch == request.beside;
    if (!kept && (!known_only || epoch <= request.newest)) gone.push_back(path);
  }
  for (const std::string& path : gone) {
    stage_.trace("swept " + path);
    disk_.unlink(path);
  }
}

// The first in line begins, unless the file is being swept.
void SimFiles::open_first(const PartKey& key) {
  auto queue = queues_.find(key);
  if (queue == queues_.end() || sweeping_.contains(key)) return;
  sinks_.at(queue->second.front())->open();
}

// --- destinations --------------------------------------------------------------------------------

// Each takes as long as it takes, so answers come in any order.
void SimFiles::check(base::CheckId check, ports::Destinations destinations) {
  stage_.port_call();
  ++checks;
  auto asked = std::make_shared<ports::Destinations>(std::move(destinations));
  // The real one asks directories of this machine at once.
  const base::Microseconds time = stage_.draw(stage_.options.check);
  if (time == base::Microseconds::zero()) return look_at_destinations(check, asked);
  stage_.timeline.in_service(time, [this, check, asked] { look_at_destinations(check, asked); });
}

void SimFiles::look_at_destinations(base::CheckId check,
                                    std::shared_ptr<ports::Destinations> destinations) {
  ports::DestinationsChecked answer{check, std::nullopt};
  for (const core::Placed& file : destinations->files) {
    const Directory* directory = disk_.directory_of(file.local);
    if (directory != nullptr && directory->silent) {
      stage_.timeline.in_service(std::chrono::seconds(1), [this, check, destinations] {
        look_at_destinations(check, destinations);
      });
      return;
    }
    if (auto good = check_target(file); !good && !answer.refusal)
      answer.refusal = std::move(good).error();
  }
  // Whatever is asked for is there; what is wrong with real ones is the adapter's to say.
  if (const auto& wanted = destinations->certificate) {
    answer.certificate = core::ClientCertificate{.certificate = wanted->certificate, .key = wanted->key};
    if (wanted->stored) {
      answer.certificate->certificate = "/store/" + wanted->stored->hash + wanted->stored->subject;
      answer.certificate->location = wanted->stored->location;
      answer.certificate->store = wanted->stored->store;
    }
  }
  stage_.post(std::move(answer));
}

base::Result<void> SimFiles::check_target(const core::Placed& file) const {
  // One that was handed over is what it is, whatever its path.
  if (file.root.starts_with('/') && !file.local.starts_with(file.root + '/'))
    return local_error(Code::E_ACCESSDENIED, "leads out");
  const Directory* directory = disk_.directory_of(file.local);
  if (directory == nullptr) return local_error(Code::PATH_NOT_FOUND, "no directory");
  if (!directory->writable) return local_error(Code::E_ACCESSDENIED, "not writable");
  return {};
}

}  // namespace backhaul::sim
