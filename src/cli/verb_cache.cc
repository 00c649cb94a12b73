// SPDX-License-Identifier: Apache-2.0
// cache: the files that are kept for neighbours. peers: those.
#include <backhaul/codes.h>

#include "cli/app.h"
#include "cli/cache_view.h"
#include "cli/cache_wish.h"

namespace backhaul::cli {
namespace {

bool is_address(const std::string& word) { return word.find("://") != std::string::npos; }

Exit list_cache(App& app, const Client& client) {
  const auto records = client.cache_records();
  if (!records) return app.fail("the list of what is kept", records.error());
  if (app.json()) {
    Json json;
    json.array();
    for (const CacheRecordInfo& one : *records) write_record(json, one);
    app.print(json.end_array().text() + "\n");
    return Exit::done;
  }
  const auto settings = client.peer_cache_settings();
  if (!settings) return app.fail("the list of what is kept", settings.error());
  app.print(render_cache(*records, *settings, app.style()));
  return Exit::done;
}

// The one whose id begins so.
std::expected<CacheRecordInfo, Exit> record_named(App& app, const Client& client, const std::string& word) {
  const auto records = client.cache_records();
  if (!records) return std::unexpected(app.fail("the list of what is kept", records.error()));
  const auto meant = records_meant(*records, word);
  if (meant.size() == 1) return meant.front();
  app.misuse(meant.empty() ? "nothing is kept whose id begins with \"" + word + "\" (4 characters at least)"
                           : "the ids of several begin with \"" + word + "\"");
  return std::unexpected(Exit::not_found);
}

Exit show_record(App& app, const Client& client, const std::string& word) {
  const auto record = record_named(app, client, word);
  if (!record) return record.error();
  if (app.json()) {
    Json json;
    write_record(json, *record);
    app.print(json.text() + "\n");
  } else {
    app.print(render_record(*record, app.out().utf8 || !app.out().tty));
  }
  return Exit::done;
}

Exit delete_record(App& app, const Client& client, const std::string& word) {
  if (is_address(word)) {
    const auto deleted = client.delete_cached_url(word);
    if (!deleted) return app.fail(shown_url(word), deleted.error());
    if (*deleted) return Exit::done;
    app.misuse("nothing of " + shown_url(word) + " is kept");
    return Exit::not_found;
  }
  const auto record = record_named(app, client, word);
  if (!record) return record.error();
  const auto deleted = client.delete_cache_record(record->id);
  return deleted ? Exit::done : app.fail("the record " + record->id, deleted.error());
}

// One after the other. False: a file of settings says something else.
Exit set_cache(App& app) {
  const auto wish = parse_cache_wish(app.arguments().operands);
  if (!wish) return app.misuse(wish.error());
  const auto client = app.client();
  if (!client) return client.error();
  const auto told = [&](const char* key, const Result<bool>& set) {
    if (!set) return app.fail(std::string("cache set ") + key, set.error());
    if (!*set)
      app.remark(std::string("backhaul: a file of settings says something else of ") + key +
                 ", and that is in force (" + app.command()("policy") + "); what was asked for holds once it no longer does");
    return Exit::done;
  };
  Exit exit = Exit::done;
  if (wish->limit) exit = told("limit", client->set_maximum_cache_size(*wish->limit));
  if (wish->max_age && exit == Exit::done) exit = told("max-age", client->set_maximum_content_age(*wish->max_age));
  if (wish->flags && exit == Exit::done) exit = told("peer-caching", client->set_peer_caching_flags(*wish->flags));
  return exit;
}

Exit show_own(App& app, const PeerStanding& own) {
  if (app.json()) {
    Json json;
    write_standing(json, own);
    app.print(json.text() + "\n");
    return Exit::done;
  }
  if (own.own_key.empty()) {
    app.misuse("this machine has no key yet: it is made when [Peers] Enable = yes");
    return Exit::not_found;
  }
  app.print(own.own_key + "\n");
  return Exit::done;
}

}  // namespace

Exit run_cache(App& app) {
  if (app.arguments().verb == Verb::cache_set) return set_cache(app);
  auto client = app.client();
  if (!client) return client.error();
  const Arguments& arguments = app.arguments();
  switch (arguments.verb) {
    case Verb::cache_show: return show_record(app, *client, arguments.operands.at(0));
    case Verb::cache_delete: return delete_record(app, *client, arguments.operands.at(0));
    case Verb::cache_clear: {
      const auto cleared = client->clear_cache();
      return cleared ? Exit::done : app.fail("what is kept", cleared.error());
    }
    default: return list_cache(app, *client);
  }
}

Exit run_peers(App& app) {
  const bool own_key = app.arguments().has(Opt::own);
  const bool clears = app.arguments().has(Opt::clear);
  const bool discovers = app.arguments().has(Opt::discover);
  if (own_key && (clears || discovers))
    return app.misuse("--own shows the key of this machine alone: it goes with neither --clear nor --discover");
  auto client = app.client();
  if (!client) return client.error();
  if (clears)
    if (const auto cleared = client->clear_peers(); !cleared) return app.fail("the list of peers", cleared.error());
  if (discovers)
    if (const auto asked = client->discover_peers(); !asked) return app.fail("the search for peers", asked.error());
  if (clears || discovers) return Exit::done;
  if (own_key) {
    const auto own = client->peer_standing();
    return own ? show_own(app, *own) : app.fail("the key of this machine", own.error());
  }
  const auto peers = client->peers();
  if (!peers) return app.fail("the list of peers", peers.error());
  if (app.json()) {
    Json json;
    write_peers(json, *peers);
    app.print(json.text() + "\n");
    return Exit::done;
  }
  const auto own = client->peer_standing();
  if (!own) return app.fail("the key of this machine", own.error());
  app.print(render_peers(*own, *peers, app.style()));
  return Exit::done;
}

}  // namespace backhaul::cli
