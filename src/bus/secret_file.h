// SPDX-License-Identifier: Apache-2.0
// What org.backhaul.Secret1 gives: the user, a NUL and the password, in a memory file (memfd) that is sealed against
// writing, growing and shrinking. Of such a file alone it is certain that reading it waits for nobody, and that what
// was looked at is what is read.
#pragma once

#include <cstddef>

#include "base/result.h"
#include "base/secret.h"
#include "bus/process.h"

namespace backhaul::bus {

struct UserAndPassword {
  base::Secret user;
  base::Secret password;
};

// More than the longest user and password have, so that theirs are the limits that are told.
inline constexpr std::size_t secret_file_max = 256 * 1024;

// E_INVALIDARG: one of them holds a NUL or is no UTF-8.
base::Result<FileDescriptor> make_secret_file(const UserAndPassword& secret);
// E_INVALIDARG: it is no such file. The descriptor stays open.
base::Result<UserAndPassword> read_secret_file(int descriptor);

}  // namespace backhaul::bus
