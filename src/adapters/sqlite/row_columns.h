// SPDX-License-Identifier: Apache-2.0
// The columns of every row, in order, named once for whoever writes, reads or lists them. Seen by rows.cc
// alone.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "adapters/sqlite/rows.h"

namespace backhaul::sqlite {

// --- The columns, in order ---------------------------------------------------------------------
// `Value` is const when it is written. An optional value is present when its first column is.
template <class Value, class Plain>
concept is = std::same_as<std::remove_const_t<Value>, Plain>;

template <class Visitor, is<base::StoredDeadline> Value>
void visit(Visitor& v, Value& deadline) {
  v.number("boot_id", deadline.boot_id);
  v.time("boot", deadline.boot);
  v.time("wall", deadline.wall);
  v.number("period", deadline.period);
}

template <class Visitor, is<core::Stuck> Value>
void visit(Visitor& v, Value& stuck) {
  v.time("since", stuck.since);
}

template <class Visitor, is<core::ObjectRegistration> Value>
void visit(Visitor& v, Value& object) {
  v.text("bus_id", object.bus_id);
  v.text("unique_name", object.unique_name);
  v.text("path", object.path);
  v.number("level", object.level);
  v.number("uid", object.uid);
  v.number("sequence", object.sequence);
}

template <class Visitor, is<core::CertificateCheck> Value>
void visit(Visitor& v, Value& validator) {
  visit(v, validator.object);
  v.accepted("accepted", validator.accepted);
}

template <class Visitor, is<core::ServerWish> Value>
void visit(Visitor& v, Value& wish) {
  v.text("origin", wish.origin);
  visit(v, wish.until);
  v.number("for_all", wish.for_all);
}

template <class Visitor, is<core::ClassRegistration> Value>
void visit(Visitor& v, Value& service) {
  v.text("name", service.name);
  v.text("path", service.path);
}

template <class Visitor, is<core::CommandRegistration> Value>
void visit(Visitor& v, Value& command) {
  v.text("program", command.program);
  v.text("parameters", command.parameters);
  v.number("uid", command.uid);
}

template <class Visitor, is<core::ProxySettings> Value>
void visit(Visitor& v, Value& proxy) {
  v.choice("usage", proxy.usage, core::ProxyUsage::detected);
  v.text("list", proxy.list);
  v.text("bypass", proxy.bypass);
}

template <class Visitor, is<core::ProxyEnvironment> Value>
void visit(Visitor& v, Value& proxies) {
  v.text("http", proxies.http);
  v.text("https", proxies.https);
  v.text("all", proxies.all);
  v.text("bypass", proxies.bypass);
}

template <class Visitor, is<core::Takeover> Value>
void visit(Visitor& v, Value& takeover) {
  v.number("uid", takeover.uid);
  v.text("account", takeover.account);
  v.number("parts_taken", takeover.parts_taken);
}

template <class Visitor, is<core::Pending> Value>
void visit(Visitor& v, Value& pending) {
  v.choice("kind", pending.kind, core::NotifyKind::file_transferred);
  v.number("sequence", pending.sequence);
  v.choice("rung", pending.rung, core::Rung::command);
  v.number("attempts", pending.attempts);
  v.number("failed_starts", pending.failed_starts);
  v.optional("due_", pending.due);
}

template <class Visitor, is<core::FreshPart> Value>
void visit(Visitor& v, Value& part) {
  v.number("epoch", part.epoch);
  v.number("offset", part.offset);
  v.number("device", part.device);
  v.number("inode", part.inode);
}

template <class Visitor, is<core::Demand> Value>
void visit(Visitor& v, Value& demand) {
  v.number("position", demand.position);
  v.asked("asked", demand.asked);
}

template <class Visitor, is<core::Doubts> Value>
void visit(Visitor& v, Value& doubts) {
  v.number("contradictions", doubts.contradictions);
  v.number("unproven", doubts.unproven);
  v.time("unproven_since", doubts.unproven_since);
}

template <class Visitor, is<core::ErrorInfo> Value>
void visit(Visitor& v, Value& error) {
  v.choice("code", error.code, UINT32_MAX);
  v.choice("context", error.context, base::ErrorContext::server_certificate_callback);
  v.number("file", error.file);
  v.text("text", error.text);
  v.number("of_this_machine", error.of_this_machine);
}

template <class Visitor, is<core::Mirrors> Value>
void visit(Visitor& v, Value& mirrors) {
  v.text("addresses", mirrors.addresses);
  v.number("current", mirrors.current);
  v.number("told_by", mirrors.told_by);
  v.number("failed", mirrors.failed);
  v.optional("passing_", mirrors.passing);
}

template <class Visitor, is<core::Expected> Value>
void visit(Visitor& v, Value& expected) {
  v.number("size", expected.size);
  v.text("pieces", expected.pieces);
  v.number("bad", expected.bad);
  v.text("signature", expected.signature);
  v.text("key", expected.key);
}

template <class Visitor, is<core::Author> Value>
void visit(Visitor& v, Value& author) {
  v.number("uid", author.uid);
  v.text("program", author.program);
  v.time("time", author.time);
}

template <class Visitor, is<core::SecretsSet> Value>
void visit(Visitor& v, Value& set) {
  v.coded("", set);
}

template <class Visitor, is<StoredSecret> Value>
void visit(Visitor& v, Value& secret) {
  v.choice("slot", secret.slot, core::SecretSlot::last);
  v.text("sealed", secret.sealed);
}

// A text that few rows have; its column has the name of the value.
template <class Visitor, is<std::string> Value>
void visit(Visitor& v, Value& text) {
  v.text("", text);
}

// Likewise a number.
template <class Visitor, is<std::uint32_t> Value>
void visit(Visitor& v, Value& number) {
  v.number("", number);
}

template <class Visitor>
void visit_setting(Visitor& v, base::setting_kind::text, std::string_view name, auto& value) {
  v.text(name, value);
}
template <class Visitor>
void visit_setting(Visitor& v, base::setting_kind::priority, std::string_view name, auto& value) {
  v.choice(name, value, base::Priority::low);
}
template <class Visitor>
void visit_setting(Visitor& v, base::setting_kind::method, std::string_view name, auto& value) {
  v.text(name, value.kept());
}
template <class Visitor>
void visit_setting(Visitor& v, base::setting_kind::moment, std::string_view name, auto& value) {
  v.time(name, value);
}
template <class Visitor, class Number>
void visit_setting(Visitor& v, Number, std::string_view name, auto& value) {
  v.number(name, value);
}

template <class Visitor, is<core::Job> Value>
void visit_settings(Visitor& v, Value& job) {
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  visit_setting(v, base::setting_kind::kind(), #member, job.member);
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help)
#include "backhaul/job_settings.def"
}

template <class Visitor, is<core::RareOfJob> Value>
void visit(Visitor& v, Value& rare) {
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help)
#define BACKHAUL_RARE_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
  visit_setting(v, base::setting_kind::kind(), #member, rare.member);
#include "backhaul/job_settings.def"
  v.optional("proxy_", rare.proxy);
  v.optional("proxy_environment_", rare.proxy_environment);
  v.optional("secrets", rare.secrets);
  v.choice("urgency", rare.urgency, core::Urgency::beside);
  v.number("time_before", rare.time_before);
  v.text("account", rare.account);
  v.number("bytes_resumed", rare.bytes_resumed);
  v.optional("takeover_", rare.takeover);
}

template <class Visitor, is<core::Job> Value>
void visit_version_2(Visitor& v, Value& job) {
  v.number("made_by_uid", job.made_by.uid);
  v.text("made_by_program", job.made_by.program);
  v.time("made_by_time", job.made_by.time);
  v.optional("object_set_by_", job.object_set_by);
  v.optional("class_set_by_", job.class_set_by);
  v.optional("command_set_by_", job.command_set_by);
  v.optional("application", job.application);
}

template <class Visitor, is<core::Job> Value>
void visit_version_3(Visitor& v, Value& job) {
  v.time("active", job.active);
  v.optional("stuck_", job.stuck);
}

template <class Visitor, is<core::Job> Value>
void visit(Visitor& v, Value& job) {
  v.id("id", job.id);
  v.number("creation", job.order);
  v.number("owner_uid", job.owner_uid);
  v.choice("type", job.type, base::JobType::upload_reply);
  v.choice("state", job.state, base::JobState::cancelled);
  v.choice("intent", job.intent, core::Intent::take);
  v.number("started", job.started);
  visit_settings(v, job);
  v.optional("", job.rare);
  v.optional("object_", job.object);
  v.optional("certificate_check_", job.certificate_check);
  v.optional("class_", job.notify_class);
  v.optional("command_", job.command);
  v.optional("pending_", job.pending);
  v.number("event_file", job.event_file);
  v.optional("file_event_", job.file_event);
  v.time("created", job.created);
  v.time("modified", job.modified);
  v.time("transferred", job.transferred);
  v.number("error_count", job.error_count);
  v.optional("error_", job.error);
  v.optional("retry_", job.retry);
  v.optional("server_wish_", job.server_wish);
  v.number("address_file", job.address_file);
  v.number("time_used", job.time_used);
  v.number("files_total", job.files.total);
  v.number("files_transferred", job.files.transferred);
  v.number("files_size_unknown", job.files.size_unknown);
  v.number("files_bytes_known", job.files.bytes_known);
  v.number("files_bytes_stored", job.files.bytes_stored);
  visit_version_2(v, job);
  visit_version_3(v, job);
}

template <class Visitor, is<core::FileNeighbours> Value>
void visit(Visitor& v, Value& neighbours) {
  v.extents("octets", "octets_behind", neighbours.octets);
  v.text("givers", neighbours.givers);
  v.number("origin_only", neighbours.origin_only);
}

template <class Visitor, is<core::RareOfFile> Value>
void visit(Visitor& v, Value& rare) {
  v.number("fruitless_restarts", rare.fruitless_restarts);
  v.optional("fresh_", rare.fresh);
  v.optional("doubts_", rare.doubts);
  v.optional("mirrors_", rare.mirrors);
  v.optional("digests", rare.digests);
  v.optional("expected_", rare.expected);
  v.optional("torrent", rare.torrent);
  v.optional("duplicates", rare.duplicates);
  v.optional("demand_", rare.demand);
  v.number("led_away", rare.led_away);
  v.text("received", rare.received);
  v.optional("neighbours_", rare.neighbours);
}

template <class Visitor, is<core::File> Value>
void visit(Visitor& v, Value& file) {
  v.number("file_index", file.index);
  v.choice("state", file.state, core::FileState::discarded);
  v.number("validated", file.validated);
  v.number("epoch", file.epoch);
  v.extents("durable_offset", "durable_behind", file.stored);
  v.number("device", file.device);
  v.number("inode", file.inode);
  v.number("mount", file.mount);
  v.number("tail", file.tail);
  v.number("last_write", file.last_write);
  v.number("high_water", file.high_water);
  v.number("event", file.event);
  v.number("remote_size", file.remote_identity.size);
  v.text("remote_last_modified", file.remote_identity.last_modified);
  v.text("remote_etag", file.remote_identity.etag);
  v.choice("remote_resumable", file.remote_identity.resumable, core::Resumable::no);
  v.text("remote_encoding", file.remote_identity.encoding);
  v.number("remote_end_untold", file.remote_identity.end_untold);
  v.text("remote_digest", file.remote_identity.digest);
  v.number("remote_for_one", file.remote_identity.for_one);
  v.number("remote_version_untold", file.remote_identity.version_untold);
  v.number("moved", file.moved);
  v.number("ranges_refused", file.ranges_refused);
  v.optional("", file.rare);
  v.coded("wanted", file.wanted);
  v.text("response_headers", file.response_headers);
  v.text("remote", file.remote);
  v.text("local", file.local);
  v.optional("root", file.root);
}

template <class Visitor, is<core::EventRecord> Value>
void visit(Visitor& v, Value& event) {
  v.id("job", event.job);
  v.choice("kind", event.kind, core::NotifyKind::file_transferred);
  v.choice("end_state", event.end, base::JobState::cancelled);
  v.number("job_order", event.order);
  v.number("file", event.file);
  v.choice("code", event.code, UINT32_MAX);
  v.number("owner_uid", event.owner_uid);
  v.time("time", event.time);
  v.optional("application", event.application);
  v.text("account", event.account);
}

template <class Visitor, is<core::Usage> Value>
void visit(Visitor& v, Value& usage) {
  v.text("network", usage.network);
  v.number("owner_uid", usage.owner.uid);
  v.text("application", usage.owner.application);
  v.number("octets", usage.octets);
}

template <class Visitor, is<core::CacheRecord> Value>
void visit(Visitor& v, Value& record) {
  v.id("id", record.id);
  v.id("job", record.job);
  v.number("file", record.file);
  v.number("validated", record.validated);
  v.number("remote_size", record.remote_size);
  v.text("last_modified", record.last_modified);
  v.text("etag", record.etag);
  v.number("size", record.size);
  v.text("digest", record.digest);
  v.time("made", record.made);
  v.time("accessed", record.accessed);
  v.time("used", record.used);
  v.coded("wanted", record.wanted);
  v.text("url", record.url);
}

template <class Visitor, is<core::PeerPreferences> Value>
void visit(Visitor& v, Value& preferences) {
  v.optional("cache_percent", preferences.cache_percent);
  v.optional("content_age", preferences.content_age);
  v.optional("peer_flags", preferences.flags);
}

template <class Visitor, is<StoredBan> Value>
void visit(Visitor& v, Value& ban) {
  v.text("neighbour", ban.key);
  v.time("until", ban.until);
}

template <class Visitor, is<QueueNumbers> Value>
void visit(Visitor& v, Value& numbers) {
  v.number("next_sequence", numbers.next_sequence);
  v.number("commits", numbers.commits);
  v.time("service_time", numbers.service_time);
}

}  // namespace backhaul::sqlite
