// SPDX-License-Identifier: Apache-2.0
// An option of libcurl that it has to know and take.
#pragma once

#include <curl/curl.h>

#include "base/result.h"

namespace backhaul::curl {

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  BH_ASSERT(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

}  // namespace backhaul::curl
