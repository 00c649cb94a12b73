// SPDX-License-Identifier: Apache-2.0
// Whether a signature holds, as the distribution's own program says: minisign; gpgv or sqv. What it reads
// comes from strangers, so it runs as a process of its own that has no network, can write nothing, and ends
// with its thread. Called on a worker: it takes as long as reading the file.
#pragma once

#include <atomic>
#include <string>

#include "base/result.h"
#include "core/signature.h"

namespace backhaul::posix {

// The path of the program; empty: none of them is installed.
std::string verifier_of(core::SignatureKind kind);
// FILE_NOT_FOUND: there is none, and what to do.
base::Error no_verifier(core::SignatureKind kind);

// Of the file that is open. Why it does not hold; empty: it does. An error: nobody could tell. E_ABORT: it
// was stopped, in any thread.
base::Result<std::string> check_signature(const core::Signature& signature, int file,
                                          const std::atomic<bool>& stopped);
// Likewise by a program of one's own choice, out of those that it knows.
base::Result<std::string> check_signature_by(const std::string& program, const core::Signature& signature, int file,
                                             const std::atomic<bool>& stopped);

}  // namespace backhaul::posix
