// SPDX-License-Identifier: Apache-2.0
#include "bus/names.h"

#include <gtest/gtest.h>

namespace backhaul::bus {
namespace {

const base::JobId id = *base::parse_job_id("8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9");
const std::string path = "/org/backhaul/Backhaul1/job/8c1b7e526a0d4c3f9e7751d2a4b0c6f9";

TEST(Names, JobPathsAreReadBack) {
  EXPECT_EQ(job_path(id), path);
  EXPECT_EQ(parse_job_path(path), id);
}

TEST(Names, FilePathsAreReadBack) {
  EXPECT_EQ(file_path(id, 4294967295U), path + "/file/4294967295");
  EXPECT_EQ(parse_file_path(path + "/file/4294967295"), (FileRef{id, 4294967295U}));
  EXPECT_EQ(parse_file_path(path + "/file/0"), (FileRef{id, 0}));
}

TEST(Names, OnlyOneSpellingIsAPathOfOurs) {
  EXPECT_FALSE(parse_job_path("/org/backhaul/Backhaul1/job/8C1B7E526A0D4C3F9E7751D2A4B0C6F9"));
  EXPECT_FALSE(parse_job_path(path + "0"));
  EXPECT_FALSE(parse_job_path(path + "/file/0"));
  EXPECT_FALSE(parse_job_path("/org/backhaul/Backhaul1/job"));
  for (const char* tail : {"", "/file", "/file/", "/file/01", "/file/-1", "/file/4294967296",
                           "/file/0/", "/fine/0"})
    EXPECT_FALSE(parse_file_path(path + tail)) << tail;
}

TEST(Names, AClsidHasOneBusName) {
  const std::string name = "org.backhaul.clsid.g8c1b7e526a0d4c3f9e7751d2a4b0c6f9";
  EXPECT_EQ(class_bus_name("{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}"), name);
  EXPECT_EQ(class_bus_name("8c1b7e526a0d4c3f9e7751d2a4b0c6f9"), name);
  EXPECT_FALSE(class_bus_name("not a class id"));
  EXPECT_TRUE(is_class_bus_name(name));
  EXPECT_TRUE(is_valid_bus_name(name));
  EXPECT_EQ(clsid_of_bus_name(name), "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9");
  EXPECT_FALSE(is_class_bus_name("org.backhaul.clsid.g8C1b7e526a0d4c3f9e7751d2a4b0c6f9"));
  EXPECT_FALSE(is_class_bus_name("org.example.Program"));
}

TEST(Names, BusNamesFollowTheSpecification) {
  EXPECT_TRUE(is_valid_bus_name("a.b"));
  EXPECT_TRUE(is_valid_bus_name("org.example-2.Pro_gram"));
  for (const char* name : {"", "org", ".org.a", "org..a", "org.a.", "org.1a", ":1.5", "org.a b",
                           "org.a/b", "org.ä"})
    EXPECT_FALSE(is_valid_bus_name(name)) << name;
  EXPECT_TRUE(is_valid_bus_name("a." + std::string(253, 'x')));
  EXPECT_FALSE(is_valid_bus_name("a." + std::string(254, 'x')));
}

}  // namespace
}  // namespace backhaul::bus
