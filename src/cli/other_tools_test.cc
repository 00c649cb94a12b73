// SPDX-License-Identifier: Apache-2.0
#include "cli/other_tools.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "cli/arguments.h"
#include "cli/settings.h"
#include "cli/verbs.h"
#include "cli/view.h"

namespace backhaul::cli {
namespace {

// Every switch of bitsadmin and every cmdlet of the PowerShell module BitsTransfer that has to do with downloads.
constexpr const char* words_of_bits[]{
    "/rawreturn", "/examples", "/list", "/monitor", "/reset", "/transfer", "/create", "/info", "/addfile",
    "/addfileset",
    "/addfilewithranges", "/replaceremoteprefix", "/listfiles", "/suspend", "/resume", "/cancel", "/complete",
    "/takeownership", "/gettype", "/getstate", "/getowner", "/getdisplayname", "/setdisplayname", "/getdescription",
    "/setdescription", "/getpriority", "/setpriority", "/getbytestotal", "/getbytestransferred", "/getfilestotal",
    "/getfilestransferred", "/getcreationtime", "/getmodificationtime", "/getcompletiontime", "/geterror",
    "/geterrorcount", "/getminretrydelay", "/setminretrydelay", "/getnoprogresstimeout", "/setnoprogresstimeout",
    "/getmaxdownloadtime", "/setmaxdownloadtime", "/getnotifyflags", "/setnotifyflags", "/getnotifyinterface",
    "/getnotifycmdline", "/setnotifycmdline", "/getproxyusage", "/getproxylist", "/getproxybypasslist",
    "/setproxysettings", "/setcredentials", "/removecredentials", "/getcustomheaders", "/setcustomheaders",
    "/makecustomheaderswriteonly", "/gethttpmethod", "/sethttpmethod", "/getclientcertificate",
    "/setclientcertificatebyid", "/setclientcertificatebyname", "/removeclientcertificate", "/getsecurityflags",
    "/setsecurityflags", "/getvalidationstate", "/setvalidationstate", "/gettemporaryname", "/getaclflags",
    "/setaclflags", "/getpeercachingflags", "/setpeercachingflags", "/getpeerstats", "/sethelpertoken",
    "/gethelpertokensid", "/sethelpertokenflags", "/gethelpertokenflags", "/peercaching", "/peers", "/cache", "/util",
    "/getieproxy", "/setieproxy", "Add-BitsFile", "Complete-BitsTransfer", "Get-BitsTransfer", "Remove-BitsTransfer",
    "Resume-BitsTransfer", "Set-BitsTransfer", "Start-BitsTransfer", "Suspend-BitsTransfer"};

// What is to be typed, word by word.
std::vector<std::string> words_in(std::string_view meant) {
  std::istringstream text{std::string(meant)};
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  return words;
}

const VerbRow* verb_in(std::string_view meant) {
  const auto found = std::ranges::find_if(verb_rows(), [&](const VerbRow& verb) {
    return !verb.hidden && (meant == verb.name || meant.starts_with(std::string(verb.name) + " "));
  });
  return found == verb_rows().end() ? nullptr : &*found;
}

bool is_property(const std::string& name) {
  const auto all = properties(JobView());
  return std::ranges::any_of(all, [&](const auto& property) { return property.first == name; });
}

bool is_key(std::string_view name) {
  return std::ranges::any_of(key_rows(), [&](const KeyRow& key) { return key.name == name; });
}

bool takes(const VerbRow& verb, const std::string& option) {
  return std::ranges::any_of(verb.options, [&](Opt each) {
    const bool by_letter = row(each).letter != 0 && option == std::string("-") + row(each).letter;
    return by_letter || option == "--" + std::string(row(each).name);
  });
}

TEST(OtherTools, EveryWordOfBitsLeadsToWhatDoesTheSame) {
  for (const char* word : words_of_bits) {
    const std::string_view meant = verb_meant_by(word);
    const auto words = words_in(meant);
    const VerbRow* verb = verb_in(meant);
    if (verb == nullptr) {  // a group of verbs
      EXPECT_TRUE(!meant.empty() && begins_verb(meant)) << word << ": " << meant;
      continue;
    }
    for (std::size_t i = 0; i < words.size(); ++i) {
      EXPECT_TRUE(!words[i].starts_with('-') || takes(*verb, words[i])) << word << ": " << meant;
      const bool names = words[i] == "-p" && i + 1 < words.size();
      for (const std::string& name : split_list(names ? words[i + 1] : ""))
        EXPECT_TRUE(name == "NAME" || is_property(name)) << word << ": " << meant;
      const std::size_t equals = words[i].find('=');
      const bool sets = verb->id == Verb::set && equals != std::string::npos;
      EXPECT_TRUE(!sets || is_key(words[i].substr(0, equals))) << word << ": " << meant;
    }
  }
}

TEST(OtherTools, TheWordIsTakenInAnyCaseAndWithoutItsSlash) {
  EXPECT_EQ(verb_meant_by("/AddFile"), "add");
  EXPECT_EQ(verb_meant_by("GETSTATE"), "show JOB -p state");
  EXPECT_EQ(verb_meant_by("LIST"), "list");
  EXPECT_EQ(verb_meant_by("/complete-jobs"), "") << "a verb that is hidden";
  EXPECT_EQ(parse_arguments({"/GetState", "x"}).error().text,
            "unknown verb \"/GetState\"; did you mean \"show JOB -p state\"? See man backhaul, COMING FROM BITSADMIN");
}

TEST(OtherTools, OfUploadsItIsSaidThatThereAreNone) {
  for (const char* word : {"put", "upload", "/getreplydata"})
    EXPECT_EQ(parse_arguments({word, "x"}).error().text,
              "unknown verb \"" + std::string(word) + "\": uploads are not supported yet");
}

TEST(OtherTools, KeysAndOptionsOfOthersAreUnderstood) {
  JobSettings settings;
  EXPECT_EQ(*apply_key(settings, "DisplayName", "x"), "there is no key \"DisplayName\"; did you mean \"name\"?");
  EXPECT_EQ(*apply_key(settings, "customheaders", "x"),
            "there is no key \"customheaders\"; for that there is the verb \"header set\"");
  for (const char* word : {"displayname", "transferpolicy", "aclflags", "notifycmdline", "retrytimeout", "credential"}) {
    const std::string_view meant = key_meant_by(word);
    EXPECT_TRUE(is_key(meant) || verb_in(meant) != nullptr) << word;
  }
  EXPECT_EQ(parse_arguments({"show", "x", "--rawreturn"}).error().text,
            "unknown option --rawreturn; did you mean --value?");
  EXPECT_EQ(parse_arguments({"get", "x", "--Asynchronous"}).error().text,
            "unknown option --Asynchronous; did you mean --background?");
  EXPECT_EQ(parse_arguments({"get", "x", "--dynamic"}).error().text,
            "unknown option --dynamic; did you mean --set dynamic-content=yes?");
  EXPECT_EQ(parse_arguments({"get", "x", "--retry-max-time=60"}).error().text,
            "unknown option --retry-max-time; did you mean --set no-progress-timeout=TIME?");
}

TEST(OtherTools, ALimitOfTimeIsAKeyOfTheJobAndOfTheWaitAnOption) {
  const std::string limits = "; did you mean --set max-download-time=TIME (in all) or --set no-progress-timeout=TIME "
                             "(without progress)?";
  EXPECT_EQ(parse_arguments({"get", "x", "--timeout=60"}).error().text, "option --timeout does not go with \"get\"" + limits);
  EXPECT_EQ(parse_arguments({"get", "x", "-t", "60"}).error().text, "option --timeout does not go with \"get\"" + limits);
  EXPECT_EQ(parse_arguments({"start", "x", "--timeout=60"}).error().text, "option --timeout does not go with \"start\"");
  EXPECT_TRUE(parse_arguments({"wait", "x", "--timeout=60"}).has_value());
  EXPECT_EQ(parse_arguments({"get", "x", "--max-time=60"}).error().text,
            "unknown option --max-time; did you mean --set max-download-time=TIME?");
  for (const char* word : {"max-download-time", "no-progress-timeout"}) {
    EXPECT_TRUE(is_key(word)) << word;
    EXPECT_EQ(parse_arguments({"create", "x", "--" + std::string(word) + "=60"}).error().text,
              "unknown option --" + std::string(word) + "; did you mean --set " + word + "=TIME?");
  }
  EXPECT_EQ(parse_arguments({"list", "--retry-delay=60"}).error().text, "unknown option --retry-delay");
}

TEST(OtherTools, AnOptionIsNamedOnlyWhereTheVerbTakesIt) {
  EXPECT_EQ(parse_arguments({"wait", "x", "--dynamic"}).error().text, "unknown option --dynamic");
  EXPECT_EQ(parse_arguments({"list", "--Asynchronous"}).error().text, "unknown option --Asynchronous");
  EXPECT_EQ(parse_arguments({"--Asynchronous", "get", "x"}).error().text,
            "unknown option --Asynchronous; did you mean --background?") << "no verb is known yet";
  EXPECT_EQ(parse_arguments({"get", "x", "--sinc=1"}).error().text.find("--since"), std::string::npos);
}

TEST(OtherTools, VerbsOfOtherToolsAreUnderstood) {
  for (const auto& [word, verb] : std::vector<std::pair<std::string, std::string>>{
           {"resume", "start"}, {"pause", "suspend"}, {"rm", "cancel"}, {"ls", "list"},
           {"info", "status"}, {"stop", "suspend"}, {"download", "get"}, {"top", "monitor"}})
    EXPECT_EQ(parse_arguments({word, "x"}).error().text,
              "unknown verb \"" + word + "\"; did you mean \"" + verb + "\"?");
}

TEST(OtherTools, TheirWordsLeadToVerbsThatExistAndAreNone) {
  for (const VerbRow& row : verb_rows()) EXPECT_EQ(verb_meant_by(row.name), "");
  EXPECT_EQ(verb_meant_by("resume"), row(Verb::start).name);
}

}  // namespace
}  // namespace backhaul::cli
