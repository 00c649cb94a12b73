// SPDX-License-Identifier: Apache-2.0
// Client certificates as files: in PEM, the key in the same file or in one of its own, or in PKCS #12. A
// store is a folder of such files, each certificate with its key (FILE.key beside it, or in the file).
// Blocking; for a worker.
#pragma once

#include <string>

#include "adapters/posix/access.h"
#include "base/result.h"
#include "core/client_certificate.h"

namespace backhaul::posix {

// Where the stores are, by their location.
struct CertificateFolders {
  std::string of_user;  // empty: none
  std::string of_machine = "/etc/backhaul/certificates";
};

// What it is (ports::Files::check). A token is not looked at.
base::Result<core::ClientCertificate> find_certificate(Access& access, const core::CertificateWanted& wanted,
                                                       const CertificateFolders& folders);
// The folder that is looked into, or that of the file.
std::string folder_of(const core::CertificateWanted& wanted, const CertificateFolders& folders);

}  // namespace backhaul::posix
