// SPDX-License-Identifier: Apache-2.0
#include "bits/class_table.h"

#include <algorithm>

#include "bits/apartment.h"
#include "bits/callback_adapter.h"
#include "bits/session.h"
#include "bits/text.h"

namespace backhaul::bits {

ClassTable& ClassTable::instance() {
  static auto* const table = new ClassTable;  // never freed: the bus may ask while we exit
  return *table;
}

// The youngest registration that may be used. Under the lock of the class.
ClassTable::Entry* ClassTable::usable(Class& one, bool from_bus) {
  const auto found =
      std::find_if(one.entries.rbegin(), one.entries.rend(), [&](const Entry& entry) {
        return !entry.used_up && !entry.suspended && (entry.on_bus || !from_bus);
      });
  return found != one.entries.rend() ? &*found : nullptr;
}

// … whose single use is spent by this.
Ref<IUnknown> ClassTable::take_factory(Class& one, bool from_bus) {
  const std::lock_guard lock(one.mutex);
  Entry* entry = usable(one, from_bus);
  if (entry == nullptr) return {};
  entry->used_up = (entry->flags & (REGCLS_MULTIPLEUSE | REGCLS_MULTI_SEPARATE)) == 0;
  return Ref<IUnknown>::share(entry->factory.get());
}

std::shared_ptr<Sta> ClassTable::home_of(Class& one) {
  const std::lock_guard lock(one.mutex);
  const Entry* entry = usable(one, true);
  return entry != nullptr ? entry->home : nullptr;
}

// A thread of the library waits for the apartment here. There are few of those at a time: the
// service makes an instance only for a notification that is due, and has four of a user under way.
std::shared_ptr<Callback> ClassTable::make_instance(const std::shared_ptr<Class>& one) {
  const std::shared_ptr<Sta> home = home_of(*one);
  if (home == nullptr) return make_instance_here(one);
  // Shared, not borrowed: nobody waits any more when the apartment ends.
  const auto made = std::make_shared<std::shared_ptr<Callback>>();
  const bool ran = home->run_and_wait([this, one, made] { *made = make_instance_here(one); });
  return ran ? std::move(*made) : nullptr;
}

std::shared_ptr<Callback> ClassTable::make_instance_here(const std::shared_ptr<Class>& one) {
  const CallbackScope scope;
  const Ref<IUnknown> unknown = take_factory(*one, true);
  if (unknown) {
    const NoCallbacks none;
    const std::lock_guard lock(mutex_);
    offer(one);  // a single use is spent: the name is free for the next process
  }
  const auto factory = Ref<IClassFactory>::ask(unknown.get());
  if (!factory) return nullptr;
  void* made = nullptr;
  if (FAILED(factory->CreateInstance(nullptr, IID_IUnknown, &made)) || made == nullptr) {
    return nullptr;
  }
  const auto object = Ref<IUnknown>::adopt(static_cast<IUnknown*>(made));
  return CallbackAdapter::make(object.get());
}

std::shared_ptr<ClassTable::Class> ClassTable::known(REFCLSID clsid) const {
  const auto found = std::find_if(classes_.begin(), classes_.end(),
                                  [&](const auto& one) { return one->clsid == clsid; });
  return found != classes_.end() ? *found : nullptr;
}

// Brings the name on the bus in line with the registrations of the class.
HRESULT ClassTable::offer(const std::shared_ptr<Class>& one) {
  bool wanted = false;
  {
    const std::lock_guard lock(one->mutex);
    wanted = std::any_of(one->entries.begin(), one->entries.end(), [](const Entry& entry) {
      return entry.on_bus && !entry.suspended && !entry.used_up;
    });
  }
  if (!wanted) {
    if (one->server) one->server.revoke();
    one->server = ClassServer();
    return S_OK;
  }
  if (one->server && one->server.alive()) return S_OK;
  const Result<Client> client = connect();
  if (!client) return hresult_of(client);
  Result<ClassServer> server =
      ClassServer::start(*client, text_of(one->clsid), [this, one] { return make_instance(one); });
  if (!server) {
    return server.code() == code::already_exists ? CO_E_OBJISREG : hresult_of(server);
  }
  one->server = *std::move(server);
  return S_OK;
}

HRESULT ClassTable::offer_all() {
  HRESULT hr = S_OK;
  for (const auto& one : classes_) {
    const HRESULT result = offer(one);
    if (SUCCEEDED(hr)) hr = result;
  }
  return hr;
}

HRESULT ClassTable::add(REFCLSID clsid, IUnknown* factory, DWORD context, DWORD flags,
                        DWORD* cookie) {
  Entry refused;  // ends after the locks
  const NoCallbacks none;
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Class> one = known(clsid);
  if (one == nullptr) {
    one = classes_.emplace_back(std::make_shared<Class>());
    one->clsid = clsid;
  }
  Entry entry;
  entry.cookie = ++last_cookie_;
  entry.factory = Ref<IUnknown>::share(factory);
  entry.flags = flags;
  entry.on_bus = (context & CLSCTX_LOCAL_SERVER) != 0;
  entry.suspended = (flags & REGCLS_SUSPENDED) != 0;
  entry.home = Sta::current();
  if (entry.home != nullptr) {
    entry.occupancy = std::make_shared<Occupancy>(entry.cookie);
    entry.home->add(entry.occupancy);
  }
  {
    const std::lock_guard class_lock(one->mutex);
    one->entries.push_back(std::move(entry));
  }
  const HRESULT hr = offer(one);
  if (FAILED(hr)) {
    const std::lock_guard class_lock(one->mutex);
    refused = std::move(one->entries.back());  // the table's lock is held: it is still the last
    one->entries.pop_back();
    return hr;
  }
  *cookie = last_cookie_;
  return S_OK;
}

HRESULT ClassTable::revoke(DWORD cookie) {
  Ref<IUnknown> factory;  // its last reference may end here: after the locks
  const NoCallbacks none;
  const std::lock_guard lock(mutex_);
  for (const auto& one : classes_) {
    {
      const std::lock_guard class_lock(one->mutex);
      const auto entry = std::find_if(one->entries.begin(), one->entries.end(),
                                      [&](const Entry& other) { return other.cookie == cookie; });
      if (entry == one->entries.end()) continue;
      factory = std::move(entry->factory);
      one->entries.erase(entry);
    }
    return offer(one);
  }
  return CO_E_OBJNOTREG;
}

HRESULT ClassTable::resume() {
  const NoCallbacks none;
  const std::lock_guard lock(mutex_);
  for (const auto& one : classes_) {
    const std::lock_guard class_lock(one->mutex);
    for (Entry& entry : one->entries) entry.suspended = false;
  }
  return offer_all();
}

void ClassTable::suspend_all() {
  for (const auto& one : classes_) {
    const std::lock_guard class_lock(one->mutex);
    for (Entry& entry : one->entries) entry.suspended = true;
  }
}

HRESULT ClassTable::suspend() {
  const NoCallbacks none;
  const std::lock_guard lock(mutex_);
  suspend_all();
  return offer_all();
}

ULONG ClassTable::add_process_reference() {
  const std::lock_guard lock(mutex_);
  return ++process_references_;
}

// Atomic for those who ask for a class: once the count is seen to be 0 no factory answers any more.
ULONG ClassTable::drop_process_reference() {
  const NoCallbacks none;
  const std::lock_guard lock(mutex_);
  if (process_references_ != 0) --process_references_;
  if (process_references_ == 0) {
    suspend_all();
    offer_all();
  }
  return process_references_;
}

Ref<IUnknown> ClassTable::find(REFCLSID clsid) {
  const std::lock_guard lock(mutex_);
  const std::shared_ptr<Class> one = known(clsid);
  return one != nullptr ? take_factory(*one, false) : Ref<IUnknown>();
}

}  // namespace backhaul::bits
