// SPDX-License-Identifier: Apache-2.0
#include "core/signature.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

// Made by minisign 0.11, of the file "abc".
const std::string minisign_key =
    "untrusted comment: minisign public key 46BB19C5EA9570A1\nRWShcJXqxRm7Rhuts5GGI0SFXhxZQwzWmAcCUtYhrjmGee30EiU4RjnV\n";
const std::string minisign_signature =
    "untrusted comment: signature from minisign secret key\n"
    "RUShcJXqxRm7Rs07+o6YNTRnQkdriaMVnGjYzzmQrYZwufa5BzK2l473BJvHRHxjO8AXoSAopkdbfMAA6kg5f5PPJw"
    "KiQLCfJQM=\n"
    "trusted comment: timestamp:1795968584\tfile:abc\thashed\n"
    "/Z4uTQ0ZOyuuMWxVg0TQ2bO19mZaGdhqWZZhHQ5wM2B1kEH4OrMjWI0JgR8jwis8cVFRr/N5muzIE6sOUKiCBw==\n";
const std::string other_key = "RWTNPMzjbzy9CVuYVJl1KFeAkCKjZwtV35EbCo60VBIJDQv7E/yaZBok";

const std::string pgp_signature =
    "-----BEGIN PGP SIGNATURE-----\nComment: x\n\niAEC\nAw==\n=7i5v\n-----END PGP SIGNATURE-----\n";
const std::string pgp_key =
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\r\n\r\niAECAw==\r\n-----END PGP PUBLIC KEY BLOCK-----\r\n";

TEST(Signatures, AreToldApart) {
  EXPECT_EQ(*judge_signature("", ""), std::nullopt);
  EXPECT_EQ(*judge_signature(minisign_signature, minisign_key), SignatureKind::minisign);
  EXPECT_EQ(*judge_signature(pgp_signature, pgp_key), SignatureKind::openpgp);
  EXPECT_EQ(*without_armour(pgp_signature), "\x88\x01\x02\x03");
  EXPECT_EQ(*without_armour(pgp_key), "\x88\x01\x02\x03");
}

TEST(Signatures, AKeyOfMinisignMayStandAlone) {
  const std::size_t line = minisign_key.find('\n') + 1;
  const std::string bare = minisign_key.substr(line, minisign_key.size() - line - 1);
  EXPECT_EQ(*judge_signature(minisign_signature, bare), SignatureKind::minisign);
  EXPECT_EQ(key_name({.pieces = {}, .key = bare}), "minisign 46BB19C5EA9570A1");
  File file;
  file.rare.edit().expected = Expected{.pieces = {}, .signature = minisign_signature, .key = minisign_key};
  EXPECT_EQ(signature_of(file)->key, bare);
}

TEST(Signatures, WhatIsNoneIsRefused) {
  const auto refused = [](std::string_view signature, std::string_view key) {
    const auto judged = judge_signature(signature, key);
    return !judged && judged.error().code == Code::E_INVALIDARG;
  };
  EXPECT_TRUE(refused(minisign_signature, ""));
  EXPECT_TRUE(refused("", minisign_key));
  EXPECT_TRUE(refused("nonsense", minisign_key));
  EXPECT_TRUE(refused(minisign_signature, "nonsense"));
  EXPECT_TRUE(refused(minisign_signature, pgp_key));
  EXPECT_TRUE(refused(pgp_signature, minisign_key));
  EXPECT_TRUE(refused(minisign_signature, other_key)) << "made by another key";
  EXPECT_TRUE(refused(pgp_signature.substr(0, pgp_signature.find("-----END")), pgp_key));
  EXPECT_TRUE(refused(std::string(signature_max + 1, 'a'), minisign_key));
}

}  // namespace
}  // namespace backhaul::core
