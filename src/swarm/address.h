// SPDX-License-Identifier: Apache-2.0
// Which addresses may be asked. Pure.
#pragma once

#include <string_view>

namespace backhaul::swarmd {

// Why it is none, as the rest of a sentence: "is no address with http or https". Empty: it is one, without a name and a
// password, and two programs read nothing different out of it.
std::string_view obstacle_to_address(std::string_view url);
// … of a file that libtorrent asks for there, whether somebody is going to publish it or it is to be exchanged now.
std::string_view obstacle_to_web_seed(std::string_view url);

}  // namespace backhaul::swarmd
