// SPDX-License-Identifier: Apache-2.0
// The headers against the documented tables: ids, order of methods, values, sizes. Order and ids
// are what programs and bindings compiled elsewhere rely on, so none may ever change.
#include <bits.h>
#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <string>

namespace {

// By the ABI of this platform a pointer to a virtual member function holds the offset of its entry
// in the table, plus one where functions may stand at odd addresses otherwise.
template <class Method>
size_t slot_of(Method method) {
  uintptr_t words[2];
  static_assert(sizeof(method) == sizeof(words));
  std::memcpy(words, &method, sizeof(words));
#if defined(__x86_64__) || defined(__i386__)
  return (words[0] - 1) / sizeof(void*);
#else
  return words[0] / sizeof(void*);
#endif
}

std::string text_of(const GUID& guid) {
  char text[37];
  std::snprintf(text, sizeof(text), "%08x-%04x-%04x-%02x%02x-%02x%02x%02x%02x%02x%02x", guid.Data1,
                guid.Data2, guid.Data3, guid.Data4[0], guid.Data4[1], guid.Data4[2], guid.Data4[3],
                guid.Data4[4], guid.Data4[5], guid.Data4[6], guid.Data4[7]);
  return text;
}

struct none {};

#define INTERFACE(...)
#define SLOT(...)
#define COCLASS(...)
#define ENUMERATOR(...)
#define CONSTANT(...)
#define CODE(...)

TEST(Headers, EveryInterfaceHasItsIdAndBase) {
  int seen = 0;
#undef INTERFACE
#define INTERFACE(name, id, base, methods)                                  \
  EXPECT_EQ(text_of(IID_##name), id);                                       \
  EXPECT_EQ(text_of(__uuidof(name)), id);                                   \
  EXPECT_TRUE((std::is_base_of_v<base, name>) || #base[0] == 'n') << #name; \
  EXPECT_FALSE(std::has_virtual_destructor_v<name>) << #name;               \
  EXPECT_EQ(sizeof(name), sizeof(void*)) << #name;                          \
  ++seen;
#include "expected.inc"
#undef INTERFACE
#define INTERFACE(...)
  EXPECT_EQ(seen, 31);
}

TEST(Headers, EveryMethodHasItsSlotAndNoneIsMissing) {
  std::map<std::string, size_t> last;
  int seen = 0;
#undef SLOT
#define SLOT(type, method, index)                                         \
  EXPECT_EQ(slot_of(&type::method), size_t{index}) << #type "::" #method; \
  last[#type] = index;                                                    \
  ++seen;
#include "expected.inc"
#undef SLOT
#define SLOT(...)
  EXPECT_EQ(seen, 151);
#undef INTERFACE
#define INTERFACE(name, id, base, methods)                \
  if (last.contains(#name)) {                             \
    EXPECT_EQ(last[#name] + 1, size_t{methods}) << #name; \
  }
#include "expected.inc"
#undef INTERFACE
#define INTERFACE(...)
  EXPECT_EQ(slot_of(static_cast<HRESULT (IUnknown::*)(REFIID, void**)>(&IUnknown::QueryInterface)),
            0U);
  EXPECT_EQ(slot_of(&IUnknown::AddRef), 1U);
  EXPECT_EQ(slot_of(&IUnknown::Release), 2U);
}

TEST(Headers, EveryManagerClassHasItsIds) {
  int seen = 0;
#undef COCLASS
#define COCLASS(name, clsid, libid)          \
  EXPECT_EQ(text_of(CLSID_##name), clsid);   \
  EXPECT_EQ(text_of(__uuidof(name)), clsid); \
  EXPECT_EQ(text_of(LIBID_##name), libid);   \
  ++seen;
#include "expected.inc"
#undef COCLASS
#define COCLASS(...)
  EXPECT_EQ(seen, 10);
}

TEST(Headers, EnumeratorsAndConstantsHaveTheirValues) {
#undef ENUMERATOR
#undef CONSTANT
#define ENUMERATOR(type, name, value)                               \
  EXPECT_EQ(static_cast<uint32_t>(name), uint32_t{value}) << #name; \
  EXPECT_EQ(sizeof(type), 4U);                                      \
  EXPECT_TRUE((std::is_same_v<decltype(name), type>));
#define CONSTANT(name, value) EXPECT_EQ(static_cast<uint64_t>(name), uint64_t{value}) << #name;
#include "expected.inc"
#undef ENUMERATOR
#undef CONSTANT
#define ENUMERATOR(...)
#define CONSTANT(...)
}

TEST(Headers, EveryCodeIsAnHresultWithItsValue) {
  int seen = 0;
#undef CODE
#define CODE(name, value)                                           \
  EXPECT_TRUE((std::is_same_v<decltype(name), HRESULT>)) << #name;  \
  EXPECT_EQ(static_cast<uint32_t>(name), uint32_t{value}) << #name; \
  ++seen;
#include "expected.inc"
  EXPECT_EQ(seen, 106);
  EXPECT_EQ(BG_E_SERVER_EXECUTE_ENABLED, BG_E_SERVER_EXECUTE_ENABLE);
  EXPECT_EQ(BG_E_HTTP_ERROR_404, MAKE_HRESULT(SEVERITY_ERROR, FACILITY_HTTP, 404));
  EXPECT_EQ(HIWORD(BG_E_HTTP_ERROR_503), 0x8019);
  EXPECT_EQ(LOWORD(BG_E_HTTP_ERROR_503), 503);
  EXPECT_EQ(HRESULT_FROM_WIN32(ERROR_SERVICE_DISABLED), static_cast<HRESULT>(0x80070422));
  EXPECT_EQ(HRESULT_FROM_WIN32(RPC_X_BAD_STUB_DATA), RPC_X_BAD_STUB_DATA);
  EXPECT_EQ(HRESULT_FROM_WIN32(ERROR_SUCCESS), S_OK);
  EXPECT_TRUE(FAILED(BG_E_NOT_FOUND));
  EXPECT_TRUE(SUCCEEDED(BG_S_PARTIAL_COMPLETE));
}

TEST(Headers, StructuresHaveTheirShape) {
  EXPECT_EQ(sizeof(GUID), 16U);
  EXPECT_EQ(alignof(GUID), 4U);
  EXPECT_EQ(sizeof(FILETIME), 8U);
  EXPECT_EQ(sizeof(BG_FILE_PROGRESS), 24U);
  EXPECT_EQ(offsetof(BG_FILE_PROGRESS, Completed), 16U);
  EXPECT_EQ(sizeof(BG_FILE_INFO), 2 * sizeof(void*));
  EXPECT_EQ(sizeof(BG_JOB_PROGRESS), 24U);
  EXPECT_EQ(offsetof(BG_JOB_PROGRESS, FilesTransferred), 20U);
  EXPECT_EQ(sizeof(BG_JOB_TIMES), 24U);
  EXPECT_EQ(sizeof(BG_JOB_REPLY_PROGRESS), 16U);
  EXPECT_EQ(sizeof(BG_FILE_RANGE), 16U);
  EXPECT_EQ(sizeof(BG_AUTH_CREDENTIALS), 8 + 2 * sizeof(void*));
  EXPECT_EQ(sizeof(BITS_JOB_PROPERTY_VALUE), 16U);
  EXPECT_EQ(sizeof(BITS_FILE_PROPERTY_VALUE), sizeof(void*));
}

TEST(Headers, InterlockedFunctionsGiveTheNewOrTheOldValueAsDocumented) {
  LONG narrow = 1;
  volatile long wide = 1;
  ULONG counter = 0;
  EXPECT_EQ(InterlockedIncrement(&narrow), 2);
  EXPECT_EQ(InterlockedDecrement(&wide), 0);
  EXPECT_EQ(InterlockedDecrement(&counter), 0xffffffffU);
  EXPECT_EQ(InterlockedExchange(&narrow, 7), 2);
  EXPECT_EQ(InterlockedExchangeAdd(&narrow, 3), 7);
  EXPECT_EQ(InterlockedCompareExchange(&narrow, 1, 9), 10);
  EXPECT_EQ(InterlockedCompareExchange(&narrow, 1, 10), 10);
  EXPECT_EQ(narrow, 1);
  PVOID pointer = nullptr;
  EXPECT_EQ(InterlockedExchangePointer(&pointer, &narrow), nullptr);
  EXPECT_EQ(InterlockedCompareExchangePointer(&pointer, nullptr, &narrow), &narrow);
  EXPECT_EQ(pointer, nullptr);
}

TEST(Headers, LanguageIdsAreAccepted) {
  EXPECT_EQ(LANGIDFROMLCID(GetThreadLocale()), 0x0409);
  EXPECT_EQ(MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), 0x0409);
  EXPECT_EQ(MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), 0x0400);
  EXPECT_EQ(PRIMARYLANGID(0x0409), LANG_ENGLISH);
}

}  // namespace
