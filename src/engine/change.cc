// SPDX-License-Identifier: Apache-2.0
#include "engine/change.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/weight.h"

namespace backhaul::engine {
namespace {

core::ObjectRegistration certificate_check_object(const core::Job& job) {
  return job.certificate_check ? job.certificate_check->object : core::ObjectRegistration{};
}

// Of whom there were jobs, and are none any more.
void forget_accounts(const Table& table, Draft& draft, const std::vector<RowChange>& rows) {
  std::set<core::Account> left;
  for (const RowChange& row : rows) {
    if (!row.before || row.before->rare->account.empty()) continue;
    if (row.after == nullptr || row.after->owner_uid != row.before->owner_uid ||
        row.after->rare->account != row.before->rare->account)
      left.insert(core::account_of(core::owner_of(*row.before)));
  }
  for (const core::Account& account : left)
    if (!table.owners().counts().contains(account)) draft.effect(effect::ForgetAccount{account});
}

// Before the shelves themselves are merged.
void weigh_shelves(Table& table, const Draft& draft) {
  for (const base::JobId& id : draft.shelves.touched()) {
    if (!table.in_queue(id)) continue;
    const core::Shelf* after = draft.shelves.find(id);
    const auto before = draft.view().shelves.find(id);
    table.reseal(id, before == draft.view().shelves.end() ? 0 : core::weigh(before->second),
                 after == nullptr ? 0 : core::weigh(*after));
  }
}

// What clients set of a file (jobs.md §5: every set method is a modification). The rest of it is progress.
bool is_set_anew(const core::File& before, const core::File& after) {
  return after.remote != before.remote || after.validated != before.validated;
}

}  // namespace

ports::Properties difference(const core::Job& before, const core::Job& after) {
  ports::Properties changed = 0;
  const auto differs = [&](ports::Property property, bool different) {
    if (different) changed = changed | property;
  };
  differs(ports::Property::state, before.state != after.state);
  differs(ports::Property::progress, before.files != after.files);
  differs(ports::Property::error,
          before.error != after.error || before.error_count != after.error_count);
  differs(ports::Property::owner, before.owner_uid != after.owner_uid);
  differs(ports::Property::files, before.files.total != after.files.total);
  const core::SettingsDiffer settings = core::settings_differ(before, after);
  differs(ports::Property::notify,
          settings.notify || before.object != after.object || before.notify_class != after.notify_class ||
              before.command != after.command ||
              certificate_check_object(before) != certificate_check_object(after) ||
              before.object_set_by != after.object_set_by ||
              before.class_set_by != after.class_set_by ||
              before.command_set_by != after.command_set_by);
  differs(ports::Property::settings, settings.settings || before.rare->secrets != after.rare->secrets);
  return changed;
}

std::vector<RowChange> merge_rows(Table& table, Draft& draft) {
  std::vector<RowChange> rows;
  for (auto& [id, change] : draft.jobs()) {
    std::vector<core::File> files;
    for (auto& [index, file] : change.files) files.push_back(std::move(file.row));
    RowChange row{.id = id, .before = {}, .after = nullptr, .properties = 0};
    if (change.inserted) {
      if (change.buried) continue;
      table.insert({std::move(change.job), std::move(files)});
      draft.effect(effect::Announce{id, effect::Announcement::added});
    } else {
      row.before = table.find(id)->job;
      const bool set_anew = std::ranges::any_of(files, [&](const core::File& file) {
        const auto& before = table.find(id)->files;
        return file.index < before.size() && is_set_anew(before[file.index], file);
      });
      table.replace(std::move(change.job), std::move(files));
      row.properties = difference(*row.before, table.find(id)->job);
      if (set_anew) row.properties = row.properties | ports::Property::files;
      if (row.properties != 0)
        draft.effect(effect::Announce{id, effect::Announcement::changed, row.properties});
    }
    if (change.buried) {
      table.bury(id, change.holder);
      draft.effect(effect::Announce{id, effect::Announcement::removed});
    } else {
      row.after = &table.find(id)->job;
    }
    rows.push_back(std::move(row));
  }
  weigh_shelves(table, draft);
  forget_accounts(table, draft, rows);
  return rows;
}

}  // namespace backhaul::engine
