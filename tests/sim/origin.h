// SPDX-License-Identifier: Apache-2.0
// The servers of a simulated world: files with versions, what they tell about them, and what goes
// wrong with the next requests.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "core/certificate.h"
#include "core/conversation.h"
#include "core/http.h"

namespace backhaul::sim {

struct Version {
  std::uint32_t number = 0;  // unique in the world
  std::uint64_t size = 0;
  std::string last_modified;
  std::string etag;
};

// What a server gives to whom asks for several ranges in one request.
enum class Several : std::uint8_t {
  first,     // the first of them
  parts,     // all of them, in parts
  whole,     // the whole file
  backwards, // the last one first
  merged,    // everything from the first to the last
  fewer,     // the last one is missing
  another,   // the second one is of a file of another size
  broken,    // behind the first nothing that could be understood
};

enum class FaultKind : std::uint8_t {
  none,
  refuse,       // WINHTTP_CANNOT_CONNECT
  status,       // `number`; with `retry_after`
  cut,          // the connection breaks after `number` bytes of the body
  stall,        // nothing comes after `number` bytes; five minutes later the transport gives up
  whole,        // ignores the range and the condition: 200
  odd_range,    // a 206 that begins earlier
  bare,         // a page without validators: 200
  denies,       // 200 with the validators of the file and another length
  refuses,      // `number` to a request with Range
  encoded,      // Content-Encoding: gzip
  no_length,    // this answer does not tell the size
  redirects,    // to itself, by a 302
  written,      // after `number` bytes its sender finds that the file was written to meanwhile
  piece,        // a 206 that ends half-way; the rest has to be asked for again
};

struct Fault {
  FaultKind kind = FaultKind::none;
  std::uint64_t number = 0;
  std::optional<base::Microseconds> retry_after;
};

struct RemoteFile {
  std::string url;
  std::vector<Version> versions;
  bool tells_size = true;
  bool does_ranges = true;
  Several several = Several::first;
  bool heeds_conditions = true;  // false: any If-Range gets the whole file
  bool varies = false;           // its nodes tell tags of their own
  bool uniform = false;          // one repeated byte: no sample of it proves a version
  bool for_one = false;          // its answers are for whoever asks
  bool tells_digest = false;     // Repr-Digest, of the bytes that it should send
  bool corrupts = false;         // … and these are others
  std::uint64_t sent = 0;        // so many octets of it were given away
  core::Extents bad{};           // likewise these places of it alone
  base::Microseconds latency = std::chrono::seconds(1);
  std::uint64_t rate = 1000;  // bytes per second
  std::deque<Fault> faults;   // of the next requests, in order; healthy afterwards
  std::optional<Fault> always;
  std::uint32_t requests = 0;
  std::string torrent;  // where its server says that one of it is
  std::vector<std::string> duplicates;  // likewise that it lies as well
  std::optional<std::string> password;  // of "user", by Basic; unset: it is for everybody
  // The https servers that a request comes through, redirects first; none: http.
  std::vector<core::ServerCertificate> servers;

  const Version& current() const { return versions.back(); }
  RemoteFile& fault(Fault fault) { return faults.push_back(fault), *this; }
};

class Origin {
 public:
  RemoteFile& serve(const std::string& url, std::uint64_t size);
  // The same versions at another address, as another server has them.
  RemoteFile& mirror(const std::string& url, const std::string& of);
  // Another version takes its place; requests that are under way still deliver the old one.
  void change(const std::string& url, std::uint64_t size);
  RemoteFile* find(const std::string& url);
  const Version* version(std::uint32_t number) const;
  std::map<std::string, RemoteFile>& files() { return files_; }

 private:
  Version make_version(std::uint64_t size, bool modified, bool etag);

  std::map<std::string, RemoteFile> files_;
  std::map<std::uint32_t, Version> versions_;
  std::uint32_t last_version_ = 0;
};

// What the server answers to a request for `file`.
core::ResponseHead answer(const RemoteFile& file, const Version& version, const core::Ask& ask,
                          const Fault& fault);

// What somebody who knows the file expects of it: "sha256:HEX".
std::string digest_of(const Version& version);
// Of its pieces, each "sha256:HEX".
std::vector<std::string> piece_digests_of(const Version& version, std::uint64_t length);

// The parts of an answer in parts, as their heads name them; one without an end is none that can be understood.
std::vector<core::ContentRange> parts_of(const RemoteFile& file, const Version& version, const core::Ask& ask);

std::string http_date(std::uint64_t seconds);

}  // namespace backhaul::sim
