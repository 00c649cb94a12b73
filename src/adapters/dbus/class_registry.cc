// SPDX-License-Identifier: Apache-2.0
#include "adapters/dbus/class_registry.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "bus/names.h"
#include "bus/place.h"
#include "bus/process.h"
#include "core/names.h"

namespace backhaul::dbus {
namespace {

using base::Code;

constexpr char embedding[] = "-Embedding";
constexpr char suffix[] = ".service";
constexpr std::size_t largest_file = 256 * 1024;

base::Error system_error(int error, const std::string& what) {
  return {base::code_from_errno(error), what};
}

base::Result<std::string> read_file(const std::string& path) {
  const bus::FileDescriptor file(open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return system_error(errno, "cannot read " + path);
  std::string text(largest_file, '\0');
  std::size_t length = 0;
  ssize_t r = 0;
  while (length < text.size() &&
         (r = read(file.get(), text.data() + length, text.size() - length)) > 0)
    length += static_cast<std::size_t>(r);
  if (r < 0) return system_error(errno, "cannot read " + path);
  text.resize(length);
  return text;
}

base::Result<void> write_durably(const std::string& path, const std::string& text) {
  const bus::FileDescriptor file(
      open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (!file) return system_error(errno, "cannot write " + path);
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t r = write(file.get(), text.data() + written, text.size() - written);
    if (r < 0 && errno == EINTR) continue;
    if (r < 0) return system_error(errno, "cannot write " + path);
    written += static_cast<std::size_t>(r);
  }
  if (fsync(file.get()) != 0) return system_error(errno, "cannot write " + path);
  return {};
}

void sync_directory(const std::string& path) {
  const bus::FileDescriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) fsync(folder.get());
}

bool exists(const std::string& path) {
  struct stat info {};
  return lstat(path.c_str(), &info) == 0;
}

bool is_ours(const std::string& path) {
  const auto text = read_file(path);
  return text && parse_service_file(*text).has_value();
}

base::Result<void> write_service(const std::string& folder, const ServiceFile& service) {
  BH_CHECK(bus::make_directories(folder));
  const std::string path = folder + '/' + service.name + suffix;
  if (exists(path) && !is_ours(path))
    return {Code::ALREADY_EXISTS, path + " is there already and was not made by backhaul"};
  const std::string temporary = folder + "/." + service.name + ".new";
  BH_CHECK(write_durably(temporary, service_file_text(service)));
  if (rename(temporary.c_str(), path.c_str()) != 0)
    return system_error(errno, "cannot write " + path);
  sync_directory(folder);
  return {};
}

base::Result<void> remove_service(const std::string& folder, const std::string& name) {
  const std::string path = folder + '/' + name + suffix;
  if (!is_ours(path))
    return {Code::BG_E_NOT_FOUND, "backhaul did not register the class " + name};
  if (unlink(path.c_str()) != 0) return system_error(errno, "cannot remove " + path);
  sync_directory(folder);
  return {};
}

std::vector<ServiceFile> read_services(const std::string& folder) {
  std::vector<ServiceFile> services;
  DIR* directory = opendir(folder.c_str());
  if (directory == nullptr) return services;
  while (const dirent* entry = readdir(directory)) {
    const std::string name = entry->d_name;
    if (!name.ends_with(suffix)) continue;
    const auto text = read_file(folder + '/' + name);
    auto service = text ? parse_service_file(*text) : std::nullopt;
    if (service && service->name + suffix == name) services.push_back(*std::move(service));
  }
  closedir(directory);
  std::ranges::sort(services, {}, &ServiceFile::name);
  return services;
}

base::Result<std::string> bus_name(const std::string& name) {
  if (const auto of_class = core::clsid_bus_name(name)) return *of_class;
  BH_CHECK(core::check_bus_name(name));
  if (name == bus::service_name || name.starts_with("org.freedesktop.DBus"))
    return base::Error(Code::E_INVALIDARG, "the bus name " + name + " belongs to somebody else");
  return name;
}

base::Result<ServiceFile> service_of(const std::string& name,
                                     const std::vector<std::string>& exec) {
  ServiceFile service;
  BH_TRY(service.name, bus_name(name));
  if (exec.empty() || !exec[0].starts_with('/'))
    return base::Error(Code::E_INVALIDARG, "the program of a class is given by an absolute path");
  struct stat info {};
  if (stat(exec[0].c_str(), &info) != 0) return system_error(errno, "there is no " + exec[0]);
  if (!S_ISREG(info.st_mode) || access(exec[0].c_str(), X_OK) != 0)
    return base::Error(Code::E_ACCESSDENIED, exec[0] + " is not a program");
  service.exec = exec;
  if (core::is_clsid_name(service.name) && exec.back() != embedding)
    service.exec.emplace_back(embedding);
  return service;
}

// The folder belongs to the user whom this service serves.
base::Result<void> check_caller(const ports::Caller& caller) {
  if (caller.uid == geteuid() || caller.uid == 0) return {};
  return {Code::E_ACCESSDENIED, "classes are registered by the user of this service"};
}

}  // namespace

ClassRegistry::ClassRegistry(loop::Loop& loop, bus::Bus& bus, std::string service_dir)
    : loop_(loop), bus_(bus), service_dir_(std::move(service_dir)) {}

loop::Worker& ClassRegistry::worker() {
  if (!worker_) worker_.emplace(loop_, 1);
  return *worker_;
}

void ClassRegistry::run(std::move_only_function<base::Result<void>()> work, bus::Reply<> reply) {
  // The reply stays here: a message and its count belong to the thread of the bus.
  const std::uint64_t number = ++last_;
  waiting_.emplace(number, std::move(reply));
  worker().submit([this, number, work = std::move(work)]() mutable -> loop::Callback {
    return [this, number, result = work()] {
      auto answered = waiting_.extract(number);
      if (result)
        reload(std::move(answered.mapped()));
      else
        answered.mapped().fail(result.error());
    };
  });
}

void ClassRegistry::reload(bus::Reply<> reply) {
  auto slot = bus_.call_async<>(
      {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "ReloadConfig",
       bus::usual_limit},
      [reply = std::move(reply)](const bus::Outcome<>& answer) mutable {
        if (answer)
          reply.send();
        else
          reply.fail({answer.error().code(),
                      "the bus did not read its service files again: " + answer.error().text});
      });
  slot.detach();
}

void ClassRegistry::add(bus::Reply<> reply, const ports::Caller& caller, const std::string& name,
                        const std::vector<std::string>& exec) {
  if (auto allowed = check_caller(caller); !allowed) return reply.fail(allowed.error());
  auto service = service_of(name, exec);
  if (!service) return reply.fail(service.error());
  run([folder = service_dir_, service = *std::move(service)] {
    return write_service(folder, service);
  }, std::move(reply));
}

void ClassRegistry::remove(bus::Reply<> reply, const ports::Caller& caller,
                           const std::string& name) {
  if (auto allowed = check_caller(caller); !allowed) return reply.fail(allowed.error());
  auto known = bus_name(name);
  if (!known) return reply.fail(known.error());
  run([folder = service_dir_, known = *std::move(known)] {
    return remove_service(folder, known);
  }, std::move(reply));
}

void ClassRegistry::list(bus::Reply<std::vector<bus::ListedClass>> reply) {
  auto slot = bus_.call_async<std::vector<std::string>>(
      {bus::daemon_name, bus::daemon_path, bus::daemon_interface, "ListNames", bus::usual_limit},
      [folder = service_dir_, reply = std::move(reply)](
          const bus::Outcome<std::vector<std::string>>& answer) mutable {
        if (!answer) return reply.fail(answer.error().error());
        const std::vector<std::string>& running = std::get<0>(*answer);
        std::vector<bus::ListedClass> classes;
        for (ServiceFile& service : read_services(folder)) {
          if (core::is_clsid_name(service.name) && service.exec.back() == embedding)
            service.exec.pop_back();
          classes.push_back({service.name, std::move(service.exec),
                             std::ranges::find(running, service.name) != running.end()});
        }
        reply.send(classes);
      });
  slot.detach();
}

}  // namespace backhaul::dbus
