// SPDX-License-Identifier: Apache-2.0
#include "bus/codec.h"

#include <algorithm>
#include <cstddef>

#include <string_view>

#include <gtest/gtest.h>

#include "bus/object.h"
#include "bus/variant.h"
#include "bus/wire.h"

namespace backhaul::bus {
namespace {

template <class... T>
std::string_view signature() {
  return signature_of<T...>.text;
}

TEST(Signature, FollowsFromTheType) {
  EXPECT_EQ((signature<>()), "");
  EXPECT_EQ((signature<bool, std::uint8_t, std::int32_t, std::uint32_t, std::int64_t,
                       std::uint64_t, double, std::string, ObjectPath>()),
            "byiuxtdso");
  EXPECT_EQ((signature<std::vector<std::tuple<ObjectPath, std::string>>>()), "a(os)");
  EXPECT_EQ((signature<std::vector<std::pair<std::string, Variant>>>()), "a{sv}");
  EXPECT_EQ((signature<VariantOf<std::uint32_t>>()), "v");
}

TEST(Signature, OfSharedValuesIsThatOfTheContract) {
  EXPECT_EQ(signature<ErrorTuple>(), "(uuis)");
  EXPECT_EQ(signature<WaitingTuple>(), "(sttass)");
  EXPECT_EQ(signature<ObjectTuple>(), "(ssu)");
  EXPECT_EQ(signature<AddressTuple>(), "(ss)");
  EXPECT_EQ(signature<std::vector<NewFile>>(), "a(ssa{sv})");
  EXPECT_EQ(signature<std::vector<ListedJob>>(), "a(oa{sv})");
  EXPECT_EQ(signature<std::vector<ListedClass>>(), "a(sasb)");
}

struct Target {
  base::Result<std::tuple<std::string, std::uint32_t>> sync(const Message&, std::string, bool) {
    return std::tuple<std::string, std::uint32_t>{};
  }
  base::Result<void> nothing(const Message&) { return {}; }
  void later(Reply<ObjectPath> reply, std::vector<std::string>) { reply.send({"/"}); }
};

TEST(Method, RowsAreMadeFromMemberFunctions) {
  const auto sync = method<&Target::sync>("Sync", "a\0b\0c\0d\0");
  EXPECT_EQ(std::string_view(sync.in), "sb");
  EXPECT_EQ(std::string_view(sync.out), "su");
  const auto nothing = method<&Target::nothing>("Nothing", "");
  EXPECT_EQ(std::string_view(nothing.in), "");
  EXPECT_EQ(std::string_view(nothing.out), "");
  const auto later = method<&Target::later>("Later", "a\0b\0");
  EXPECT_EQ(std::string_view(later.in), "as");
  EXPECT_EQ(std::string_view(later.out), "o");
}

TEST(Entry, IsReadByName) {
  JobProperties job;
  job.state = 6;
  EXPECT_EQ(entry(job, "State"), Variant{std::uint32_t{6}});
  EXPECT_EQ(entry(job, "Nothing"), Variant{});
  EXPECT_TRUE(has_entry(WritableJobProperties{}, "Name"));
  EXPECT_FALSE(has_entry(WritableJobProperties{}, "State"));
}

TEST(Properties, RowsComeFromThePropertySet) {
  const auto rows = properties<Target, JobProperties, WritableJobProperties>();
  ASSERT_FALSE(rows.empty());
  EXPECT_EQ(std::string_view(rows[0].member), "Id");
  EXPECT_EQ(rows[0].kind, RowData::Kind::property);
  const auto writable = std::find_if(rows.begin(), rows.end(), [](const RowData& row) {
    return std::string_view(row.member) == "AutoComplete";
  });
  ASSERT_NE(writable, rows.end());
  EXPECT_EQ(std::string_view(writable->in), "b");
  EXPECT_EQ(writable->kind, RowData::Kind::writable_property);
  std::size_t settings = 0;
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) ++settings;
#include "backhaul/job_settings.def"
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(),
                          [](const RowData& row) { return row.kind == RowData::Kind::writable_property; }),
            static_cast<std::ptrdiff_t>(settings));
}

}  // namespace
}  // namespace backhaul::bus
