// SPDX-License-Identifier: Apache-2.0
#include "core/destination.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

TEST(Destination, NothingAndOrdinaryFilesAreReplacedAlsoBehindALink) {
  for (const FileKind kind : {FileKind::nothing, FileKind::regular})
    for (const bool link : {false, true}) EXPECT_TRUE(check_destination("/d/x", {kind, link}));
}

TEST(Destination, EverythingElseIsRefusedAlsoBehindALink) {
  for (const FileKind kind : {FileKind::directory, FileKind::character_device, FileKind::block_device,
                              FileKind::fifo, FileKind::socket, FileKind::unknown})
    for (const bool link : {false, true}) {
      const auto checked = check_destination("/d/x", {kind, link});
      ASSERT_FALSE(checked);
      EXPECT_EQ(checked.error().code, Code::BAD_FILE_TYPE);
      EXPECT_EQ(checked.error().context, base::ErrorContext::local_file);
    }
}

TEST(Destination, TheTextNamesItAndWhatStandsThere) {
  EXPECT_EQ(check_destination("/dev/null", {FileKind::character_device, false}).error().text,
            "/dev/null is a character device: only an ordinary file is replaced");
  EXPECT_EQ(check_destination("/d/x", {FileKind::directory, true}).error().text,
            "/d/x is a symbolic link to a directory: only an ordinary file is replaced");
}

}  // namespace
}  // namespace backhaul::core
