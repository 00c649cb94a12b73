// SPDX-License-Identifier: Apache-2.0
#include "tests/support/test_ca.h"

#include <vector>

#include "base/result.h"
#include "tests/support/process.h"

namespace backhaul::test {
namespace {

void openssl(std::vector<std::string> arguments, const std::string& log) {
  arguments.insert(arguments.begin(), "openssl");
  BH_ASSERT(run_program(arguments, log) == 0);
}

}  // namespace

// `openssl ca` is used, because it alone can make a certificate that has expired.
TestCa::TestCa() : ca_file_(dir_ / "ca.pem"), ca_key_(dir_ / "ca.key") {
  write_file(dir_ / "index.txt", "");
  write_file(dir_ / "serial", "01\n");
  write_file(dir_ / "ca.conf",
             "[ca]\ndefault_ca = test\n[test]\ndatabase = " + (dir_ / "index.txt") +
                 "\nserial = " + (dir_ / "serial") + "\nnew_certs_dir = " + dir_.path().string() +
                 "\ncertificate = " + ca_file_ + "\nprivate_key = " + ca_key_ +
                 "\ndefault_md = sha256\npolicy = any\nunique_subject = no\n"
                 "[any]\ncommonName = supplied\n");
  openssl({"req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
           "-keyout", ca_key_, "-out", ca_file_, "-days", "2", "-subj", "/CN=backhaul test",
           "-addext", "keyUsage=critical,keyCertSign,cRLSign"},
          dir_ / "log");
}

Certificate TestCa::issue(const CertificateRequest& request) {
  const std::string name = "server" + std::to_string(++issued_);
  const Certificate made{dir_ / (name + ".pem"), dir_ / (name + ".key")};
  const std::string extensions = dir_ / (name + ".ext");
  write_file(extensions, "subjectAltName = " + request.names +
                             "\nextendedKeyUsage = " + request.usage + '\n' +
                             (request.lists.empty() ? std::string()
                                                    : "crlDistributionPoints = URI:" + request.lists + '\n'));
  openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
           made.key_file, "-out", dir_ / (name + ".csr"), "-subj", "/CN=" + name},
          dir_ / "log");
  std::vector<std::string> sign = {"ca",      "-batch",   "-notext",  "-config",
                                   dir_ / "ca.conf", "-in", dir_ / (name + ".csr"), "-out",
                                   made.chain_file,  "-extfile", extensions};
  if (request.expired) {
    sign.insert(sign.end(), {"-startdate", "20010101000000Z", "-enddate", "20010201000000Z"});
  } else {
    sign.insert(sign.end(), {"-days", "1"});
  }
  openssl(std::move(sign), dir_ / "log");
  return made;
}

void TestCa::revoke(const Certificate& certificate) {
  openssl({"ca", "-config", dir_ / "ca.conf", "-revoke", certificate.chain_file}, dir_ / "log");
}

std::string TestCa::list(bool expired) {
  std::vector<std::string> make = {"ca", "-gencrl", "-config", dir_ / "ca.conf", "-out", dir_ / "list.pem"};
  if (expired) {
    make.insert(make.end(), {"-crl_lastupdate", "20010101000000Z", "-crl_nextupdate", "20010201000000Z"});
  } else {
    make.insert(make.end(), {"-crldays", "1"});
  }
  openssl(std::move(make), dir_ / "log");
  openssl({"crl", "-in", dir_ / "list.pem", "-outform", "DER", "-out", dir_ / "list.der"}, dir_ / "log");
  return read_file(dir_ / "list.der");
}

}  // namespace backhaul::test
