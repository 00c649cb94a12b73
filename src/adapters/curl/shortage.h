// SPDX-License-Identifier: Apache-2.0
// Whether a request failed because this process has no descriptor left. libcurl does not say: the
// resolver "cannot resolve", a certificate file "cannot be read", and the servers get the blame.
#pragma once

namespace backhaul::curl {

// The errno for which `count` descriptors cannot be had now; 0: they can.
int short_of_descriptors(int count);
// Is this errno one of what the process itself ran out of?
bool is_shortage(long error);

}  // namespace backhaul::curl
