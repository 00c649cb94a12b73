// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/posix_files.h"

#include <signal.h>

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "adapters/posix/hand_over.h"
#include "adapters/posix/publish.h"
#include "core/part_name.h"

namespace backhaul::posix {
namespace {

// A part that ends with so little to write is worth waiting for company.
constexpr std::size_t small_order = 64 * 1024;

// Nobody waits for the copies of a job that is taken over but whoever takes it.
constexpr MountThreadLimits copies_at_once{.at_work = 2, .on_one_mount = 1, .of_owner = 2, .in_all = 8};

bool is_small(const PartOrder& order) {
  std::size_t bytes = 0;
  for (const Buffer& buffer : order.buffers) bytes += buffer.data().size();
  return order.sync && order.close && bytes <= small_order;
}

ports::Published not_published(const ports::PublishRequest& request, const base::Error& why) {
  ports::Published answer{
      .job = request.job, .files = {}, .leftovers = false, .only_looked = request.only_look};
  for (const ports::PublishFile& file : request.files)
    answer.files.push_back({file.part.index, ports::Placing::kept, why});
  return answer;
}

}  // namespace

PosixFiles::PosixFiles(loop::Loop& loop, ports::Inbox& inbox, base::Log& log, Owners& owners,
                       PosixFilesSettings settings)
    : loop_(loop),
      inbox_(inbox),
      log_(log),
      owners_(owners),
      settings_(settings),
      buffers_(settings.buffer, settings.waiting_for_disk),
      opening_(settings.opening, [this](const Place& place, std::vector<PartSink*> sinks) {
        open_parts(place, std::move(sinks));
      }),
      syncing_(settings.syncing, [this](const Place& place, std::vector<Task> tasks) {
        carry_out_later(place, std::move(tasks), true);
      }),
      publishing_(settings.publishing, [this](const Place& place, std::vector<ports::PublishRequest> requests) {
        put_in_place(place, std::move(requests));
      }, [](const ports::PublishRequest& request) { return request.files.size(); }),
      sweeping_({.at_once = 1, .most = SIZE_MAX}, [this](const Place& place, std::vector<Sweep> batch) {
        sweep_away(place, std::move(batch));
      }),
      begin_groups_(loop, loop::Order::normal, [this] {
        opening_.begin();
        syncing_.begin();
        publishing_.begin();
        sweeping_.begin();
      }),
      checkpoint_timer_(loop, settings.checkpoint_interval / 20, [this] { checkpoint(); }),
      checks_(loop, inbox, settings.checks, settings.certificates, Mounts(settings.mount_table)),
      threads_(loop, settings.threads),
      copying_(loop, copies_at_once) {
  // A write beyond the limit on the size of files is an error of that file, not the end of all.
  signal(SIGXFSZ, SIG_IGN);
}

PosixFiles::~PosixFiles() { ending_ = true; }

// Whatever is at a place was let in because somebody acts for its owner.
std::shared_ptr<Access> PosixFiles::access_at(const Place& place) {
  auto access = owners_.access_of(place.owner);
  BH_ASSERT(access.has_value());
  return *std::move(access);
}

// --- Opening and closing -----------------------------------------------------------------------
void PosixFiles::open(ports::OpenPart request) {
  const base::TransferId transfer = request.transfer;
  auto access = owners_.access_of(request.owner);
  if (!access) return inbox_.post(ports::PartFailed{transfer, std::move(access).error()});
  SinkHost& host = *this;
  auto sink = std::make_unique<PartSink>(host, std::move(request), settings_.write, *std::move(access));
  PartSink& opening = *sink;
  BH_ASSERT(sinks_.emplace(transfer, std::move(sink)).second);
  gate_.enter_file(opening.request().job, opening.request().index,
                   [this, &opening] { begin_later(opening_, place_of(opening), &opening); });
}

void PosixFiles::open_parts(const Place& place, std::vector<PartSink*> sinks) {
  threads_.submit(place, [this, place, sinks = std::move(sinks)]() mutable {
    std::vector<base::Result<PartFile::Opened>> results;
    results.reserve(sinks.size());
    for (PartSink* sink : sinks) results.push_back(sink->file().open(directories_, sink->request()));
    return [this, place, sinks = std::move(sinks), results = std::move(results)]() mutable {
      for (std::size_t i = 0; i < sinks.size(); ++i) open_done(*sinks[i], std::move(results[i]));
      opening_.ended(place);
    };
  });
}

void PosixFiles::open_done(PartSink& sink, base::Result<PartFile::Opened> result) {
  const base::TransferId transfer = sink.request().transfer;
  if (sink.is_closing()) return finished(sink);  // nobody waits for it any more
  if (!result) {
    gate_.leave_file(sink.request().job, sink.request().index);
    sinks_.erase(transfer);
    return inbox_.post(ports::PartFailed{transfer, std::move(result).error()});
  }
  ports::PartOpened event{.transfer = transfer,
                          .epoch = sink.request().epoch,
                          .stored = result->stored,
                          .device = sink.file().device(),
                          .inode = sink.file().inode(),
                          .mount = sink.file().mount(),
                          .tail = sink.file().tail(),
                          .part_lost = result->part_lost};
  sink.opened(*std::move(result));
  inbox_.post(std::move(event));
}

ports::Sink* PosixFiles::sink(base::TransferId transfer) {
  const auto found = sinks_.find(transfer);
  return found != sinks_.end() && found->second->is_open() ? found->second.get() : nullptr;
}

std::optional<ports::Files::Coming> PosixFiles::coming(base::TransferId transfer) const {
  const auto found = sinks_.find(transfer);
  if (found != sinks_.end()) return found->second->coming();
  const auto closed = closed_.find(transfer);
  return closed == closed_.end() ? std::nullopt : std::optional(closed->second);
}

void PosixFiles::digest(base::TransferId transfer, ports::DigestOrder order) {
  const auto found = sinks_.find(transfer);
  if (found != sinks_.end()) found->second->digest(std::move(order));
}

void PosixFiles::close(base::TransferId transfer) {
  const auto found = sinks_.find(transfer);
  if (found == sinks_.end()) return inbox_.post(ports::PartClosed{transfer});  // failed to open
  if (!found->second->is_closing()) found->second->close();
}

void PosixFiles::finished(PartSink& sink) {
  const base::TransferId transfer = sink.request().transfer;
  const base::JobId job = sink.request().job;
  const std::uint32_t index = sink.request().index;
  std::erase(want_room_, &sink);
  if (const auto last = sink.coming()) closed_.emplace(transfer, *last);
  sinks_.erase(transfer);
  if (sinks_.empty()) buffers_.drop_spare();
  inbox_.post(ports::PartClosed{transfer});
  gate_.leave_file(job, index);
}

// --- Orders ------------------------------------------------------------------------------------
MountThreads::Place PosixFiles::place_of(const PartSink& sink) {
  return threads_.place_of(sink.request().owner, sink.request().local);
}

void PosixFiles::ready(PartSink& sink) {
  Task task{&sink, sink.take_order()};
  const Place place = place_of(sink);
  if (is_small(task.order)) return begin_later(syncing_, place, std::move(task));
  std::vector<Task> one;
  one.push_back(std::move(task));
  carry_out_later(place, std::move(one), false);
}

void PosixFiles::carry_out_later(const Place& place, std::vector<Task> tasks, bool group) {
  threads_.submit(place, [this, place, tasks = std::move(tasks), group]() mutable {
    std::vector<PartOrder> orders;
    orders.reserve(tasks.size());
    for (Task& task : tasks) orders.push_back(std::move(task.order));
    carry_out(orders);
    for (std::size_t i = 0; i < tasks.size(); ++i) tasks[i].order = std::move(orders[i]);
    return [this, place, tasks = std::move(tasks), group]() mutable {
      carried_out(std::move(tasks));
      if (group) syncing_.ended(place);
    };
  });
}

void PosixFiles::carried_out(std::vector<Task> tasks) {
  for (Task& task : tasks) task.sink->order_done(std::move(task.order));
  give_room();
}

void PosixFiles::give_room() {
  // Those who find it full again are added behind.
  const std::vector<PartSink*> waiting = std::exchange(want_room_, {});
  for (PartSink* sink : waiting) {
    if (!sink->has_room()) {
      if (sink->is_open()) want_room_.push_back(sink);
    } else {
      for (auto& callback : sink->take_room_callbacks()) callback();
    }
  }
}

// --- Checkpoints -------------------------------------------------------------------------------
void PosixFiles::unsynced(PartSink& sink) {
  if (!sink.knows_unsynced_since()) sink.set_unsynced_since(loop_.now());
  arm_checkpoint(sink.checkpoint_due(settings_.checkpoint_interval));
}

void PosixFiles::arm_checkpoint(base::BootTime due) {
  if (due >= checkpoint_at_) return;
  checkpoint_at_ = due;
  checkpoint_timer_.arm(due);
}

void PosixFiles::checkpoint() {
  checkpoint_at_ = base::never;
  const base::BootTime now = loop_.now();
  for (const auto& [transfer, sink] : sinks_) {
    const base::BootTime due = sink->checkpoint_due(settings_.checkpoint_interval);
    if (due <= now)
      sink->begin_checkpoint(now);
    else
      arm_checkpoint(due);
  }
}

// --- Whole jobs --------------------------------------------------------------------------------
void PosixFiles::publish(ports::PublishRequest request) {
  if (const auto access = owners_.access_of(request.owner); !access)
    return inbox_.post(not_published(request, access.error()));
  const base::JobId job = request.job;
  gate_.enter_job(job, [this, request = std::move(request)]() mutable {
    const Place place = threads_.place_of_all(request.owner, request.files,
                                     [](const auto& file) { return std::string_view(file.part.local); });
    begin_later(publishing_, place, std::move(request));
  });
}

void PosixFiles::put_in_place(const Place& place, std::vector<ports::PublishRequest> requests) {
  threads_.submit(place, [this, place, access = access_at(place), requests = std::move(requests)] {
    auto answers = publish_parts(requests, access, log_);
    return [this, place, answers = std::move(answers)]() mutable {
      for (ports::Published& answer : answers) {
        const base::JobId job = answer.job;
        inbox_.post(std::move(answer));
        gate_.leave_job(job);
      }
      publishing_.ended(place);
    };
  });
}

void PosixFiles::discard(ports::DiscardRequest request) {
  auto access = request.owner_in_doubt ? owners_.access_to_remains(request.owner) : owners_.access_of(request.owner);
  if (!access) {
    log_.write(base::LogLevel::warning, access.error().text, request.job);
    return inbox_.post(ports::Discarded{request.job, !request.parts.empty()});
  }
  const base::JobId job = request.job;
  gate_.enter_job(job, [this, access = *std::move(access), request = std::move(request)]() mutable {
    Place place = threads_.place_of_all(request.owner, request.parts, [](const auto& part) {
      return std::string_view(part.local);
    });
    threads_.submit(std::move(place), [this, access = std::move(access), request = std::move(request)] {
      auto result = discard_parts(request, access, log_);
      return [this, result = std::move(result)]() mutable {
        const base::JobId done = result.job;
        inbox_.post(std::move(result));
        gate_.leave_job(done);
      };
    });
  });
}

void PosixFiles::hand_over(ports::HandOverRequest request) {
  auto from = owners_.access_of(request.from);
  auto to = owners_.access_of(request.to);
  if (!from || !to) return inbox_.post(not_handed_over(request, from ? to.error() : from.error()));
  const base::JobId job = request.job;
  gate_.enter_job(job, [this, from = *std::move(from), to = *std::move(to), request = std::move(request)]() mutable {
    const auto local_of = [](const ports::HandedPart& part) { return std::string_view(part.part.local); };
    Place place = copying_.place_of_all(request.to, request.parts, local_of);
    copying_.submit(std::move(place), [this, from = std::move(from), to = std::move(to), request = std::move(request)] {
      auto answer = hand_over_parts(request, directories_, from, to, ending_);
      return [this, answer = std::move(answer)]() mutable {
        const base::JobId done = answer.job;
        inbox_.post(std::move(answer));
        gate_.leave_job(done);
      };
    });
  });
}

// --- Sweeping ----------------------------------------------------------------------------------
void PosixFiles::sweep(ports::SweepRequest request) {
  if (const auto access = owners_.access_of(request.owner); !access)
    return log_.write(base::LogLevel::warning, access.error().text, request.job);
  const ports::PartRef& keep = request.keep;
  Sweep sweep{.job = request.job,
              .index = keep.index,
              .directory = core::parent_directory(keep.local),
              .root = keep.root,
              .keep = keep.epoch,
              .beside = request.beside,
              .newest = {}};
  const Place place = threads_.place_of(request.owner, keep.local);
  if (gate_.busy(request.job, keep.index)) {
    // Waiting for the end of the transfer would keep the old part for hours.
    sweep.newest = request.newest;
    return begin_later(sweeping_, place, std::move(sweep));
  }
  gate_.enter_file(request.job, keep.index, [this, place, sweep = std::move(sweep)]() mutable {
    begin_later(sweeping_, place, std::move(sweep));
  });
}

void PosixFiles::sweep_away(const Place& place, std::vector<Sweep> batch) {
  threads_.submit(place, [this, place, access = access_at(place), batch = std::move(batch)]() mutable {
    sweep_parts(batch, access);
    return [this, place, batch = std::move(batch)] {
      for (const Sweep& sweep : batch)
        if (!sweep.newest) gate_.leave_file(sweep.job, sweep.index);
      sweeping_.ended(place);
    };
  });
}

// --- Destinations ------------------------------------------------------------------------------
void PosixFiles::check(base::CheckId check, ports::Destinations destinations) {
  auto access = owners_.access_of(destinations.owner);
  if (!access) return inbox_.post(ports::DestinationsChecked{check, std::move(access).error()});
  checks_.ask(check, std::move(destinations), *std::move(access));
}

}  // namespace backhaul::posix
