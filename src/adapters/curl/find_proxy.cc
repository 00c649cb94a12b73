// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/find_proxy.h"

#include <dlfcn.h>
#include <netdb.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "adapters/curl/proxy_finder.h"

namespace backhaul::curl {
namespace {

// libproxy's interface, the same in all its versions. It is no dependency: where it is not installed
// there is no desktop to ask.
class Library {
 public:
  explicit Library(void* handle)
      : make_(reinterpret_cast<Make*>(dlsym(handle, "px_proxy_factory_new"))),
        ask_(reinterpret_cast<Ask*>(dlsym(handle, "px_proxy_factory_get_proxies"))) {
    if (make_ != nullptr && ask_ != nullptr) factory_ = make_();
  }
  bool works() const { return factory_ != nullptr; }

  std::vector<std::string> ask(const std::string& url) const {
    std::vector<std::string> proxies;
    char** list = ask_(factory_, url.c_str());
    for (char** one = list; one != nullptr && *one != nullptr; ++one) {
      proxies.emplace_back(*one);
      std::free(*one);
    }
    std::free(list);
    return proxies;
  }

 private:
  using Make = void*();
  using Ask = char**(void*, const char*);
  Make* make_;
  Ask* ask_;
  void* factory_ = nullptr;
};

// Without a plugin that runs them, scripts are passed over in silence.
bool runs_scripts(const Library& library) {
  static constexpr char script[] =
      "function FindProxyForURL(url, host) { return \"PROXY 127.0.0.1:9\"; }\n";
  const int file = memfd_create("script", 0);
  if (file < 0 || write(file, script, sizeof script - 1) != static_cast<ssize_t>(sizeof script - 1))
    return false;
  const std::string address = "pac+file:///proc/self/fd/" + std::to_string(file);
  setenv("http_proxy", address.c_str(), 1);
  const auto answer = library.ask("http://backhaul.invalid/");
  close(file);
  return answer.size() == 1 && answer[0].starts_with("http://127.0.0.1:9");
}

// Only what is asked for counts: this environment is that of whoever started the service.
void prepare_environment() {
  for (const char* name : {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy", "HTTP_PROXY",
                           "HTTPS_PROXY", "FTP_PROXY", "ALL_PROXY", "NO_PROXY"})
    unsetenv(name);
  // An interpreter is enough for a script of some lines, and a service may be forbidden to make code.
  setenv("JSC_useJIT", "0", 1);
}

// Where a network that has a script says that it is (WPAD by DNS, in the domains of the resolver).
bool network_has_script() {
  addrinfo* found = nullptr;
  const int error = getaddrinfo("wpad", "80", nullptr, &found);
  if (found != nullptr) freeaddrinfo(found);
  return error == 0;
}

// Where there is no script to be run, nobody has to be able to: as on Windows there is no proxy then.
int cannot(const std::string& whom, int why) {
  return whom == "network" && !network_has_script() ? finder_exit::found : why;
}

}  // namespace

int run_find_proxy(const std::string& whom, const std::string& url) {
  prepare_environment();
  void* handle = dlopen("libproxy.so.1", RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return cannot(whom, finder_exit::no_library);
  const Library library(handle);
  if (!library.works()) return cannot(whom, finder_exit::no_library);
  if (whom == "network") {
    setenv("PX_FORCE_CONFIG", "config-env", 1);
    if (!runs_scripts(library)) return cannot(whom, finder_exit::no_scripts);
    setenv("http_proxy", "wpad://", 1);
    setenv("https_proxy", "wpad://", 1);
  }
  const std::vector<std::string> proxies = library.ask(url);
  for (const std::string& proxy : proxies) std::printf("%s\n", proxy.c_str());
  // What libraries of others do at the end of a process is no answer.
  std::fflush(stdout);
  _exit(proxies.empty() ? finder_exit::no_answer : finder_exit::found);
}

}  // namespace backhaul::curl
