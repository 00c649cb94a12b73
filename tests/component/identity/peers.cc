// SPDX-License-Identifier: Apache-2.0
#include "tests/component/identity/peers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>

#include "base/result.h"
#include "loop/loop.h"
#include "tests/support/wait_until.h"

namespace backhaul::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

// Free a moment ago. None of these programs takes over a socket.
std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  BH_ASSERT(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  socklen_t size = sizeof address;
  BH_ASSERT(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

bool answers(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  const bool connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

void wait_for(std::uint16_t port, Process& process) {
  loop::Loop idle;
  BH_ASSERT(wait_until(idle, [&] { return answers(port) || !process.running(); }));
  BH_ASSERT(answers(port));
}

void run(const std::vector<std::string>& command, const std::string& output) {
  if (run_program(command, output) == 0) return;
  std::fprintf(stderr, "%s failed: %s\n", command.front().c_str(), read_file(output).c_str());
  BH_ASSERT(false);
}

bool is_installed(const std::string& path) { return access(path.c_str(), X_OK) == 0; }

// Servers that give up root read their files as somebody else.
void open_folder(const TempDir& dir) { chmod(dir.path().c_str(), 0777); }

constexpr const char* modules = "/usr/lib/apache2/modules/";

}  // namespace

// --- the KDC ---------------------------------------------------------------------------------------

bool Kdc::available() {
  return is_installed("/usr/sbin/krb5kdc") && is_installed("/usr/sbin/kadmin.local") && have_program("kinit");
}

Kdc::Kdc() {
  open_folder(dir_);
  const std::uint16_t port = free_port();
  const std::string at = "127.0.0.1:" + std::to_string(port);
  write_file(dir_ / "krb5.conf",
             "[libdefaults]\ndefault_realm = TEST\ndns_lookup_kdc = false\ndns_lookup_realm = false\nrdns = false\n"
             "dns_canonicalize_hostname = false\nudp_preference_limit = 1\n[realms]\nTEST = {\nkdc = " + at +
                 "\n}\n[domain_realm]\nlocalhost = TEST\n");
  write_file(dir_ / "kdc.conf", "[kdcdefaults]\nkdc_listen = " + at + "\nkdc_tcp_listen = " + at +
                                    "\n[realms]\nTEST = {\ndatabase_name = " + (dir_ / "principal") +
                                    "\nkey_stash_file = " + (dir_ / "stash") + "\nacl_file = " + (dir_ / "acl") +
                                    "\n}\n[logging]\nkdc = FILE:" + (dir_ / "kdc.log") + "\n");
  setenv("KRB5_CONFIG", (dir_ / "krb5.conf").c_str(), 1);
  setenv("KRB5_KDC_PROFILE", (dir_ / "kdc.conf").c_str(), 1);
  setenv("KRB5CCNAME", ("FILE:" + (dir_ / "tickets")).c_str(), 1);
  const std::string output = dir_ / "output";
  run({"/usr/sbin/kdb5_util", "create", "-s", "-r", "TEST", "-P", "master"}, output);
  for (const std::string& query :
       {std::string("addprinc -randkey HTTP/localhost@TEST"), "ktadd -k " + keytab() + " HTTP/localhost@TEST",
        std::string("addprinc -randkey user@TEST"), "ktadd -k " + (dir_ / "user.keytab") + " user@TEST"})
    run({"/usr/sbin/kadmin.local", "-r", "TEST", "-q", query}, output);
  chmod(keytab().c_str(), 0644);
  process_ = std::make_unique<Process>(std::vector<std::string>{"/usr/sbin/krb5kdc", "-n", "-r", "TEST"},
                                       std::vector<std::pair<std::string, std::string>>{}, -1, output);
  wait_for(port, *process_);
}

Kdc::~Kdc() {
  process_.reset();
  for (const char* name : {"KRB5_CONFIG", "KRB5_KDC_PROFILE", "KRB5CCNAME"}) unsetenv(name);
}

void Kdc::log_in() { run({"kinit", "-k", "-t", dir_ / "user.keytab", "user@TEST"}, dir_ / "output"); }

void Kdc::log_out() { std::filesystem::remove(dir_ / "tickets"); }

// --- Apache ----------------------------------------------------------------------------------------

bool Apache::available() { return is_installed("/usr/sbin/apache2") && have_program("htpasswd"); }

Apache::Apache(const std::string& keytab) : port_(free_port()) {
  open_folder(dir_);
  for (const char* place : {"basic", "digest", "negotiate"}) {
    std::filesystem::create_directories(dir_ / ("root/" + std::string(place)));
    write_file(dir_ / ("root/" + std::string(place) + "/f"), "content");
  }
  run({"htpasswd", "-cb", dir_ / "basic.users", user, password}, dir_ / "output");
  // user:realm:MD5(user:realm:password)
  write_file(dir_ / "digest.users", "user:realm:33d188a6793466cdf643526ba494ea52\n");
  std::ostringstream text;
  text << "ServerName localhost\nServerRoot " << dir_.path().string() << "\nListen 127.0.0.1:" << port_
       << "\nPidFile " << (dir_ / "pid") << "\nErrorLog " << (dir_ / "error.log") << "\nDefaultRuntimeDir "
       << dir_.path().string() << "\n";
  for (const char* module : {"mpm_event", "authn_core", "authn_file", "authz_core", "authz_user", "auth_basic",
                             "auth_digest"})
    text << "LoadModule " << module << "_module " << modules << "mod_" << module << ".so\n";
  if (!keytab.empty()) text << "LoadModule auth_gssapi_module " << modules << "mod_auth_gssapi.so\n";
  if (geteuid() == 0) text << "User www-data\nGroup www-data\n";
  text << "LogFormat \"%U %u\" short\nCustomLog " << (dir_ / "access.log") << " short\n"
       << "DocumentRoot " << (dir_ / "root") << "\n"
       << "<Location /basic>\nAuthType Basic\nAuthName realm\nAuthUserFile " << (dir_ / "basic.users")
       << "\nRequire valid-user\n</Location>\n"
       << "<Location /digest>\nAuthType Digest\nAuthName realm\nAuthDigestProvider file\nAuthUserFile "
       << (dir_ / "digest.users") << "\nRequire valid-user\n</Location>\n";
  if (!keytab.empty()) {
    const std::string gssapi = "AuthType GSSAPI\nAuthName realm\nGssapiCredStore keytab:" + keytab +
                               "\nRequire valid-user\n";
    text << "<Location /negotiate>\n" << gssapi << "</Location>\n";
  }
  write_file(dir_ / "apache.conf", text.str());
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"/usr/sbin/apache2", "-DFOREGROUND", "-f", dir_ / "apache.conf"},
      // Where it remembers what was shown to it.
      std::vector<std::pair<std::string, std::string>>{{"TMPDIR", dir_.path().string()}}, -1, dir_ / "output");
  wait_for(port_, *process_);
}

std::string Apache::url(const std::string& path) const {
  return "http://localhost:" + std::to_string(port_) + path;
}

std::string Apache::log() const { return read_file(dir_ / "access.log"); }

std::string Apache::errors() const { return read_file(dir_ / "error.log"); }

// --- squid -----------------------------------------------------------------------------------------

bool Squid::available() {
  return is_installed("/usr/sbin/squid") && is_installed("/usr/lib/squid/basic_ncsa_auth") &&
         have_program("htpasswd");
}

bool Squid::negotiates() { return available() && is_installed("/usr/lib/squid/negotiate_kerberos_auth"); }

Squid::Squid(const std::string& keytab) : port_(free_port()) {
  open_folder(dir_);
  run({"htpasswd", "-cb", dir_ / "users", user, password}, dir_ / "output");
  std::ostringstream text;
  text << "http_port 127.0.0.1:" << port_ << "\npid_filename " << (dir_ / "pid")
       << "\nlogformat short %un\naccess_log stdio:" << (dir_ / "access.log") << " short\ncache_log "
       << (dir_ / "cache.log") << "\ncache deny all\nshutdown_lifetime 0 seconds\npinger_enable off\n"
       << "coredump_dir " << dir_.path().string() << "\n";
  if (keytab.empty())
    text << "auth_param basic program /usr/lib/squid/basic_ncsa_auth " << (dir_ / "users")
         << "\nauth_param basic realm realm\n";
  else  // without the memory of tickets, which lies where several tests would meet
    text << "auth_param negotiate program /usr/lib/squid/negotiate_kerberos_auth -t none -k " << keytab
         << " -s HTTP/localhost@TEST\n";
  text << "acl known proxy_auth REQUIRED\n"
       << "http_access allow known\nhttp_access deny all\n";
  write_file(dir_ / "squid.conf", text.str());
  process_ = std::make_unique<Process>(
      std::vector<std::string>{"/usr/sbin/squid", "-N", "-n", "t" + std::to_string(getpid()), "-f",
                               dir_ / "squid.conf"},
      std::vector<std::pair<std::string, std::string>>{}, -1, dir_ / "output");
  wait_for(port_, *process_);
}

std::string Squid::url() const { return "http://localhost:" + std::to_string(port_); }

std::string Squid::log() const { return read_file(dir_ / "access.log"); }

}  // namespace backhaul::test
