// SPDX-License-Identifier: Apache-2.0
#include "engine/draft.h"

#include <utility>

namespace backhaul::engine {
namespace {

bool is_registered_by(const core::Job& job, const std::string& unique_name) {
  return (job.object && job.object->unique_name == unique_name) ||
         (job.certificate_check && job.certificate_check->object.unique_name == unique_name);
}

// Not who is being given it: that ends with the process.
bool has_another_row(const CacheEntry* before, const CacheEntry* after) {
  if (!is_on_record(before) || !is_on_record(after)) return is_on_record(before) || is_on_record(after);
  return before->record != after->record;
}

}  // namespace

Draft::Draft(const Context& context, const View& view)
    : numbers(view.numbers),
      conditions(view.conditions),
      runs(view.runs.all()),
      lines(view.lines),
      intents(view.intents),
      modifications(view.modifications),
      shelves(view.shelves),
      cache(view.cache.all()),
      cache_room(view.cache_room),
      site(view.site),
      approaches(view.approaches),
      context_(context),
      view_(view) {}

Draft::Draft(Draft&& other) noexcept = default;
Draft::~Draft() = default;

// Built in their place: moved as variants, they look half initialised to gcc 14.
template <class Value>
void Draft::effect(Value value) {
  effects_.emplace_back(std::in_place_type<Value>, std::move(value));
}
template <class Value>
void Draft::note(Value value) {
  notes_.emplace_back(std::in_place_type<Value>, std::move(value));
}
template void Draft::effect(effect::Log);
template void Draft::effect(effect::Announce);
template void Draft::effect(effect::Reply);
template void Draft::effect(effect::Accept);
template void Draft::effect(effect::ReleaseObject);
template void Draft::effect(effect::ReleaseCertificateCheck);
template void Draft::effect(effect::ReleaseInstance);
template void Draft::effect(effect::Sweep);
template void Draft::effect(effect::StopTransfer);
template void Draft::effect(effect::ClosePart);
template void Draft::effect(effect::ForgetPart);
template void Draft::effect(effect::ExpectSize);
template void Draft::effect(effect::OpenPart);
template void Draft::effect(effect::EndPart);
template void Draft::effect(effect::LimitRates);
template void Draft::effect(effect::SetStanding);
template void Draft::effect(effect::StartTransfer);
template void Draft::effect(effect::HoldOff);
template void Draft::effect(effect::DigestPart);
template void Draft::effect(effect::Publish);
template void Draft::effect(effect::HandOver);
template void Draft::effect(effect::Discard);
template void Draft::effect(effect::LookAtCache);
template void Draft::effect(effect::MakeCopy);
template void Draft::effect(effect::RemoveCopy);
template void Draft::effect(effect::ApplyNeighbourRules);
template void Draft::effect(effect::LookForNeighbours);
template void Draft::effect(effect::LookForCaches);
template void Draft::effect(effect::OfferRecord);
template void Draft::effect(effect::WithdrawRecord);
template void Draft::effect(effect::TellComing);
template void Draft::effect(effect::TellCame);
template void Draft::effect(effect::GiveUpSearch);
template void Draft::effect(effect::SearchNeighbours);
template void Draft::effect(effect::LeaveSwarm);
template void Draft::effect(effect::JoinSwarm);
template void Draft::effect(effect::CheckDestinations);
template void Draft::effect(effect::Notify);
template void Draft::effect(effect::RunProgram);
template void Draft::effect(effect::Ask);
template void Draft::effect(effect::ForgetAccount);
template void Draft::effect(effect::WatchAccount);
template void Draft::effect(effect::KeepAwake);
template void Draft::effect(effect::LetSleep);
template void Draft::effect(effect::FollowLocalTime);
template void Draft::effect(effect::GiveLeave);
template void Draft::effect(effect::Resubmit);
template void Draft::effect(effect::Post);
template void Draft::note(note::ToTheEnd);
template void Draft::note(note::OwnerServed);
template void Draft::note(note::SetAside);
template void Draft::note(note::Swept);
template void Draft::note(note::QuestionArises);
template void Draft::note(note::QuestionEnds);
template void Draft::note(note::DeliveryEnds);
template void Draft::note(note::ClassFailed);
template void Draft::note(note::ClassStarts);
template void Draft::note(note::NextScan);
template void Draft::note(note::PeerLeft);

void Draft::keep_if_dropped(Input input) { kept_.push_back(std::move(input)); }

const core::Job* Draft::job(const base::JobId& id) const {
  if (auto it = jobs_.find(id); it != jobs_.end()) return it->second.buried ? nullptr : &it->second.job;
  if (!context_.table.in_queue(id)) return nullptr;
  return &context_.table.find(id)->job;
}

const core::File* Draft::file(const base::JobId& id, std::uint32_t index) const {
  if (auto it = jobs_.find(id); it != jobs_.end())
    if (auto file = it->second.files.find(index); file != it->second.files.end())
      return &file->second.row;
  const Entry* entry = context_.table.find(id);
  if (entry == nullptr || index >= entry->files.size()) return nullptr;
  return &entry->files[index];
}

std::uint32_t Draft::file_count(const base::JobId& id) const {
  const core::Job* row = job(id);
  return row == nullptr ? 0 : row->files.total;
}

std::optional<std::uint32_t> Draft::first_file_event(const base::JobId& id) const {
  const Entry* entry = context_.table.find(id);
  std::uint32_t index = entry == nullptr ? 0 : entry->first_owing;
  // One before that owes since this turn.
  if (const auto it = jobs_.find(id); it != jobs_.end())
    for (const auto& [changed, file] : it->second.files) {
      if (changed >= index) break;
      if (file.row.event != 0) return changed;
    }
  while (const core::File* row = file(id, index)) {
    if (row->event != 0) return index;
    ++index;
  }
  return std::nullopt;
}

std::vector<base::JobId> Draft::perhaps_in(std::initializer_list<base::JobState> states) const {
  std::map<std::uint64_t, base::JobId> found;
  for (const base::JobState state : states)
    for (const auto& [order, id] : context_.table.in(state)) found.emplace(order, id);
  for (const auto& [id, draft] : jobs_)
    if (!draft.inserted) found.emplace(draft.job.order, id);
  std::vector<base::JobId> jobs;
  for (const auto& [order, id] : found) jobs.push_back(id);
  return jobs;
}

std::size_t Draft::job_count() const {
  auto count = static_cast<std::ptrdiff_t>(context_.table.size());
  for (const auto& [account, more] : owned_) count += more;
  return static_cast<std::size_t>(count);
}

std::size_t Draft::job_count(const core::Account& account) const {
  const auto count = static_cast<std::ptrdiff_t>(core::sum_of(context_.table.owners().counts(), account));
  return static_cast<std::size_t>(count + core::sum_of(owned_, account));
}

std::size_t Draft::job_count_of(const std::function<bool(const core::Account&)>& say) const {
  std::ptrdiff_t sum = 0;
  for (const auto& [account, count] : context_.table.owners().counts())
    if (say(account)) sum += static_cast<std::ptrdiff_t>(count);
  for (const auto& [account, more] : owned_)
    if (say(account)) sum += more;
  return static_cast<std::size_t>(sum);
}

std::size_t Draft::job_count(const core::Creator& creator) const {
  const auto count = static_cast<std::ptrdiff_t>(context_.table.made_by(creator));
  return static_cast<std::size_t>(count + core::sum_of(made_, creator));
}

std::uint64_t Draft::octets(const core::Account& account) const {
  return core::sum_of(context_.table.owners().octets(), account) + core::sum_of(grown, account);
}

std::vector<base::JobId> Draft::registered_by(const std::string& unique_name) const {
  std::vector<base::JobId> jobs;
  for (const base::JobId& id : context_.table.registered_by(unique_name))
    if (!jobs_.contains(id)) jobs.push_back(id);
  for (const auto& [id, draft] : jobs_)
    if (!draft.buried && is_registered_by(draft.job, unique_name)) jobs.push_back(id);
  return jobs;
}

Draft::JobDraft& Draft::open(const base::JobId& id) {
  if (auto it = jobs_.find(id); it != jobs_.end()) return it->second;
  BH_ASSERT(context_.table.in_queue(id));
  JobDraft draft;
  draft.job = context_.table.find(id)->job;
  return jobs_.emplace(id, std::move(draft)).first->second;
}

core::Job& Draft::edit(const base::JobId& id, Weight weight) {
  JobDraft& draft = open(id);
  BH_ASSERT(!draft.buried);
  if (weight == Weight::hard) draft.hard = true;
  return draft.job;
}

void Draft::edit_file(const base::JobId& id, std::uint32_t index, Weight weight,
                      const std::function<void(core::File&)>& change) {
  const core::File* before = file(id, index);
  BH_ASSERT(before != nullptr);
  core::File copy = *before;
  JobDraft& draft = open(id);
  if (weight == Weight::hard) draft.hard = true;
  core::count(draft.job.files, copy, false);
  change(copy);
  core::count(draft.job.files, copy, true);
  FileDraft& changed = draft.files[index];
  changed.row = std::move(copy);
  if (weight == Weight::hard) changed.hard = true;
}

void Draft::add_file(core::File file) {
  JobDraft& draft = open(file.job);
  draft.hard = true;
  BH_ASSERT(file.index == draft.job.files.total);
  core::count(draft.job.files, file, true);
  const std::uint32_t index = file.index;
  draft.files[index] = {.row = std::move(file), .hard = true};
}

void Draft::insert(core::Job job) {
  JobDraft draft;
  draft.inserted = draft.hard = true;
  const base::JobId id = job.id;
  ++owned_[core::account_of(core::owner_of(job))];
  ++made_[core::creator_of(job)];
  draft.job = std::move(job);
  jobs_.emplace(id, std::move(draft));
}

void Draft::set_owner(const base::JobId& id, const core::Owner& owner) {
  core::Job& job = edit(id, Weight::hard);
  --owned_[core::account_of(core::owner_of(job))];
  --made_[core::creator_of(job)];
  job.owner_uid = owner.uid;
  job.rare.set(&core::RareOfJob::account, core::is_watched(owner) ? base::Text(owner.account) : base::Text());
  ++owned_[core::account_of(core::owner_of(job))];
  ++made_[core::creator_of(job)];
}

void Draft::bury(const base::JobId& id) {
  JobDraft& draft = open(id);
  draft.buried = draft.hard = true;
  --owned_[core::account_of(core::owner_of(draft.job))];
  --made_[core::creator_of(draft.job)];
}

std::set<base::JobId> Draft::touched() const {
  std::set<base::JobId> all;
  for (const auto& [id, draft] : jobs_) all.insert(id);
  for (const auto& touched : {runs.touched(), intents.touched(), modifications.touched()})
    all.insert(touched.begin(), touched.end());
  return all;
}

void Draft::adopt(Draft other) {
  for (auto& [id, draft] : other.jobs_) {
    const bool fresh = jobs_.emplace(id, std::move(draft)).second;
    BH_ASSERT(fresh);
  }
  for (const auto& [account, more] : other.owned_) owned_[account] += more;
  for (const auto& [creator, more] : other.made_) made_[creator] += more;
  events_.insert(events_.end(), other.events_.begin(), other.events_.end());
  for (Effect& effect : other.effects_) effects_.push_back(std::move(effect));
  for (Note& note : other.notes_) notes_.push_back(std::move(note));
  other.shelves.merge([this](const base::JobId& id, std::optional<core::Shelf> shelf) {
    if (shelf)
      shelves.make(id) = *std::move(shelf);
    else
      shelves.erase(id);
  });
  numbers = other.numbers;
  grown = std::move(other.grown);
}

bool Draft::has_other_bans() const { return site != view_.site && site->bans != view_.site->bans; }

bool Draft::needs_commit() const {
  if (keeps_time_ || !events_.empty() || conditions.has_to_store(context_.now().boot)) return true;
  for (const auto& [id, draft] : jobs_)
    if (draft.hard) return true;
  for (const base::RecordId& id : cache.touched())
    if (has_another_row(view_.cache.find(id), cache.find(id))) return true;
  return conditions.preferences != view_.conditions.preferences || has_other_bans();
}

ports::Batch Draft::batch() const {
  ports::Batch batch;
  for (const auto& [id, draft] : jobs_) {
    if (!draft.hard) continue;
    if (draft.buried) {
      if (!draft.inserted) batch.removed.push_back(id);
      continue;
    }
    batch.jobs.push_back(draft.job);
    for (const auto& [index, file] : draft.files)
      if (file.hard) batch.files.push_back(file.row);
  }
  for (const base::JobId& id : shelves.touched()) {
    if (job(id) == nullptr) continue;  // it leaves with its row
    const core::Shelf* shelf = shelves.find(id);
    batch.shelves.push_back({id, shelf == nullptr ? core::Shelf() : *shelf});
  }
  batch.events = events_;
  for (const base::RecordId& id : cache.touched()) {
    const CacheEntry* before = view_.cache.find(id);
    const CacheEntry* after = cache.find(id);
    if (!has_another_row(before, after)) continue;
    if (is_on_record(after))
      batch.cache.push_back(after->record);
    else if (is_on_record(before))
      batch.cache_removed.push_back(before->record.number);
  }
  if (conditions.preferences != view_.conditions.preferences) batch.preferences = conditions.preferences;
  if (has_other_bans()) batch.bans = site->bans;
  if (conditions.world.spent != conditions.stored)
    batch.usage = core::difference(*conditions.stored, *conditions.world.spent);
  return batch;
}

}  // namespace backhaul::engine
