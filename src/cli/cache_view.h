// SPDX-License-Identifier: Apache-2.0
// What is kept for neighbours, and the neighbours, as they are shown.
#pragma once

#include <backhaul/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "cli/json.h"
#include "cli/view.h"

namespace backhaul::cli {

// With a last line about all of them together, and what they may have.
std::string render_cache(const std::vector<CacheRecordInfo>& records, const PeerCacheSettings& settings,
                         const TableStyle& style);
// As key=value, a line each.
std::string render_record(const CacheRecordInfo& record, bool utf8);
void write_record(Json& json, const CacheRecordInfo& record);

// Below by what this machine is known to them.
std::string render_peers(const PeerStanding& own, const std::vector<PeerInfo>& peers, const TableStyle& style);
void write_standing(Json& json, const PeerStanding& own);
void write_peers(Json& json, const std::vector<PeerInfo>& peers);

// Those whose id begins with this word, of at least four characters.
std::vector<CacheRecordInfo> records_meant(const std::vector<CacheRecordInfo>& records, std::string_view word);

}  // namespace backhaul::cli
