// SPDX-License-Identifier: Apache-2.0
// Whole programs, written as for BITS, each run to its end against the real service; and what their
// registration goes through.
#include <windows.h>

#include <filesystem>

#include "tests/bits/fixture.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"

namespace backhaul::test {
namespace {

struct Ran {
  int status;
  std::string output;
};

Ran run(std::vector<std::string> command) {
  static int number = 0;
  const std::string output = Stage::get().folder("output" + std::to_string(++number));
  const int status = run_program(command, output);
  return {status, read_file(output)};
}

unsigned count(const std::string& text, const std::string& part) {
  unsigned found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++found;
  return found;
}

TEST(BitsPrograms, AConsoleProgramEndsItsLoopFromInsideTheCallback) {
  Stage::get().answer("/console", "size=70000");
  const std::string file = Stage::get().folder("console \xc3\xbc.bin");
  const Ran ran = run({CONSOLE_PROGRAM, Stage::get().url("/console"), file});
  EXPECT_EQ(ran.status, 0) << ran.output;
  EXPECT_EQ(count(ran.output, "file: " + file + "\n"), 1U) << ran.output;
  EXPECT_EQ(count(ran.output, "transferred on thread main, hr=0x00000000\n"), 1U) << ran.output;
  EXPECT_EQ(count(ran.output, "released on thread main\n"), 1U) << ran.output;
  EXPECT_EQ(std::filesystem::file_size(file), 70000U);
}

TEST(BitsPrograms, AConsoleProgramIsToldOfAnError) {
  Stage::get().answer("/missing", "status=404");
  const Ran ran =
      run({CONSOLE_PROGRAM, Stage::get().url("/missing"), Stage::get().folder("missing")});
  EXPECT_EQ(ran.status, 1) << ran.output;
  EXPECT_EQ(count(ran.output, "error 0x80190194\n"), 1U) << ran.output;
}

// The bytes of content(0, …) are those of the server; their CRC-32 is worked out here once more,
// by the table instead of bit by bit.
std::string crc_of(const std::string& text) {
  std::uint32_t table[256];
  for (std::uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) {
      table[i] = (table[i] & 1) != 0 ? 0xEDB88320 ^ (table[i] >> 1) : table[i] >> 1;
    }
  }
  std::uint32_t crc = ~0U;
  for (const char c : text) crc = table[(crc ^ static_cast<unsigned char>(c)) & 0xff] ^ (crc >> 8);
  char digits[9];
  std::snprintf(digits, sizeof(digits), "%08x", ~crc);
  return digits;
}

// What the server sends at a path, fetched by a job of ours.
std::string fetched(const std::string& path) {
  const auto job = new_job();
  const std::string file = Stage::get().folder("fetched" + id_text(job));
  EXPECT_EQ(job->AddFile(wide(Stage::get().url(path)).c_str(), wide(file).c_str()), S_OK);
  EXPECT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_TRANSFERRED));
  EXPECT_EQ(job->Complete(), S_OK);
  return read_file(file);
}

TEST(BitsPrograms, TheExampleValidatesEachFileBeforeTheJobIsCompleted) {
  Stage::get().answer("/one", "size=5000 seed=1");
  Stage::get().answer("/two", "size=6000 seed=2");
  const std::string one = Stage::get().folder("one"), two = Stage::get().folder("two");
  const std::string good_one = crc_of(fetched("/one")), good_two = crc_of(fetched("/two"));
  const Ran good = run({VALIDATE_PROGRAM, Stage::get().url("/one"), one, good_one,
                        Stage::get().url("/two"), two, good_two});
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_EQ(count(good.output, ": good\n"), 2U) << good.output;
  EXPECT_TRUE(std::filesystem::exists(one));
  EXPECT_TRUE(std::filesystem::exists(two));

  const std::string third = Stage::get().folder("third"), fourth = Stage::get().folder("fourth");
  const Ran bad = run({VALIDATE_PROGRAM, Stage::get().url("/one"), third, good_one,
                       Stage::get().url("/two"), fourth, good_one});
  EXPECT_EQ(bad.status, 1) << bad.output;
  EXPECT_EQ(count(bad.output, fourth + ": bad\n"), 1U) << bad.output;
  EXPECT_EQ(count(bad.output, "failed: 0x80200053\n"), 1U) << bad.output;
  EXPECT_FALSE(std::filesystem::exists(third));
  EXPECT_FALSE(std::filesystem::exists(fourth));
}

// source-compat.md 10.
TEST(BitsPrograms, AClassServerRegistersItselfServesFromItsApartmentAndEndsWhenItIsIdle) {
  const std::string log = Stage::get().folder("server log");
  const CLSID clsid = {
      0x8a1e9d3f, 0x2c64, 0x4d0b, {0x9b, 0x57, 0x64, 0xc2, 0xe0, 0x1b, 0x7d, 0x11}};
  const Ran registered = run({SERVER_PROGRAM, "/RegServer", log});
  ASSERT_EQ(registered.status, 0) << registered.output;

  const auto job = job_with_file("size=1000");
  BITS_JOB_PROPERTY_VALUE value;
  value.ClsID = clsid;
  ASSERT_EQ(job.as<IBackgroundCopyJob5>()->SetProperty(BITS_JOB_PROPERTY_NOTIFICATION_CLSID, value),
            S_OK);
  ASSERT_EQ(job->Resume(), S_OK);
  EXPECT_TRUE(wait_for_state(job, BG_JOB_STATE_ACKNOWLEDGED));
  EXPECT_TRUE(eventually([&] { return count(read_file(log), "end ") == 1; })) << read_file(log);
  EXPECT_EQ(read_file(log),
            "instance on thread main\ncompleted on thread main\n"
            "released on thread main\nend on thread main\n");

  EXPECT_EQ(run({SERVER_PROGRAM, "/UnregServer"}).status, 0);
  EXPECT_EQ(run({SERVER_PROGRAM, "/UnregServer"}).status, ERROR_FILE_NOT_FOUND);
}

TEST(BitsPrograms, TheRegistryHasRoomForClassesOnly) {
  HKEY key = nullptr;
  EXPECT_EQ(RegCreateKeyEx(HKEY_LOCAL_MACHINE, L"Software\\Classes", 0, nullptr, 0, KEY_WRITE,
                           nullptr, &key, nullptr),
            ERROR_ACCESS_DENIED);
  ASSERT_EQ(RegCreateKeyEx(HKEY_CURRENT_USER, L"Software\\Classes\\CLSID", 0, nullptr, 0, KEY_WRITE,
                           nullptr, &key, nullptr),
            ERROR_SUCCESS);
  const LPCWSTR name = L"A class";
  const DWORD size = 8 * sizeof(WCHAR);
  const LPCWSTR id = L"{01234567-89AB-CDEF-0123-456789ABCDEF}";
  EXPECT_EQ(RegSetKeyValue(key, id, nullptr, REG_SZ, name, size), ERROR_SUCCESS);
  EXPECT_EQ(RegSetKeyValue(key, L"no id", nullptr, REG_SZ, name, size), ERROR_NOT_SUPPORTED);
  EXPECT_EQ(RegDeleteTree(key, nullptr), ERROR_NOT_SUPPORTED);
  EXPECT_EQ(RegDeleteTree(key, id), ERROR_FILE_NOT_FOUND);
  EXPECT_EQ(RegCloseKey(key), ERROR_SUCCESS);
  EXPECT_EQ(RegCloseKey(key), ERROR_INVALID_HANDLE);
  EXPECT_EQ(RegSetKeyValue(HKEY_CURRENT_USER, L"Software\\Own", L"v", REG_SZ, name, size),
            ERROR_NOT_SUPPORTED);
}

}  // namespace
}  // namespace backhaul::test
