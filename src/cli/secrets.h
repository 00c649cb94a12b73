// SPDX-License-Identifier: Apache-2.0
// Credentials, certificates and headers, as a command line names them. A password is never a word of it: other users
// see those, and shells keep them.
#pragma once

#include <backhaul/types.h>

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"

namespace backhaul::cli {

// Of --login and --negotiate, with --scheme and --target; without a scheme a name serves for Basic and
// Digest. The password is read from --password-file, or from the terminal. The error is a sentence.
std::expected<std::vector<Credentials>, std::string> read_credentials(const Arguments& arguments);
// The schemes that --scheme and --negotiate name; none: all of them.
std::expected<std::vector<AuthScheme>, std::string> named_schemes(const Arguments& arguments);
AuthTarget named_target(const Arguments& arguments);

// `certificate`: a file or a URI; empty: one of a store, which --hash or --subject name.
std::expected<ClientCertificate, std::string> read_certificate(const Arguments& arguments,
                                                               const std::string& certificate);

// The lines of all --header, those of @FILE included. Unset: there is none.
std::expected<std::optional<std::string>, std::string> read_headers(const Arguments& arguments);

}  // namespace backhaul::cli
