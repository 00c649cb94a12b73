// SPDX-License-Identifier: Apache-2.0
#include "cli/view.h"

#include <backhaul/codes.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "cli/arguments.h"
#include "cli/progress.h"
#include "cli/sample_jobs.h"
#include "cli/setting_kind.h"
#include "cli/settings.h"
#include "cli/text.h"
#include "cli/verbs.h"

namespace backhaul::cli {
namespace {

using namespace std::chrono_literals;

using namespace sample;

TEST(TextTest, SizesRatesAndTimes) {
  EXPECT_EQ(format_size(0), "0B");
  EXPECT_EQ(format_size(999), "999B");
  EXPECT_EQ(format_size(1000), "1.0K");
  EXPECT_EQ(format_size(40'370'176), "38.5M");
  EXPECT_EQ(format_size(size_unknown), "?");
  EXPECT_EQ(format_size(size_unknown - 1), "16.0E");
  EXPECT_EQ(format_rate(812'300), "793.3K/s");
  EXPECT_EQ(format_rate(0), "0B/s");
  EXPECT_EQ(format_rate(1'300'000), "1.2M/s");
  EXPECT_EQ(format_rate(812.7), format_size(812) + "/s") << "one style for sizes and rates";
  EXPECT_EQ(format_duration(79s), "1:19");
  EXPECT_EQ(format_duration(7390s), "2:03:10");
  EXPECT_EQ(format_duration(100h), "4d 04:00");
  EXPECT_EQ(format_duration(-5s), "0:00");
  EXPECT_EQ(format_elapsed(810ms), "0.8 s");
  EXPECT_EQ(format_elapsed(9940ms), "9.9 s");
  EXPECT_EQ(format_elapsed(9960ms), "0:10");
  EXPECT_EQ(format_elapsed(3us), "0.1 s");
  EXPECT_EQ(format_utc(noon), "2026-11-22T13:14:05Z");
}

TEST(TextTest, AWholeNumberIsDigitsAlone) {
  EXPECT_EQ(whole_number<std::uint32_t>("4294967295"), 4'294'967'295U);
  EXPECT_EQ(whole_number<std::uint32_t>("ff", 16), 255U);
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "1x", "4294967296"})
    EXPECT_EQ(whole_number<std::uint32_t>(text), std::nullopt) << text;
}

TEST(SettingsTest, ANameThatIsNoneIsRefused) {
  for (const char* none : {"", " ", "\t "}) {
    JobSettings settings;
    const auto wrong = apply_key(settings, "name", none);
    ASSERT_TRUE(wrong);
    EXPECT_NE(wrong->find("a job needs a name"), std::string::npos) << *wrong;
  }
}

TEST(SettingsTest, WhatTheServiceSaysOfASettingIsSaidOfItsKey) {
  EXPECT_EQ(in_keys("HttpMethod cannot be set once the job has been started"),
            "method cannot be set once the job has been started");
  EXPECT_EQ(in_keys("DynamicContent does not go with OnDemandMode"), "dynamic-content does not go with on-demand");
  EXPECT_EQ(in_keys("a Nameless job"), "a Nameless job");
}

TEST(TextTest, DurationsAreRead) {
  EXPECT_EQ(parse_duration("90"), 90s);
  EXPECT_EQ(parse_duration("1h30m"), 90min);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("0"), 0s);
  for (const char* wrong : {"", "x", "-1", "5 m", "m", "1w", "99999999999", "4294967295s1"})
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Text, AMomentIsTheNextOneOrOneOfADay) {
  const Time noon = *parse_moment("2026-12-24 12:00Z", Time());
  const auto read = [&](std::string_view text) {
    const auto moment = parse_moment(text, noon);
    return moment ? format_utc(*moment) : std::string("none");
  };
  EXPECT_EQ(format_utc(noon), "2026-12-24T12:00:00Z");
  EXPECT_EQ(read("18:30Z"), "2026-12-24T18:30:00Z");
  EXPECT_EQ(read("12:00Z"), "2026-12-25T12:00:00Z") << "that one is over";
  EXPECT_EQ(read("06:00:30Z"), "2026-12-25T06:00:30Z");
  EXPECT_EQ(read("2026-12-31T23:59:59Z"), "2026-12-31T23:59:59Z");
  EXPECT_EQ(read("2020-01-01 00:00Z"), "2020-01-01T00:00:00Z") << "it is needed since then";
  EXPECT_EQ(read("+1d2h"), "2026-12-25T14:00:00Z");
  EXPECT_EQ(read(format_local(noon)), format_utc(noon)) << "what is shown can be typed";
  EXPECT_EQ(read("2026-12-24 13:00:00 +0100"), "2026-12-24T12:00:00Z");
  EXPECT_EQ(read("2026-12-24 06:30:00 -0530"), "2026-12-24T12:00:00Z");
  for (const char* wrong : {"", "tomorrow", "25:00", "18:30 ", "+", "2026-12-24", "18:30ZZ", "1h"})
    EXPECT_EQ(read(wrong), "none") << wrong;
  for (const char* no_day : {"2026-02-30 10:00", "2026-04-31 10:00Z", "2027-02-29T10:00", "2100-02-29 10:00:00 +0100"})
    EXPECT_EQ(read(no_day), "none") << no_day;
  EXPECT_EQ(read("2028-02-29 10:00Z"), "2028-02-29T10:00:00Z") << "a leap year";
}

TEST(TextTest, WidthCountsColumnsAndCuttingNeverSplitsACharacter) {
  EXPECT_EQ(display_width("aé漢"), 4U);
  EXPECT_EQ(display_width("\xff\xfe"), 2U);
  EXPECT_EQ(fit("漢字漢字", 5, true), "漢字…");
  EXPECT_EQ(fit("漢字漢字", 4, true), "漢…");
  EXPECT_EQ(fit("abcdef", 4, false), "abc~");
  EXPECT_EQ(fit("abc", 0, true), "");
  EXPECT_EQ(display_width(fit_middle("/srv/mirror/debian/Packages.xz", 12, true)), 12U);
  EXPECT_TRUE(fit_middle("/srv/mirror/debian/Packages.xz", 16, true).ends_with("ages.xz"));
}

TEST(TextTest, NamesFromOthersCannotDriveTheTerminal) {
  EXPECT_EQ(printable("a\x1b[2J\nb", true), "a?[2J?b");
  EXPECT_EQ(printable("é\xff", true), "é?");
  EXPECT_EQ(printable("é", false), "?");
  EXPECT_EQ(printable("\xc2\x9b", true), "?");  // a C1 control character
  EXPECT_EQ(printable_lines("a\n\x07" "b\n", true), "a\n?b\n");
}

TEST(JsonTest, TextIsEscapedAndNeverBreaksTheDocument) {
  Json json;
  json.object().key("a\"b").value("x\n\xff\\").key("n").value(7).key("l").array().value(true).null();
  json.end_array().end_object();
  EXPECT_EQ(json.text(), R"({"a\"b":"x\u000a\ufffd\\","n":7,"l":[true,null]})");
}

TEST(JsonTest, AJobIsTheDocumentedObject) {
  Json json;
  write_job(json, retrying());
  EXPECT_EQ(
      json.text(),
      R"({"id":"8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9","type":"download","state":"transient-error",)"
      R"("owner":"ana","name":"nightly","description":"","priority":"normal",)"
      R"("notify-flags":["transferred","error"],"retry-delay":600,"no-progress-timeout":1209600,)"
      R"("max-download-time":7776000,"notification-interval":500,"auto-complete":false,)"
      R"("max-download-size":null,"address-timeout":0,"needed-by":null,"cost":"default","keep-awake":false,)"
      R"("security":[],"method":"GET","dynamic-content":false,)"
      R"("high-performance":false,"on-demand":false,)"
      R"("helper-token":false,"helper-token-files":false,"helper-token-network":false,)"
      R"("file-acl":[],"peer-caching":[],)"
      R"("proxy":"system","no-proxy":null,)"
      R"("created":"2026-11-22T13:14:05Z","modified":"2026-11-22T13:14:05Z","transferred":null,"expires":null,)"
      R"("files":{"total":3,"done":1},"bytes":{"total":104857600,"done":40370176},)"
      R"("rate":null,"average-rate":420000,"eta":null,"resumed":1048576,"impact":null,"end-untold":0,)"
      R"("version-untold":0,"resumable":null,)"
      R"("waiting":{"kind":"retry","since":"2026-11-22T13:14:05Z","until":"2026-11-22T13:23:17Z",)"
      R"("text":"retry in 9 min 12 s after an error"},)"
      R"("error":{"code":"0x80072ee7","symbol":"WINHTTP_NAME_NOT_RESOLVED",)"
      R"("context":"remote-file","file":1,"text":"The host name could not be resolved."},)"
      R"("error-count":0,"retry":{"min-delay":600,"next":"2026-11-22T13:23:17Z",)"
      R"("no-progress-timeout":1209600},)"
      R"("notify":{"flags":["transferred","error"],"object":null,"name":null,"command":null},)"
      R"("credentials":[],"headers":{"set":null,"write-only":false},"certificate":null})");
}

TEST(JsonTest, OfAJobThatLeftWhatNobodyRemembersIsNull) {
  JobView job;
  job.id = "8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9";
  job.state = JobState::acknowledged;
  job.only_end_known = true;
  Json json;
  write_job(json, job);
  EXPECT_TRUE(json.text().starts_with(R"({"id":"8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9","type":null,)"
                                      R"("state":"acknowledged","owner":null,"name":null,)"))
      << json.text();
  EXPECT_NE(json.text().find(R"("retry-delay":null)"), std::string::npos) << json.text();
}

TEST(JsonTest, UnknownSizesAreNullAndAnEventHasOnlyWhatChanged) {
  JobView before = job();
  before.bytes_total = size_unknown;
  Json json;
  write_job(json, before);
  EXPECT_NE(json.text().find(R"("bytes":{"total":null,)"), std::string::npos);
  JobView after = before;
  after.bytes_done += 5;
  EXPECT_EQ(event_of(before, after), "progress");
  EXPECT_EQ(event_line(noon, "progress", &before, after),
            R"({"t":"2026-11-22T13:14:05Z","event":"progress",)"
            R"("job":{"id":"8c1b7e52-6a0d-4c3f-9e77-51d2a4b0c6f9",)"
            R"("bytes":{"total":null,"done":40370181}}})");
  EXPECT_EQ(event_of(after, after), "");
  after.priority = Priority::low;
  after.bytes_done = before.bytes_done;
  EXPECT_EQ(event_of(before, after), "modified");
  after.files_done = 2;
  EXPECT_EQ(event_of(before, after), "file-done");
  after.state = JobState::transferred;
  EXPECT_EQ(event_of(before, after), "state");
}

TEST(StatusTest, OneScreenNamesStateReasonErrorAndCure) {
  JobView failed = retrying();
  const std::string text = render_status(failed, {}, {100, true, false}, noon);
  for (const char* part :
       {"transient-error", "retry in 9 min 12 s", "(at ", "38 %", "1 of 3 files",
        "WINHTTP_NAME_NOT_RESOLVED 0x80072ee7", "file 1", "backhaul start 8c1b7e52"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(StatusTest, AMomentOfAnotherDayHasItsDate) {
  JobView waits = retrying();
  waits.waiting.until = noon + 24h;
  const std::string text = render_status(waits, {}, {100, true, false}, noon);
  EXPECT_NE(text.find("(at " + format_local(waits.waiting.until) + ")"), std::string::npos) << text;
}

TEST(RateTest, RatesNeedTimeAndForgetWhatIsOld) {
  RateMeter meter;
  const RateMeter::Clock::time_point start{};
  meter.add(start, 0);
  EXPECT_FALSE(meter.rate());
  meter.add(start + 100ms, 1000);
  EXPECT_FALSE(meter.rate());
  meter.add(start + 1s, 10'000);
  EXPECT_DOUBLE_EQ(*meter.rate(), 10'000);
  for (int i = 2; i <= 20; ++i) meter.add(start + i * 1s, 10'000);
  EXPECT_DOUBLE_EQ(*meter.rate(), 0);
  meter.add(start + 21s, 5);  // began again
  EXPECT_FALSE(meter.rate());
}

TEST(BarTest, AllThatFitsIsShown) {
  EXPECT_EQ(render_bar("a.iso", job(), {90, true}),
            "a.iso          38 % [==============>                      ]  38.5M/100.0M  793.3K/s  1:20");
  EXPECT_EQ(render_bar("a.iso", job(), {60, true}).find('['), std::string::npos);
  EXPECT_EQ(render_bar("a.iso", job(), {20, true}), " 38 %  793.3K/s  1:…");
  for (std::size_t columns = 1; columns < 200; ++columns) {
    EXPECT_LE(display_width(render_bar("漢字漢字漢字漢字.iso", job(), {columns, true})), columns);
    EXPECT_LE(display_width(render_bar("x", retrying(), {columns, false})), columns);
  }
}

TEST(BarTest, AJobThatStandsStillSaysWhy) {
  EXPECT_NE(render_bar("a", retrying(), {100, true}).find("retry in 9 min 12 s"), std::string::npos);
  JobView unknown = job();
  unknown.bytes_total = size_unknown;
  const std::string line = render_bar("a", unknown, {80, true});
  EXPECT_NE(line.find("38.5M"), std::string::npos);
  EXPECT_EQ(line.find('%'), std::string::npos);
}

TEST(StateLineTest, ChangesAndTheirReasons) {
  EXPECT_EQ(state_line("13:20:11", job(), JobState::queued, true),
            "13:20:11 8c1b7e52 nightly  queued → transferring");
  EXPECT_EQ(state_line("13:20:41", retrying(), JobState::transferring, false),
            "13:20:41 8c1b7e52 nightly  transferring -> transient-error  "
            "The host name could not be resolved (WINHTTP_NAME_NOT_RESOLVED 0x80072ee7) (file 1)");
  JobView waiting = job();
  waiting.state = JobState::queued;
  waiting.waiting = {"network", noon, {}, {}, "waiting for the network"};
  EXPECT_EQ(state_line("1:00", waiting, std::nullopt, true),
            "1:00 8c1b7e52 nightly  queued  (waiting for the network)");
}

TEST(StateLineTest, NamesTheOwnerAmongJobsOfSeveral) {
  JobView hers = job();
  hers.owner = "ana";
  EXPECT_EQ(state_line("13:20:11", hers, JobState::queued, true, true),
            "13:20:11 8c1b7e52 ana  nightly  queued → transferring");
}

TEST(SettingsTest, ValuesAreUnderstoodOrRefusedInASentence) {
  JobSettings settings;
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"name", "x"}, {"priority", "low"}, {"notify-flags", "transferred,error"},
           {"retry-delay", "5m"}, {"auto-complete", "yes"}, {"notification-interval", "0"},
           {"security", "ignore-name,redirect-report"}, {"method", "POST"}, {"proxy", "host:3128,https=p"},
           {"notify-class", "{8C1B7E52-6A0D-4C3F-9E77-51D2A4B0C6F9}"},
           {"notify-service", "org.example.X:/a"}, {"notify-command", "/bin/true x"}})
    EXPECT_FALSE(apply_key(settings, key, value)) << key;
  EXPECT_FALSE(settings.empty());
  for (const auto& [key, value] : std::vector<std::pair<std::string, std::string>>{
           {"priority", "urgent"}, {"notify-flags", "often"}, {"retry-delay", "soon"},
           {"auto-complete", "1"}, {"notification-interval", "x"}, {"notify-class", "x"},
           {"security", "ignore-all"}, {"proxy", ""}, {"no-proxy", "host"},
           {"notify-service", "a:b"}, {"notify-command", "true"}, {"prio", "low"}})
    EXPECT_TRUE(apply_key(settings, key, value)) << key;
  EXPECT_EQ(*apply_key(settings, "prioriti", "low"),
            "there is no key \"prioriti\"; did you mean \"priority\"?");
  for (const KeyRow& key : key_rows()) {
    const bool has_default = key.name != "name";
    EXPECT_EQ(apply_default(settings, key.name).has_value(), !has_default) << key.name;
  }
}

TEST(SettingsTest, AWordThatIsNoneIsNamedWithThoseThatAre) {
  JobSettings settings;
  EXPECT_EQ(*apply_key(settings, "peer-caching", "client,sever"),
            "\"sever\" is not one of client, server, no-branch-cache and none, or a number (peer-caching)");
  const auto expect_all = [](auto kind) {
    for (const std::string& word : split_list(to_text(kind, 0xFFFF'FFFF)))
      EXPECT_NE(std::string(words_of(kind).wanted).find(word), std::string::npos) << word;
  };
  expect_all(setting_kind::flags());
  expect_all(setting_kind::security());
  expect_all(setting_kind::acl());
  expect_all(setting_kind::peers());
}

TEST(SettingsTest, SeveralAssignmentsAreOneSetting) {
  JobSettings settings;
  const std::vector<std::string> all{"dynamic-content=yes", "no-proxy=*.a", "proxy=p:1"};
  EXPECT_FALSE(apply_assignments(settings, all));
  EXPECT_FALSE(settings.empty());
  EXPECT_EQ(*apply_assignments(settings, std::vector<std::string>{"http://me:secret@x/"}),
            "\"http://x/\" is not KEY=VALUE, such as priority=low");
  EXPECT_TRUE(apply_assignments(settings, std::vector<std::string>{"retry-delay=5m", "cost=cheap"}));
}

TEST(SettingsTest, OfAKeyThatIsGivenTwiceTheLastCounts) {
  Arguments arguments;
  for (const char* text : {"auto-complete=no", "priority-of=x", "priority", "auto-complete=yes"})
    arguments.options.emplace_back(Opt::set, text);
  EXPECT_EQ(last_set(arguments, "auto-complete"), "yes");
  EXPECT_EQ(last_set(arguments, "priority"), std::nullopt);
}

TEST(SettingsTest, WhatTheServiceDoesNotKeepToIsTold) {
  JobView j = job();
  j.minimum_retry_delay = 5s;
  EXPECT_EQ(other_than_asked("retry-delay=1", j),
            "retry-delay is 5 s now, which is the least that it can be; 1 s was asked for");
  EXPECT_EQ(other_than_asked("retry-delay=5", j), "");
  EXPECT_EQ(other_than_asked("name=1", j), "");
}

TEST(ErrorTest, EveryErrorIsToldInOneStyle) {
  EXPECT_EQ(told_error(http(429), ""),
            "The server answered HTTP 429 (too many requests) (BG_E_HTTP_ERROR_429 0x801901ad)");
  EXPECT_EQ(told_error(http(429), "HTTP 429 from host"),
            "HTTP 429 from host (too many requests, BG_E_HTTP_ERROR_429 0x801901ad)");
  EXPECT_EQ(told_error(http(404), "HTTP 404 from host"),
            "HTTP 404 from host (not found, BG_E_HTTP_ERROR_404 0x80190194)");
  EXPECT_EQ(name_of_code(http(404)), "BG_E_HTTP_ERROR_404 0x80190194");
  EXPECT_EQ(name_of_code(http(499)), "BG_E_HTTP_ERROR_499 0x801901f3");
  EXPECT_EQ(told_error(code::disk_full, ""), "There is not enough space on the disk (DISK_FULL 0x80070070)");
}

TEST(SettingsTest, SecurityIsWordsOrANumber) {
  EXPECT_EQ(parse(setting_kind::security(), "ignore-date,redirect-deny"), 0x204U);
  EXPECT_EQ(parse(setting_kind::security(), "none"), 0U);
  EXPECT_EQ(parse(setting_kind::security(), "0x91f"), 0x91FU);
  EXPECT_EQ(parse(setting_kind::security(), "ignore-all"), std::nullopt);
  EXPECT_EQ(to_text(setting_kind::security(), 0x91F),
            "check-revocation,ignore-name,ignore-date,ignore-ca,ignore-usage,redirect-report,redirect-downgrade");
}

TEST(SettingsTest, TheWayIsAWordOrAListOfProxies) {
  for (const char* text : {"system", "none", "auto", "p1:1", "p1:1,https=p2:2"})
    EXPECT_EQ(proxy_text(parse_proxy(text)), text);
  EXPECT_EQ(parse_proxy("p1,p2").list, "p1 p2");
  JobSettings settings;
  const std::string url = "p1:1";
  const std::string none = "none";
  const std::string passed = "*.a,<local>";
  EXPECT_FALSE(apply_proxy(settings, nullptr, nullptr));
  EXPECT_TRUE(settings.empty());
  EXPECT_TRUE(apply_proxy(settings, nullptr, &passed));
  EXPECT_TRUE(apply_proxy(settings, &none, &passed));
  EXPECT_FALSE(apply_proxy(settings, &url, &passed));
  EXPECT_FALSE(settings.empty());
}

TEST(SettingsTest, AProxyThatIsNoneIsRefused) {
  for (const char* wrong : {"gopher://p:1", "ftp=p,gopher=q", "http://", "socks6://p", "http://p/path"}) {
    JobSettings settings;
    const std::string url = wrong;
    EXPECT_TRUE(apply_proxy(settings, &url, nullptr)) << wrong;
    EXPECT_TRUE(settings.empty());
  }
  JobSettings settings;
  const std::string url = "p";
  const std::string passed = "a*b";
  EXPECT_TRUE(apply_proxy(settings, &url, &passed));
  for (const char* right : {"socks5h://user:word@p", "http=p:80,https=q", "https://p", "none", "system", "auto"}) {
    const std::string word = right;
    EXPECT_FALSE(apply_proxy(settings, &word, nullptr)) << right;
  }
}

TEST(SettingsTest, FlagsAndProgramWords) {
  EXPECT_EQ(parse(setting_kind::cost(), "unrestricted"), cost::transfer_unrestricted);
  EXPECT_EQ(parse(setting_kind::cost(), "default"), 0U);
  EXPECT_EQ(parse(setting_kind::cost(), "0x42"), 0x42U);
  EXPECT_EQ(parse(setting_kind::cost(), "cheap"), std::nullopt);
  EXPECT_EQ(to_text(setting_kind::cost(), cost::transfer_no_surcharge), "no-surcharge");
  EXPECT_EQ(to_text(setting_kind::cost(), 0x42), "0x42");
  EXPECT_EQ(parse(setting_kind::flags(), "transferred, file-transferred"), 0x11U);
  EXPECT_EQ(parse(setting_kind::flags(), "none"), 0U);
  EXPECT_EQ(parse(setting_kind::flags(), "0x1f"), 0x1FU);
  EXPECT_EQ(parse(setting_kind::flags(), ""), std::nullopt);
  EXPECT_EQ(first_word("\"/opt/my prog\" x y"), "/opt/my prog");
  EXPECT_EQ(first_word("/bin/true"), "/bin/true");
}

JobView notified() {
  JobView j = job();
  j.created_by = {4'000'000'000U, "/usr/bin/maker", noon};
  j.notify_flags = notify::job_transferred;
  j.notify_command = {"/usr/bin/done", "done 1"};
  j.command_set_by = {4'000'000'000U, "", noon};
  j.command_barred = "policy";
  j.notify_service = {"org.example.App", "/app"};
  j.unheard = {{1, 17, "start", 2, noon + 90s}, {4, 3, "nobody", 0, {}}};
  return j;
}

TEST(HeaderText, WhereAnAnswerLeadsToIsShownLikeAnyAddress) {
  EXPECT_EQ(shown_header("Location: https://u:pw@h/a?token=1"), "Location: https://h/a");
  EXPECT_EQ(shown_header("content-location:/a?token=1"), "content-location:/a");
  EXPECT_EQ(shown_header("HTTP/1.1 302 Found"), "HTTP/1.1 302 Found");
  EXPECT_EQ(shown_header("ETag: \"?\""), "ETag: \"?\"");
}

TEST(NotifyListTest, SaysWhoSetWhatAndWhatWaits) {
  const std::string text =
      render_notify_list({notified()}, {{"org.example.App", "/opt/app -x"}}, {}, noon);
  for (const char* part :
       {"made by: 4000000000 with /usr/bin/maker, ", "events: transferred\n",
        "class: org.example.App /app, starts /opt/app -x\n    set by: not known\n",
        "command: /usr/bin/done, forbidden by policy\n", "arguments: done 1\n",
        "set by: 4000000000, ",
        "unheard: transferred, number 17, 2 attempts failed, the class does not start, next attempt "
        "in 1:30 (",
        "unheard: file-transferred, number 3, nobody listens\n"})
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
}

TEST(NotifyListTest, JsonHasNullForWhatIsNotKnown) {
  Json json;
  write_notify(json, notified(), {});
  for (const char* part :
       {"\"class\":{\"name\":\"org.example.App\",\"path\":\"/app\",\"starts\":null,\"set-by\":null}",
        "\"object\":null", "\"barred\":\"policy\"",
        "{\"event\":\"transferred\",\"seq\":17,\"waits-for\":\"start\",\"failed-attempts\":2,"
        "\"next\":\"2026-11-22T13:15:35Z\"}"})
    EXPECT_NE(json.text().find(part), std::string::npos) << part << "\n" << json.text();
}

}  // namespace
}  // namespace backhaul::cli
