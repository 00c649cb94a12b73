// SPDX-License-Identifier: Apache-2.0
// The memory of libcurl, and whether a request failed because this process ran out of something. libcurl does not
// say. Without a descriptor the resolver "cannot resolve" and a certificate file "cannot be read", and the servers get
// the blame; and it is "out of memory" where a server sends a line that is longer than it takes.
#pragma once

#include <curl/curl.h>

#include <cstddef>

namespace backhaul::curl {

// The errno for which `count` descriptors cannot be had now; 0: they can.
int short_of_descriptors(int count);
// Is this errno one of what the process itself ran out of?
bool is_shortage(int error);

// curl_global_init() with allocations that count how often memory was refused. The first use of libcurl
// in the process, or nothing is counted.
CURLcode init_libcurl();
// How often libcurl asked for memory, in any thread, and got none.
unsigned refused_allocations();
void* allocate(std::size_t size);
// Large buffers that were given back stay for the next requests, a few of them, until it is said that none follow soon.
void drop_spare_buffers();

}  // namespace backhaul::curl
