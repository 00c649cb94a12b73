// SPDX-License-Identifier: Apache-2.0
#include "core/source.h"

#include <utility>

namespace backhaul::core {

bool may_vouch_for_version(const Source& source) {
  switch (source.kind) {
    case SourceKind::origin: return true;
    case SourceKind::mirror: return source.digest;
    case SourceKind::cache_host:
    case SourceKind::peer:
    case SourceKind::site_proxy:
    case SourceKind::swarm: return false;
  }
  std::unreachable();
}

bool keeps_copies(const Source& source) {
  return source.kind != SourceKind::origin && source.kind != SourceKind::mirror;
}

}  // namespace backhaul::core
