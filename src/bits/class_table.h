// SPDX-License-Identifier: Apache-2.0
// The class objects of this process. A class is offered on the bus, under the name of its CLSID, as
// long as one of its registrations is neither revoked nor suspended.
//
// Two locks, always taken in this order: that of the table while the bus is asked for names, that
// of one class while a factory is chosen. Of the program's code only AddRef runs under them.
#ifndef SRC_BITS_CLASS_TABLE_H
#define SRC_BITS_CLASS_TABLE_H

#include <memory>
#include <mutex>
#include <vector>

#include "backhaul/class_server.h"
#include "bits/object.h"

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
  struct Entry {
    DWORD cookie = 0;
    Ref<IUnknown> factory;
    DWORD flags = 0;
    bool on_bus = false;  // registered for other processes, not for this one alone
    bool suspended = false;
    bool used_up = false;  // single use, and used
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

  static Ref<IUnknown> take_factory(Class& one, bool from_bus);
  std::shared_ptr<Callback> make_instance(const std::shared_ptr<Class>& one);

  std::mutex mutex_;
  std::vector<std::shared_ptr<Class>> classes_;
  DWORD last_cookie_ = 0;
  ULONG process_references_ = 0;
};

}  // namespace backhaul::bits

#endif
