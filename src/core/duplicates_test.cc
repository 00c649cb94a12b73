// SPDX-License-Identifier: Apache-2.0
#include "core/duplicates.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace backhaul::core {
namespace {

using Addresses = std::vector<std::string>;

const std::string digest_of_all = "sha256:" + std::string(64, 'a');

File file_with_digest(const std::string& url = "https://host.example/x") {
  File file;
  file.remote = url;
  file.remote_identity = {.size = 100, .digest = base::Text(digest_of_all)};
  return file;
}

Addresses kept_of(const File& file, const Addresses& named, const Job& job = {}, const Policy& policy = {}) {
  File row = file;
  row.rare.edit().duplicates = kept_duplicates(policy, job, file, named);
  Addresses all;
  first_duplicate(row, [&](const std::string& one) {
    all.push_back(one);
    return false;
  });
  return all;
}

TEST(Duplicates, AreKeptInTheOrderInWhichTheyAreNamed) {
  const Addresses named{"https://b.example/x", "https://a.example/x?y", "https://c.example/x"};
  EXPECT_EQ(kept_of(file_with_digest(), named), named);
  EXPECT_EQ(kept_of(file_with_digest(), {}), Addresses());
  EXPECT_FALSE(kept_duplicates({}, {}, file_with_digest(), {})) << "a row without any costs nothing";
}

TEST(Duplicates, AreAsPublicAsTheAddressOfTheFile) {
  const File secure = file_with_digest();
  for (const char* wrong : {"http://b.example/x", "ftp://b.example/x", "/a/file", "file:///a/file", "b.example/x",
                            "https://me@b.example/x", "https://me:pw@b.example/x", "https://", "https://b.example/a b",
                            "https://localhost/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/x",
                            "https://192.168.1.1/x", "https://[fe80::1]/x", "https://[::ffff:10.0.0.1]/x", "https://[::ffff:a00:1]/x",
                            "https://[::]/x", "https://router/x", "https://nas.local/x"})
    EXPECT_EQ(kept_of(secure, {wrong, "https://b.example/x"}), Addresses{"https://b.example/x"}) << wrong;
  const File plain = file_with_digest("http://host.example/x");
  EXPECT_EQ(kept_of(plain, {"http://b.example/x", "https://b.example/x", "http://10.0.0.1/x"}),
            (Addresses{"http://b.example/x", "https://b.example/x"}));
  const File near = file_with_digest("http://10.0.0.2/x");
  EXPECT_EQ(kept_of(near, {"http://10.0.0.1/x", "http://b.example/x"}), (Addresses{"http://10.0.0.1/x", "http://b.example/x"}));
}

TEST(Duplicates, ThatAreNoOtherAddressAreNotKept) {
  File file = file_with_digest();
  file.rare.edit().mirrors = Mirrors{.addresses = "https://m.example/x\nhttps://n.example/x"};
  EXPECT_EQ(kept_of(file, {"https://host.example/x", "https://n.example/x", "https://b.example/x", "https://b.example/x"}),
            Addresses{"https://b.example/x"});
}

TEST(Duplicates, AreFewAndShort) {
  Addresses many{"https://b.example/" + std::string(duplicate_octets_max, 'a')};
  for (int i = 0; i < 20; ++i) many.push_back("https://b.example/" + std::to_string(i));
  const Addresses few = kept_of(file_with_digest(), many);
  EXPECT_EQ(few, Addresses(many.begin() + 1, many.begin() + 1 + duplicates_max));
}

NotAsked why_with(const auto& change) {
  Policy policy;
  Job job;
  File file = file_with_digest();
  change(policy, job, file);
  const NotAsked why = why_no_duplicates(policy, job, file);
  EXPECT_EQ(kept_of(file, {"https://b.example/x"}, job, policy).empty(), why != NotAsked::none);
  return why;
}

TEST(Duplicates, AreAskedForWhatEverybodyGetsWhereADigestTellsWhatItIs) {
  EXPECT_EQ(why_with([](Policy&, Job&, File&) {}), NotAsked::none);
  EXPECT_EQ(why_with([](Policy& policy, Job&, File&) { policy.site.duplicates.value = false; }), NotAsked::off);
  EXPECT_EQ(why_with([](Policy&, Job& job, File&) { job.rare.edit().secrets = SecretsSet(); }), NotAsked::own_way);
  EXPECT_EQ(why_with([](Policy&, Job& job, File&) { job.rare.edit().security_flags = 1; }), NotAsked::own_way);
  EXPECT_EQ(why_with([](Policy&, Job& job, File&) { job.rare.edit().http_method = base::Method("POST"); }), NotAsked::own_way);
  EXPECT_EQ(why_with([](Policy&, Job& job, File&) { job.certificate_check = CertificateCheck(); }), NotAsked::own_way);
  EXPECT_EQ(why_with([](Policy&, Job& job, File&) { job.rare.edit().dynamic_content = true; }), NotAsked::pieces);
  EXPECT_EQ(why_with([](Policy&, Job& job, File&) { job.rare.edit().on_demand_mode = true; }), NotAsked::pieces);
  EXPECT_EQ(why_with([](Policy&, Job&, File& file) { file.moved = true; }), NotAsked::addresses);
  EXPECT_EQ(why_with([](Policy&, Job&, File& file) { file.remote = "https://{7}@host.example/x"; }), NotAsked::address);
  EXPECT_EQ(why_with([](Policy&, Job&, File& file) { file.rare.edit().neighbours = FileNeighbours{.origin_only = true}; }),
            NotAsked::origin_only);
  EXPECT_EQ(why_with([](Policy&, Job&, File& file) { file.remote_identity.size = base::size_unknown; }), NotAsked::version);
  EXPECT_EQ(why_with([](Policy&, Job&, File& file) { file.rare.edit().expected = Expected{.size = 99}; }), NotAsked::version);
  EXPECT_EQ(why_with([](Policy&, Job&, File& file) { file.remote_identity.digest = {}; }), NotAsked::digest);
  EXPECT_EQ(why_with([](Policy&, Job&, File& file) {
              file.remote_identity.digest = {};
              file.rare.edit().digests = digest_of_all;
            }),
            NotAsked::none);
  EXPECT_EQ(why_with([](Policy&, Job& job, File&) { job.rare.edit().proxy.edit().usage = ProxyUsage::none; }), NotAsked::none)
      << "they are asked by the way that the job goes";
}

}  // namespace
}  // namespace backhaul::core
