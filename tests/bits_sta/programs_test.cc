// SPDX-License-Identifier: Apache-2.0
// Whole programs, written as for BITS, each run to its end against the real service; and what their
// registration goes through.
#include <windows.h>

#include <filesystem>

#include "backhaul/client.h"
#include "backhaul/job.h"
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

// notifications.md N103: the object's answer counts, so the command line does not run. The program
// ends at once after it: the answer must be on its way by then, each time.
class QuitInCallback : public ::testing::TestWithParam<std::pair<const char*, int>> {};

TEST_P(QuitInCallback, TheAnswerIsHeardInEveryRun) {
  const auto [mode, runs] = GetParam();
  const std::string sign = Stage::get().folder(std::string("ran after ") + mode);
  Stage::get().answer("/quit", "size=1000");
  const Result<Client> client = Client::connect();
  ASSERT_TRUE(client);
  int heard = 0;
  for (int turn = 0; turn < runs; ++turn) {
    const Ran ran = run({QUIT_PROGRAM, Stage::get().url("/quit"),
                         Stage::get().folder("quit" + std::to_string(turn)), sign, mode});
    ASSERT_EQ(ran.status, 0) << ran.output;
    ASSERT_EQ(ran.output.size(), 38U) << ran.output;
    Job job = client->job(ran.output.substr(1, 36));
    // Whatever is owed is told, to the command line if need be.
    ASSERT_TRUE(eventually([&] {
      const Result<JobInfo> info = job.info();
      return info && info->notify_unheard().empty();
    }));
    if (!std::filesystem::exists(sign)) ++heard;
    std::filesystem::remove(sign);
    EXPECT_TRUE(job.cancel());
  }
  EXPECT_EQ(heard, runs);
}

INSTANTIATE_TEST_SUITE_P(BitsPrograms, QuitInCallback,
                         ::testing::Values(std::pair("return", 40), std::pair("leave", 10),
                                           std::pair("event", 10)),
                         [](const auto& one) { return std::string(one.param.first); });

TEST(BitsPrograms, TheRegistryHasRoomForClassesOnly) {
  HKEY key = nullptr;
  EXPECT_EQ(RegCreateKeyEx(HKEY_LOCAL_MACHINE, L"Software\\Own", 0, nullptr, 0, KEY_WRITE, nullptr,
                           &key, nullptr),
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
  EXPECT_EQ(RegCloseKey(HKEY_LOCAL_MACHINE), ERROR_SUCCESS);
  EXPECT_EQ(RegSetKeyValue(HKEY_CURRENT_USER, L"Software\\Own", L"v", REG_SZ, name, size),
            ERROR_NOT_SUPPORTED);
}

// Each of the places where published programs write registers the same class, step by step too.
TEST(BitsPrograms, AClassIsRegisteredForTheMachineTheUserAndInTheMergedView) {
  const LPCWSTR id = L"{0F3C1A52-77D0-4B0B-8F0E-2C9A6C1D5E01}";
  const struct {
    HKEY root;
    std::wstring classes;
  } places[] = {{HKEY_LOCAL_MACHINE, L"SOFTWARE\\Classes\\"},
                {HKEY_CURRENT_USER, L"Software\\Classes\\"},
                {HKEY_CLASSES_ROOT, L""}};
  const auto set = [](HKEY root, const std::wstring& path, LPCWSTR name,
                      const std::wstring& value) {
    HKEY key = nullptr;
    LSTATUS status = RegCreateKeyEx(root, path.c_str(), 0, nullptr, REG_OPTION_NON_VOLATILE,
                                    KEY_WRITE, nullptr, &key, nullptr);
    if (status != ERROR_SUCCESS) return status;
    status = RegSetValueEx(key, name, 0, REG_SZ, reinterpret_cast<const BYTE*>(value.c_str()),
                           static_cast<DWORD>((value.size() + 1) * sizeof(WCHAR)));
    RegCloseKey(key);
    return status;
  };
  for (const auto& [root, classes] : places) {
    const std::wstring clsid = classes + L"CLSID\\" + id;
    EXPECT_EQ(set(root, classes + L"AppID\\" + id, nullptr, L"Own"), ERROR_SUCCESS);
    EXPECT_EQ(set(root, classes + L"AppID\\own.exe", L"AppID", id), ERROR_SUCCESS);
    EXPECT_EQ(set(root, classes + L"Own.Server.1\\CLSID", nullptr, id), ERROR_SUCCESS);
    EXPECT_EQ(set(root, clsid, L"AppID", id), ERROR_SUCCESS);
    EXPECT_EQ(set(root, clsid + L"\\LocalServer32", nullptr, L"/bin/true -x"), ERROR_SUCCESS);
    HKEY key = nullptr;
    ASSERT_EQ(RegOpenKeyEx(root, (classes + L"CLSID").c_str(), 0, KEY_WRITE, &key), ERROR_SUCCESS);
    EXPECT_EQ(RegDeleteKey(key, (std::wstring(id) + L"\\LocalServer32").c_str()), ERROR_SUCCESS);
    EXPECT_EQ(RegDeleteKey(key, id), ERROR_SUCCESS);
    EXPECT_EQ(RegDeleteTree(key, id), ERROR_FILE_NOT_FOUND);
    EXPECT_EQ(RegCloseKey(key), ERROR_SUCCESS);
    EXPECT_EQ(RegDeleteTree(root, (classes + L"AppID\\" + id).c_str()), ERROR_SUCCESS);
  }
}

}  // namespace
}  // namespace backhaul::test
