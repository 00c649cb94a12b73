// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/certificate_targets.h"

#include <openssl/x509.h>

#include <memory>

#include "adapters/neighbours/certificate.h"
#include "adapters/neighbours/machine_key.h"
#include "adapters/neighbours/trust.h"
#include "base/hex.h"
#include "tests/support/recording_log.h"
#include "tests/support/temp_dir.h"

namespace backhaul::fuzz {
namespace {

std::string der_of(const std::string& pem) {
  const auto certificate = neighbours::certificate_of_pem(pem);
  BH_ASSERT(certificate != nullptr);
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate.get(), &der);
  BH_ASSERT(size > 0);
  std::string octets(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return octets;
}

// Whoever is trusted has the one key of the list.
std::string take_certificate(const std::string& key, std::string_view octets) {
  core::NeighbourRules rules;
  rules.fixed.value.push_back({.key = key, .host = "host", .port = 1, .name = {}});
  auto trust = neighbours::Trust::of(rules);
  BH_ASSERT(trust.has_value());
  const auto judged = trust->judge({std::string(octets), std::string(octets)});
  if (judged && *judged != key) return "somebody else is trusted";
  for (const auto& shown : {neighbours::certificate_of_der(octets), neighbours::certificate_of_pem(octets)}) {
    if (!shown) continue;
    const std::string told = neighbours::key_of(*shown);
    if (!told.empty() && (told.size() != 64 || !base::is_lower_hex(told))) return "a key that is none";
    static_cast<void>(neighbours::in_force(*shown));
  }
  return {};
}

struct AuthorityFiles {
  test::TempDir folder;
  test::RecordingLog log;
  neighbours::MachineKey machine = *neighbours::have_machine_key(folder.path().string(), log);

  // Whatever stands in the files of an authority, it has certified nobody here for both sides.
  std::string take(std::string_view octets, bool as_list) {
    core::NeighbourRules rules;
    rules.trust.value = core::NeighbourTrust::ca;
    rules.authority.value = folder / "site.pem";
    test::write_file(rules.authority.value, as_list ? std::string_view(machine.certificates) : octets);
    test::write_file(rules.authority.value + ".crl", as_list ? octets : std::string_view());
    auto trust = neighbours::Trust::of(rules);
    if (!trust) return {};
    return as_list && trust->judge({der_of(machine.certificates)}) ? "a list without a signature counts" : "";
  }
};

}  // namespace

std::vector<Target> certificate_targets() {
  const auto files = std::make_shared<AuthorityFiles>();
  const std::string der = der_of(files->machine.certificates);
  return {{.name = "certificate",
           .take = [key = files->machine.key](std::string_view octets) { return take_certificate(key, octets); },
           .seeds = {der, files->machine.certificates}},
          {.name = "authority",
           .take = [files](std::string_view octets) { return files->take(octets, false); },
           .seeds = {files->machine.certificates},
           .runs = 300},
          {.name = "revocation_list",
           .take = [files](std::string_view octets) { return files->take(octets, true); },
           .seeds = {"-----BEGIN X509 CRL-----\n"
                     "MIIBVzCBAgEBMA0GCSqGSIb3DQEBCwUAMBUxEzARBgNVBAMMCm5laWdoYm91cnM=\n"
                     "-----END X509 CRL-----\n"},
           .runs = 300}};
}

}  // namespace backhaul::fuzz
