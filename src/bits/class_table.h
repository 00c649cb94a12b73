// SPDX-License-Identifier: Apache-2.0
// The class objects of this process. A class is offered on the bus, under the name of its CLSID, as
// long as one of its registrations is neither revoked nor suspended.
//
// Two locks, always taken in this order: that of the table while the bus is asked for names, that
// of one class while a factory is chosen. Of the program's code only AddRef runs under them, and
// no callback comes in while a thread holds the table (NoCallbacks).
//
// A class that a single-threaded apartment registered makes its instances there, and ends with it.
#ifndef SRC_BITS_CLASS_TABLE_H
#define SRC_BITS_CLASS_TABLE_H

#include <memory>
#include <mutex>
#include <vector>

#include "backhaul/class_server.h"
#include "bits/object.h"
#include "bits/sta.h"

namespace backhaul::bits {

class ClassTable {
 public:
  static ClassTable& instance();

  HRESULT add(REFCLSID clsid, IUnknown* factory, DWORD context, DWORD flags, DWORD* cookie);
  HRESULT revoke(DWORD cookie);
  HRESULT resume();
  HRESULT suspend();
  ULONG add_process_reference();
  ULONG drop_process_reference();

  // The factory that serves this class in this process; empty if there is none.
  Ref<IUnknown> find(REFCLSID clsid);

 private:
  // Revokes what an apartment has registered.
  struct Occupancy final : Tenant {
    explicit Occupancy(DWORD its_cookie) : cookie(its_cookie) {}
    void disconnect() override { static_cast<void>(instance().revoke(cookie)); }
    const DWORD cookie;
  };
  struct Entry {
    DWORD cookie = 0;
    Ref<IUnknown> factory;
    DWORD flags = 0;
    std::shared_ptr<Sta> home;  // empty: the multithreaded apartment
    bool on_bus = false;  // registered for other processes, not for this one alone
    bool suspended = false;
    bool used_up = false;  // single use, and used
    std::shared_ptr<Occupancy> occupancy;
  };
  // One class; the server on the bus keeps it alive while it makes an instance.
  struct Class {
    GUID clsid{};
    std::mutex mutex;
    std::vector<Entry> entries;
    ClassServer server;  // under the lock of the table
  };

  ClassTable() = default;
  std::shared_ptr<Class> known(REFCLSID clsid) const;
  HRESULT offer(const std::shared_ptr<Class>& one);
  HRESULT offer_all();
  void suspend_all();

  static Entry* usable(Class& one, bool from_bus);
  static Ref<IUnknown> take_factory(Class& one, bool from_bus);
  static std::shared_ptr<Sta> home_of(Class& one);
  std::shared_ptr<Callback> make_instance_here(const std::shared_ptr<Class>& one);
  std::shared_ptr<Callback> make_instance(const std::shared_ptr<Class>& one);

  std::mutex mutex_;
  std::vector<std::shared_ptr<Class>> classes_;
  DWORD last_cookie_ = 0;
  ULONG process_references_ = 0;
};

}  // namespace backhaul::bits

#endif
