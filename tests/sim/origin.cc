// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/origin.h"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/result.h"
#include "tests/sim/content.h"

namespace backhaul::sim {

std::string http_date(std::uint64_t seconds) {
  using namespace std::chrono;
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const sys_seconds time{std::chrono::seconds(seconds)};
  const sys_days day = floor<std::chrono::days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  char text[40];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[weekday{day}.c_encoding()], static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

Version Origin::make_version(std::uint64_t size, bool modified, bool etag) {
  Version version;
  version.number = ++last_version_;
  version.size = size;
  if (modified) version.last_modified = http_date(1'700'000'000 + 60U * version.number);
  if (etag) version.etag = "\"v" + std::to_string(version.number) + "\"";
  versions_[version.number] = version;
  return version;
}

RemoteFile& Origin::serve(const std::string& url, std::uint64_t size) {
  RemoteFile& file = files_[url];
  BH_ASSERT(file.versions.empty());
  file.url = url;
  file.versions.push_back(make_version(size, true, false));
  return file;
}

RemoteFile& Origin::mirror(const std::string& url, const std::string& of) {
  RemoteFile& file = files_[url];
  BH_ASSERT(file.versions.empty());
  file.url = url;
  file.versions = find(of)->versions;
  return file;
}

std::string digest_of(const Version& version) {
  Content content;
  content.write(0, version.number, 0, version.size);
  return "sha256:" + content.digest(32);
}

std::vector<std::string> piece_digests_of(const Version& version, std::uint64_t length) {
  Content content;
  content.write(0, version.number, 0, version.size);
  const core::Pieces pieces{{core::DigestAlgorithm::sha256, length},
                            content.pieces({core::DigestAlgorithm::sha256, length})};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < pieces.count(); ++i) texts.push_back("sha256:" + std::string(pieces.digest(i)));
  return texts;
}

void Origin::change(const std::string& url, std::uint64_t size) {
  RemoteFile& file = *find(url);
  const Version& old = file.current();
  file.versions.push_back(make_version(size, !old.last_modified.empty(), !old.etag.empty()));
}

RemoteFile* Origin::find(const std::string& url) {
  auto it = files_.find(url);
  return it == files_.end() ? nullptr : &it->second;
}

const Version* Origin::version(std::uint32_t number) const {
  auto it = versions_.find(number);
  return it == versions_.end() ? nullptr : &it->second;
}

namespace {

core::ResponseHead part_of(const Version& version, std::uint64_t from,
                           std::optional<std::uint64_t> until, bool sized) {
  const std::uint64_t end = std::min(until.value_or(version.size), version.size);
  core::ResponseHead head;
  if (from >= version.size) {
    head.status = 416;
    head.content_range = core::ContentRange{.first = {}, .last = {}, .total = version.size};
    return head;
  }
  head.status = 206;
  head.content_range =
      core::ContentRange{.first = from, .last = end - 1, .total = version.size};
  if (sized)
    head.content_length = end - from;
  else
    head.chunked = true;
  return head;
}

void end_half_way(core::ResponseHead& head) {
  core::ContentRange& range = *head.content_range;
  range.last = *range.first + (*range.last - *range.first) / 2;
  if (head.content_length) head.content_length = *range.last - *range.first + 1;
}

core::ResponseHead whole_of(const Version& version, bool sized) {
  core::ResponseHead head;
  head.status = 200;
  if (sized)
    head.content_length = version.size;
  else
    head.chunked = true;
  return head;
}

// Three of them take turns.
std::string tag_of_node(const RemoteFile& file, const Version& version) {
  return "\"n" + std::to_string(file.requests % 3) + "v" + std::to_string(version.number) + "\"";
}

bool comes_in_parts(const RemoteFile& file, const core::Ask& ask) {
  return !ask.more.empty() && file.several != Several::first && file.several != Several::whole &&
         file.several != Several::merged;
}

core::ResponseHead in_parts() {
  core::ResponseHead head;
  head.status = 206;
  head.content_type = "multipart/byteranges";
  head.boundary = "between";
  head.chunked = true;
  return head;
}

core::ResponseHead page(unsigned status) {
  core::ResponseHead head;
  head.status = status;
  return head;
}

}  // namespace

core::ResponseHead answer(const RemoteFile& file, const Version& version, const core::Ask& ask,
                          const Fault& fault) {
  const bool refused = fault.kind == FaultKind::refuses && ask.from;
  if (fault.kind == FaultKind::status || refused) {
    core::ResponseHead head = page(static_cast<unsigned>(fault.number));
    if (fault.retry_after)
      head.retry_after = std::to_string(
          std::chrono::duration_cast<std::chrono::seconds>(*fault.retry_after).count());
    return head;
  }
  if (fault.kind == FaultKind::redirects) {
    core::ResponseHead head = page(302);
    head.location = file.url;
    return head;
  }
  // Only in the way of somebody who holds something: else it would be the file.
  if (fault.kind == FaultKind::bare && ask.from) return whole_of({.size = 780}, true);
  const std::string etag = file.varies ? tag_of_node(file, version) : version.etag;
  const bool right = ask.if_range == version.last_modified || ask.if_range == etag;
  const bool condition_holds = ask.if_range.empty() || (right && file.heeds_conditions);
  const bool sized = file.tells_size && fault.kind != FaultKind::no_length;
  core::ResponseHead head;
  if (fault.kind == FaultKind::denies && ask.from)
    head = whole_of({.size = version.size + 1}, true);
  else if (!ask.from || !file.does_ranges || !condition_holds || fault.kind == FaultKind::whole ||
           (!ask.more.empty() && file.several == Several::whole))
    head = whole_of(version, sized);
  else if (comes_in_parts(file, ask))
    head = in_parts();
  else if (!ask.more.empty() && file.several == Several::merged)
    head = part_of(version, *ask.from, ask.more.back().end, sized);
  else
    head = part_of(version, fault.kind == FaultKind::odd_range ? *ask.from / 2 : *ask.from,
                   ask.until, sized);
  if (fault.kind == FaultKind::piece && head.content_range && head.status == 206) end_half_way(head);
  head.version_major = head.version_minor = 1;
  head.last_modified = version.last_modified;
  head.etag = etag;
  head.for_one = file.for_one;
  head.torrent = file.torrent;
  for (const std::string& one : file.duplicates) head.duplicates.push_back({one});
  if (file.tells_digest) head.repr_digest = digest_of(version);
  head.accept_ranges = file.does_ranges;
  if (fault.kind == FaultKind::encoded) head.content_encoding = "gzip";
  return head;
}

std::vector<core::ContentRange> parts_of(const RemoteFile& file, const Version& version, const core::Ask& ask) {
  const auto part = [&](core::Extent bytes) {
    return core::ContentRange{.first = bytes.begin, .last = std::min(bytes.end, version.size) - 1, .total = version.size};
  };
  std::vector<core::ContentRange> parts{part({*ask.from, *ask.until})};
  for (const core::Extent& bytes : ask.more)
    if (bytes.begin < version.size) parts.push_back(part(bytes));
  switch (file.several) {
    case Several::backwards: std::ranges::reverse(parts); break;
    case Several::fewer: parts.pop_back(); break;
    case Several::another: parts[1 % parts.size()].total = version.size + 1; break;
    case Several::broken: parts.resize(1), parts.push_back({}); break;
    default: break;
  }
  return parts;
}

}  // namespace backhaul::sim
