// SPDX-License-Identifier: Apache-2.0
// Metalink 4 (RFC 5854): an XML document that tells of files where they lie, and what they have to be.
#ifndef BACKHAUL_METALINK_H
#define BACKHAUL_METALINK_H

#include <string>
#include <vector>

#include "backhaul/export.h"
#include "backhaul/result.h"
#include "backhaul/types.h"

namespace backhaul {

struct MetalinkFile {
  // Where it is to lie beneath a directory of the caller's choice: a relative path that never leads out of it.
  std::string name;
  // Without a local name. The addresses are http and https, the best ones first; others are left out, and so
  // are digests of unknown algorithms and those that are too weak, which may still tell which piece is wrong.
  FileSpec spec;
  // An OpenPGP signature that came along; FileSpec::signature has it verified together with a key.
  std::string signature;
  // Types of digests of the whole file that were told and are not checked, as the document names them (sha-1, md5),
  // where none is told that is, of the whole or of its pieces.
  std::vector<std::string> unchecked;
};

// Nothing is read or fetched beside the text. E_INVALIDARG, with the line: it is no Metalink 4, has a document
// type (entities are never expanded), a name that leads elsewhere, a file without an address, or more than
// anybody needs (16 MiB, 100,000 files).
BACKHAUL_API Result<std::vector<MetalinkFile>> parse_metalink(const std::string& text);

}  // namespace backhaul

#endif
