// SPDX-License-Identifier: Apache-2.0
// A callback class that declares the methods of IDispatch beside its own, as published ones do, and answers none of them.
#include <windows.h>
#include <shlobj.h>

#include "notifier.h"

class CScriptable : public IUnknown {
 public:
  STDMETHOD(GetTypeInfoCount)(UINT* pctinfo) = 0;
  STDMETHOD(GetTypeInfo)(UINT itinfo, LCID lcid, ITypeInfo** pptinfo) = 0;
  STDMETHOD(GetIDsOfNames)(REFIID riid, LPOLESTR* names, UINT count, LCID lcid, DISPID* ids) = 0;
  STDMETHOD(Invoke)(DISPID member, REFIID riid, LCID lcid, WORD flags, DISPPARAMS* parameters, VARIANT* result,
                    EXCEPINFO* exception, UINT* argument) = 0;
};

HRESULT ask(CScriptable* object, DISPID* id) {
  LPOLESTR name = NULL;
  const HRESULT hr = object->GetIDsOfNames(IID_IUnknown, &name, 1, 0, id);
  return hr == E_NOTIMPL ? object->Invoke(*id, IID_IUnknown, 0, 0, NULL, NULL, NULL, NULL) : hr;
}
