// SPDX-License-Identifier: Apache-2.0
#include "core/weight.h"

#include <string_view>

namespace backhaul::core {
namespace {

std::uint64_t octets(std::string_view text) { return text.size(); }

std::uint64_t octets(const Author& author) { return octets(author.program); }

// By a template: a text is no Rare text of its own accord.
template <class Value>
std::uint64_t octets(const Rare<Value>& rare) {
  return rare ? octets(*rare) : 0;
}

std::uint64_t octets(const ObjectRegistration& object) {
  return sizeof(object) + octets(object.bus_id) + octets(object.unique_name) + octets(object.path);
}

std::uint64_t octets(const ErrorInfo& error) { return sizeof(error) + octets(error.text); }

std::uint64_t octets(const SecretsSet& secrets) {
  std::uint64_t sum = sizeof(secrets);
  for (const SecretRecord& record : secrets.all()) sum += sizeof(record) + octets(record.set_by);
  if (const ClientCertificate* of = secrets.certificate())
    sum += sizeof(*of) + octets(of->certificate) + octets(of->key) + octets(of->store) + octets(of->hash) +
           octets(of->subject);
  return sum;
}

std::uint64_t octets(const RareOfJob& rare) {
  std::uint64_t sum = sizeof(rare) + octets(rare.proxy->list) + octets(rare.proxy->bypass) + octets(rare.account) +
                      octets(rare.http_method.view());
  if (const auto& of = rare.proxy_environment)
    sum += sizeof(*of) + octets(of->http) + octets(of->https) + octets(of->all) + octets(of->bypass);
  if (rare.secrets) sum += octets(*rare.secrets);
  if (rare.takeover) sum += sizeof(*rare.takeover) + octets(rare.takeover->account);
  return sum;
}

std::uint64_t octets(const RareOfFile& rare) {
  std::uint64_t sum = sizeof(rare) + octets(rare.digests) + octets(rare.torrent) + octets(rare.duplicates) +
                      octets(rare.received) + octets(rare.neighbours->givers);
  if (const auto& mirrors = rare.mirrors) {
    sum += sizeof(*mirrors) + octets(mirrors->addresses);
    if (mirrors->passing) sum += octets(*mirrors->passing);
  }
  if (const auto& of = rare.expected)
    sum += sizeof(*of) + octets(of->pieces) + octets(of->signature) + octets(of->key);
  if (rare.demand) sum += sizeof(*rare.demand) + rare.demand->asked.size() * sizeof(Extent);
  return sum;
}

}  // namespace

std::uint64_t weigh(const Job& job) {
  std::uint64_t sum = sizeof(job) + octets(job.name) + octets(job.description) + octets(job.made_by) +
                      octets(job.application) + octets(job.notify_class->name) + octets(job.notify_class->path) +
                      octets(job.command->program) + octets(job.command->parameters) + octets(job.object_set_by) +
                      octets(job.class_set_by) + octets(job.command_set_by);
  if (job.rare) sum += octets(*job.rare);
  if (job.object) sum += octets(*job.object);
  if (const auto& check = job.certificate_check) sum += octets(check->object) + octets(check->accepted.text());
  if (job.error) sum += octets(*job.error);
  if (job.server_wish) sum += sizeof(*job.server_wish) + octets(job.server_wish->origin);
  return sum;
}

std::uint64_t weigh(const File& file) {
  const RemoteIdentity& told = file.remote_identity;
  std::uint64_t sum = sizeof(file) + octets(file.remote) + octets(file.local) + octets(file.root) +
                      octets(file.response_headers) + octets(told.last_modified) + octets(told.etag) +
                      octets(told.encoding) + octets(told.digest) + file.wanted.ranges().size() * sizeof(WantedRange);
  if (file.rare) sum += octets(*file.rare);
  return sum;
}

std::uint64_t weigh(const Shelf& shelf) {
  std::uint64_t sum = 0;
  for (const auto& [slot, sealed] : shelf) sum += octets(sealed);
  return sum;
}

}  // namespace backhaul::core
