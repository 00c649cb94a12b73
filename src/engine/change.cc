// SPDX-License-Identifier: Apache-2.0
#include "engine/change.h"

namespace backhaul::engine {
namespace {

core::ObjectRegistration validator_object(const core::Job& job) {
  return job.validator ? job.validator->object : core::ObjectRegistration{};
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
          settings.notify || before.object != after.object || before.service != after.service ||
              before.command != after.command ||
              validator_object(before) != validator_object(after));
  differs(ports::Property::settings, settings.settings);
  return changed;
}

}  // namespace backhaul::engine
