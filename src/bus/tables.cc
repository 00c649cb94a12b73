// SPDX-License-Identifier: Apache-2.0
// Objects on a bus: our rows as a vtable of sd-bus.
#include <systemd/sd-bus.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "bus/bus.h"
#include "bus/own.h"

namespace backhaul::bus {
namespace {

using Filter = std::move_only_function<bool(const Message&)>;

struct Table {
  void* target = nullptr;
  bool (*accepts)(std::string_view) = nullptr;
  std::vector<RowData> rows;
  std::vector<sd_bus_vtable> vtable;
};

int dispatch(sd_bus_message* message, void* data, sd_bus_error*) {
  auto* table = static_cast<Table*>(data);
  const char* member = sd_bus_message_get_member(message);
  for (const RowData& row : table->rows) {
    if (row.kind != RowData::Kind::method || std::strcmp(row.member, member) != 0) continue;
    row.handler(Message::share(message), table->target);
    return 1;  // the table may be gone now
  }
  return 0;
}

// Reading and writing is answered by a filter; these stand for the introspection only.
int refuse_get(sd_bus*, const char*, const char*, const char*, sd_bus_message*, void*,
               sd_bus_error*) {
  return -EOPNOTSUPP;
}
int refuse_set(sd_bus*, const char*, const char*, const char*, sd_bus_message*, void*,
               sd_bus_error*) {
  return -EOPNOTSUPP;
}

int find_target(sd_bus*, const char* path, const char*, void* data, void** found, sd_bus_error*) {
  auto* table = static_cast<Table*>(data);
  if (!table->accepts(path)) return 0;
  *found = table;
  return 1;
}

std::uint64_t flag_of(Emits emits) {
  switch (emits) {
    case Emits::value: return SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE;
    case Emits::name: return SD_BUS_VTABLE_PROPERTY_EMITS_INVALIDATION;
    case Emits::constant: return SD_BUS_VTABLE_PROPERTY_CONST;
    case Emits::beside:
    case Emits::nothing: return 0;
  }
  return 0;
}

sd_bus_vtable vtable_row(const RowData& row) {
  sd_bus_vtable entry;
  std::memset(static_cast<void*>(&entry), 0, sizeof entry);
  switch (row.kind) {
    case RowData::Kind::method:
      entry.type = _SD_BUS_VTABLE_METHOD;
      entry.flags = SD_BUS_VTABLE_UNPRIVILEGED;
      entry.x.method = {row.member, row.in, row.out, dispatch, 0, row.names};
      break;
    case RowData::Kind::signal:
      entry.type = _SD_BUS_VTABLE_SIGNAL;
      entry.x.signal = {row.member, row.in, row.names};
      break;
    case RowData::Kind::property:
      entry.type = _SD_BUS_VTABLE_PROPERTY;
      entry.flags = flag_of(row.emits);
      entry.x.property = {row.member, row.in, refuse_get, nullptr, 0};
      break;
    case RowData::Kind::writable_property:
      entry.type = _SD_BUS_VTABLE_WRITABLE_PROPERTY;
      entry.flags = SD_BUS_VTABLE_UNPRIVILEGED | flag_of(row.emits);
      entry.x.property = {row.member, row.in, refuse_get, refuse_set, 0};
      break;
  }
  return entry;
}

std::vector<sd_bus_vtable> make_vtable(const std::vector<RowData>& rows) {
  const sd_bus_vtable start = SD_BUS_VTABLE_START(0);
  const sd_bus_vtable end = SD_BUS_VTABLE_END;
  std::vector<sd_bus_vtable> vtable{start};
  for (const RowData& row : rows) vtable.push_back(vtable_row(row));
  vtable.push_back(end);
  return vtable;
}

}  // namespace

base::Result<Slot> Bus::add_table(const std::string& path, const std::string& interface,
                                  std::vector<RowData> rows, void* target,
                                  bool (*accepts)(std::string_view)) {
  auto table = std::make_unique<Table>();
  table->target = target;
  table->accepts = accepts;
  table->vtable = make_vtable(rows);
  table->rows = std::move(rows);
  sd_bus_slot* slot = nullptr;
  const int r =
      accepts == nullptr
          ? sd_bus_add_object_vtable(bus_, &slot, path.c_str(), interface.c_str(),
                                     table->vtable.data(), table.get())
          : sd_bus_add_fallback_vtable(bus_, &slot, path.c_str(), interface.c_str(),
                                       table->vtable.data(), find_target, table.get());
  if (r < 0) return error_from_errno(r, "registering " + interface + " at " + path);
  return own(slot, std::move(table));
}

base::Result<Slot> Bus::add_object_manager(const std::string& path) {
  sd_bus_slot* slot = nullptr;
  if (const int r = sd_bus_add_object_manager(bus_, &slot, path.c_str()); r < 0)
    return error_from_errno(r, "registering an object manager at " + path);
  return Slot(slot);
}

base::Result<Slot> Bus::add_filter(const std::string& prefix,
                                   std::move_only_function<bool(const Message&)> filter) {
  auto state = std::make_unique<Filter>(std::move(filter));
  sd_bus_slot* slot = nullptr;
  const int r = sd_bus_add_fallback(
      bus_, &slot, prefix.c_str(),
      [](sd_bus_message* message, void* data, sd_bus_error*) {
        return (*static_cast<Filter*>(data))(Message::share(message)) ? 1 : 0;
      },
      state.get());
  if (r < 0) return error_from_errno(r, "registering at " + prefix);
  return own(slot, std::move(state));
}

base::Result<Slot> Bus::filter_calls(std::move_only_function<bool(const Message&)> filter) {
  auto state = std::make_unique<Filter>(std::move(filter));
  sd_bus_slot* slot = nullptr;
  const int r = sd_bus_add_filter(
      bus_, &slot,
      [](sd_bus_message* message, void* data, sd_bus_error*) {
        const Message received = Message::share(message);
        return received.is_method_call() && (*static_cast<Filter*>(data))(received) ? 1 : 0;
      },
      state.get());
  if (r < 0) return error_from_errno(r, "filtering the calls of the bus");
  return own(slot, std::move(state));
}

bool Bus::receive_again(const Message& call) {
  return sd_bus_message_rewind(call.native(), 1) >= 0 &&
         sd_bus_enqueue_for_read(bus_, call.native()) >= 0;
}

}  // namespace backhaul::bus
