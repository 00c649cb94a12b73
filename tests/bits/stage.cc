// SPDX-License-Identifier: Apache-2.0
#include "tests/bits/stage.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/support/bad_server.h"
#include "tests/support/nginx.h"
#include "tests/support/process.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test_ca.h"

namespace backhaul::test {

void fail(const std::string& what) { throw std::runtime_error(what); }

namespace {

constexpr char service_name[] = "org.backhaul.Backhaul1";
constexpr char root_path[] = "/org/backhaul/Backhaul1";

// A session bus whose services are those of `folder` alone.
std::string bus_config(const std::string& folder) {
  return R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=)" +
         folder + R"(/bus</listen>
  <auth>EXTERNAL</auth>
  <servicedir>)" +
         folder + R"(/services</servicedir>
  <servicedir>)" +
         folder + R"(/data/dbus-1/services</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
)";
}

std::string read_line(int fd) {
  std::string line;
  for (char c = 0; read(fd, &c, 1) == 1 && c != '\n';) line.push_back(c);
  return line;
}

}  // namespace

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds limit) {
  std::mutex mutex;
  std::condition_variable look;  // nobody wakes it: what is waited for cannot
  std::unique_lock lock(mutex);
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    look.wait_for(lock, std::chrono::milliseconds(5));
  }
  return true;
}

bool never(const std::function<bool()>& condition, std::chrono::milliseconds period) {
  return !eventually(condition, period);
}

struct Stage::Parts {
  TempDir folder;
  BadServer server;
  TestCa ca;
  std::optional<Nginx> secure;
  Certificate issued;
  std::unique_ptr<Process> daemon;
  sd_bus* bus = nullptr;
};

namespace {
Stage* the_stage = nullptr;
}

Stage& Stage::get() { return *the_stage; }
void Stage::begin() { the_stage = new Stage; }
void Stage::end() { delete std::exchange(the_stage, nullptr); }

Stage::Stage() : parts_(std::make_unique<Parts>()) {
  const std::string folder = parts_->folder.path();
  for (const char* name : {"services", "data/dbus-1/services", "state", "config", "run", "files"}) {
    std::filesystem::create_directories(parts_->folder / name);
  }
  std::filesystem::permissions(parts_->folder / "run", std::filesystem::perms::owner_all);
  for (const auto& [name, below] : {std::pair("XDG_DATA_HOME", "data"),
                                    {"XDG_STATE_HOME", "state"},
                                    {"XDG_CONFIG_HOME", "config"},
                                    {"XDG_RUNTIME_DIR", "run"},
                                    {"HOME", "files"}}) {
    setenv(name, (parts_->folder / below).c_str(), 1);
  }
  setenv("BACKHAUL_TEST_CA_FILE", parts_->ca.ca_file().c_str(), 1);
  setenv("BACKHAUL_TEST_TIME_SCALE", std::to_string(time_scale).c_str(), 1);
  setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);  // the machine is left out of it
  std::filesystem::create_directories(parts_->folder / "config/backhaul");
  write_file(parts_->folder / "config/backhaul/backhauld.conf",
             "[Service]\nLogLevel = debug\nClassStartTimeoutSec = " +
                 std::to_string(class_start_timeout.count() / 1000) + "\n");
  write_file(parts_->folder / "bus.conf", bus_config(folder));
  write_file(parts_->folder / "services/org.backhaul.Backhaul1.service",
             "[D-BUS Service]\nName=" + std::string(service_name) + "\nExec=" SERVICE_PROGRAM "\n");
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) fail("no pipe");
  parts_->daemon = std::make_unique<Process>(
      std::vector<std::string>{"dbus-daemon", "--nofork",
                               "--config-file=" + (parts_->folder / "bus.conf"),
                               "--print-address=" + std::to_string(pipe_ends[1])},
      std::vector<std::pair<std::string, std::string>>{}, pipe_ends[1], parts_->folder / "bus.log");
  close(pipe_ends[1]);
  const std::string address = read_line(pipe_ends[0]);
  close(pipe_ends[0]);
  setenv("DBUS_SESSION_BUS_ADDRESS", address.c_str(), 1);
  if (sd_bus_open_user(&parts_->bus) < 0) fail("no bus");
}

Stage::~Stage() {
  const pid_t service = owner_of(service_name);
  parts_->daemon->stop(SIGTERM);  // the service leaves with its bus
  sd_bus_flush_close_unref(parts_->bus);
  if (service != 0) eventually([&] { return kill(service, 0) != 0; });
  if (getenv("BACKHAUL_TEST_LOG") != nullptr) {
    std::fputs(read_file(parts_->folder / "bus.log").c_str(), stderr);
  }
}

std::string Stage::url(const std::string& path) const { return parts_->server.url(path); }

void Stage::answer(const std::string& path, const std::string& behaviours) {
  const std::string said = parts_->server.run_command("set " + path + " " + behaviours);
  if (said != "ok\n") fail(said);
}

void Stage::release(const std::string& path) { parts_->server.release(path); }

std::string Stage::secure_url() {
  if (!parts_->secure) {
    parts_->issued = parts_->ca.issue();
    parts_->secure.emplace(NginxOptions{.tls = parts_->issued, .limit_rate = {}, .extra = {}});
    parts_->secure->put("/file", "hello");
  }
  return parts_->secure->url("/file");
}

std::string Stage::certificate() {
  const std::string der = folder("der");
  run({"openssl", "x509", "-in", parts_->issued.chain_file, "-outform", "DER", "-out", der});
  return read_file(der);
}

std::string Stage::folder(const std::string& name) const {
  return parts_->folder / ("files/" + name);
}

pid_t Stage::owner_of(const std::string& bus_name) const {
  sd_bus_message* reply = nullptr;
  std::uint32_t pid = 0;
  if (sd_bus_call_method(parts_->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                         "org.freedesktop.DBus", "GetConnectionUnixProcessID", nullptr, &reply, "s",
                         bus_name.c_str()) >= 0) {
    sd_bus_message_read(reply, "u", &pid);
  }
  sd_bus_message_unref(reply);
  return static_cast<pid_t>(pid);
}

void Stage::kill_service() {
  const pid_t old = owner_of(service_name);
  if (old == 0 || kill(old, SIGKILL) != 0) fail("no service to kill");
  const auto back = [&] {
    const pid_t now = owner_of(service_name);
    return now != 0 && now != old;
  };
  if (!eventually(back)) fail("the service did not come back");
}

void Stage::kill_service_and_guardian() {
  const pid_t service = owner_of(service_name);
  std::string name;
  pid_t guardian = 0;
  char state = 0;
  std::ifstream(("/proc/" + std::to_string(service) + "/stat").c_str()) >> name >> name >> state >>
      guardian;
  if (service == 0 || guardian <= 1) fail("no service to kill");
  if (kill(guardian, SIGKILL) != 0 || kill(service, SIGKILL) != 0) fail("not killed");
  if (!eventually([&] { return owner_of(service_name) != service; })) fail("still there");
}

int Stage::run(const std::vector<std::string>& command) const {
  return run_program(command, folder("output"));
}

void Stage::install_class(const std::string& clsid, const std::vector<std::string>& command) {
  sd_bus_message* call = nullptr;
  sd_bus_message_new_method_call(parts_->bus, &call, service_name, root_path,
                                 "org.backhaul.Manager1", "RegisterClass");
  sd_bus_message_append(call, "s", clsid.c_str());
  sd_bus_message_open_container(call, 'a', "s");
  for (const std::string& word : command) sd_bus_message_append(call, "s", word.c_str());
  sd_bus_message_close_container(call);
  sd_bus_error error{};
  const int sent = sd_bus_call(parts_->bus, call, 0, &error, nullptr);
  sd_bus_message_unref(call);
  if (sent < 0) fail(std::string("RegisterClass: ") + error.message);
}

}  // namespace backhaul::test
