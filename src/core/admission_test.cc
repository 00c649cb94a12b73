// SPDX-License-Identifier: Apache-2.0
#include "core/admission.h"

#include <gtest/gtest.h>

namespace backhaul::core {
namespace {

using base::Code;

constexpr char app[] = "flatpak/org.example.App";
constexpr char snap[] = "snap/tool";
const Homes homes{"/home/u", "/run/user/1000"};

template <class T>
Code code_of(const base::Result<T>& result) {
  return result ? Code::S_OK : result.error().code;
}

CallerFacts caller(std::uint32_t uid, std::optional<std::string> flatpak_info = {}) {
  return {.uid = uid, .root_seen = true, .flatpak_info = std::move(flatpak_info), .label = {},
          .snap_profile = {}};
}

TEST(Admission, AServiceServesItsUserAlone) {
  EXPECT_EQ(*admit(caller(1000), 1000), "");
  for (std::uint32_t other : {0U, 1001U, 65534U}) {
    const auto refused = admit(caller(other), 1000);
    EXPECT_EQ(code_of(refused), Code::E_ACCESSDENIED);
    EXPECT_NE(refused.error().text.find("user 1000"), std::string::npos);
    EXPECT_NE(refused.error().text.find("--user-of"), std::string::npos);
  }
  EXPECT_EQ(code_of(admit(caller(1000), 0)), Code::E_ACCESSDENIED);  // also that of root
  EXPECT_TRUE(admit(caller(1000), std::nullopt));                    // that of the machine serves everybody
  EXPECT_TRUE(admit(caller(0), std::nullopt));
}

TEST(Admission, AnApplicationIsKnownByItsNameAndNeedsTheNetwork) {
  EXPECT_EQ(*admit(caller(1000, "[Application]\nname=org.example.App\n[Context]\nshared=network;\n"),
                   1000),
            app);
  EXPECT_EQ(code_of(admit(caller(1000, "[Application]\nname=org.example.App\n"), 1000)),
            Code::E_ACCESSDENIED);
  EXPECT_EQ(code_of(admit(CallerFacts{.uid = 1000, .root_seen = false, .flatpak_info = {}, .label = {},
                                      .snap_profile = {}}, 1000)),
            Code::E_ACCESSDENIED);
}

TEST(Admission, AJobIsTouchedByItsUserAndByItsApplicationOnly) {
  EXPECT_TRUE(may_touch({1000, ""}, {1000, ""}));
  EXPECT_TRUE(may_touch({1000, app}, {1000, ""}));  // the user sees the jobs of his applications
  EXPECT_TRUE(may_touch({1000, app}, {1000, app}));
  EXPECT_TRUE(may_touch({1000, app}, {0, ""}));
  EXPECT_FALSE(may_touch({1000, ""}, {1000, app}));
  EXPECT_FALSE(may_touch({1000, snap}, {1000, app}));
  EXPECT_FALSE(may_touch({1001, ""}, {1000, ""}));
  EXPECT_FALSE(may_touch({1000, app}, {0, app}));  // a confined root is no administrator
  EXPECT_FALSE(may_touch({1000, ""}, {0, app}));
}

TEST(Admission, WhoIsAuthorisedReadsOrManagesTheJobsOfOthers) {
  const Owner hers{1000, ""}, him{1001, ""};
  EXPECT_FALSE(may_read(hers, him, {}));
  for (const Right right : {Right::read, Right::manage, Right::take}) EXPECT_TRUE(may_read(hers, him, right));
  EXPECT_FALSE(may_manage(hers, him, {}));
  EXPECT_FALSE(may_manage(hers, him, Right::read));
  EXPECT_TRUE(may_manage(hers, him, Right::manage));
  EXPECT_TRUE(may_manage(hers, {1000, ""}, {}));
  EXPECT_TRUE(may_manage(hers, {0, ""}, {}));
  EXPECT_FALSE(may_manage(hers, {1001, app}, Right::manage));  // no application of theirs is
  EXPECT_FALSE(may_read(hers, {1001, app}, Right::read));
}

TEST(Admission, NothingThatRunsOutsideOfTheSandbox) {
  EXPECT_TRUE(may_set_command(""));
  EXPECT_TRUE(may_register_class(""));
  for (const char* application : {app, snap}) {
    EXPECT_EQ(code_of(may_set_command(application)), Code::E_ACCESSDENIED);
    EXPECT_EQ(code_of(may_register_class(application)), Code::E_ACCESSDENIED);
  }
}

TEST(Admission, ClassesHaveNamesBelowTheOwnId) {
  EXPECT_TRUE(may_name_class("", "org.anybody.Else"));
  EXPECT_TRUE(may_name_class(app, "org.example.App"));
  EXPECT_TRUE(may_name_class(app, "org.example.App.Downloads"));
  for (const char* name : {"org.example.App.", "org.example.Apple", "org.example", "org.other.App",
                           "org.backhaul.clsid.g00000000000000000000000000000001"})
    EXPECT_EQ(code_of(may_name_class(app, name)), Code::E_ACCESSDENIED) << name;
  EXPECT_EQ(code_of(may_name_class(snap, "tool")), Code::E_ACCESSDENIED);
}

TEST(Admission, AConfinedApplicationFetchesFromTheNetwork) {
  EXPECT_TRUE(may_fetch("", "file:///etc/passwd"));
  EXPECT_TRUE(may_fetch(app, "http://h/a"));
  EXPECT_TRUE(may_fetch(app, "HTTPS://h/a"));
  for (const char* url : {"file:///etc/passwd", "/etc/passwd", "httpx://h/a", ""})
    EXPECT_EQ(code_of(may_fetch(app, url)), Code::E_ACCESSDENIED) << url;
}

TEST(Admission, FilesOfTheUserGoAnywhere) {
  EXPECT_EQ(*place("", homes, "/anywhere/f"), (Placed{"/anywhere/f", ""}));
}

TEST(Admission, FilesOfAnApplicationStayInItsOwnFolder) {
  const std::string own = "/home/u/.var/app/org.example.App";
  EXPECT_EQ(*place(app, homes, own + "/data/f"), (Placed{own + "/data/f", own}));
  EXPECT_EQ(*place(app, homes, own + "/cache/a/b"), (Placed{own + "/cache/a/b", own}));
  EXPECT_EQ(*place(snap, homes, "/home/u/snap/tool/common/f"),
            (Placed{"/home/u/snap/tool/common/f", "/home/u/snap/tool"}));
  for (const char* elsewhere :
       {"/home/u/f", "/home/u/.bashrc", "/home/u/.var/app/org.example.Apple/data/f",
        "/home/u/.var/app/org.example.Other/data/f", "/home/u/.var/app/org.example.App", "/tmp/f",
        "/home/u/.var/app/org.example.App/config/f", "/home/u/.var/app/org.example.App/f",
        "/home/u/.var/app/org.example.App/data/../config/f", "/home/u/.var/app/org.example.App/data",
        "/home/u/.var/app/org.example.App/database/f", "/home/u/.var/app/org.example.App/.local/state/f",
        "/home/u/snap/tool/f", "/run/user/1000/f", "/run/user/1000/doc/by-app/org.example.Other/1/f"}) {
    EXPECT_EQ(code_of(place(app, homes, elsewhere)), Code::E_ACCESSDENIED) << elsewhere;
  }
  EXPECT_EQ(code_of(place(app, Homes{}, "/.var/app/org.example.App/data/f")), Code::E_ACCESSDENIED);
}

TEST(Admission, ADocumentIsPlacedInTheApplicationsOwnViewOfThePortal) {
  const std::string view = "/run/user/1000/doc/by-app/org.example.App";
  EXPECT_EQ(*place(app, homes, "/run/user/1000/doc/1a2b/f"), (Placed{view + "/1a2b/f", view}));
  EXPECT_EQ(*place(app, homes, view + "/1a2b/f"), (Placed{view + "/1a2b/f", view}));
  EXPECT_EQ(place(snap, homes, "/run/user/1000/doc/1a2b/f")->root,
            "/run/user/1000/doc/by-app/snap.tool");
  EXPECT_EQ(code_of(place(app, Homes{"/home/u", ""}, "/doc/1a2b/f")), Code::E_ACCESSDENIED);
}

TEST(LayDown, OnTheServiceOfTheMachineItIsRootAndWhoIsAuthorisedAndNoSandbox) {
  const Owner user{1000, {}};
  const Owner confined{1000, "flatpak:org.example.App"};
  EXPECT_TRUE(may_lay_down(user, std::nullopt, false));
  EXPECT_FALSE(may_lay_down(confined, std::nullopt, false));
  EXPECT_FALSE(may_lay_down(user, std::nullopt, true));
  EXPECT_FALSE(may_lay_down(user, Right::manage, true));
  EXPECT_TRUE(may_lay_down(user, Right::lay_down, true));
  EXPECT_FALSE(may_lay_down(confined, Right::lay_down, true));
  EXPECT_TRUE(may_lay_down({0, {}}, std::nullopt, true));
  EXPECT_FALSE(may_read({1001, {}}, user, Right::lay_down)) << "it is none over jobs";
  EXPECT_FALSE(may_list_all(user, Right::lay_down));
}

TEST(Peers, OnTheServiceOfTheMachineTheyAreForRootAndWhoIsAuthorisedAndNoSandbox) {
  const Owner user{1000, {}};
  const Owner confined{1000, "flatpak:org.example.App"};
  EXPECT_TRUE(may_manage_peers(user, std::nullopt, false));
  EXPECT_FALSE(may_manage_peers(confined, std::nullopt, false));
  EXPECT_FALSE(may_manage_peers(user, std::nullopt, true));
  for (const Right right : {Right::read, Right::manage, Right::take, Right::lay_down})
    EXPECT_FALSE(may_manage_peers(user, right, true));
  EXPECT_TRUE(may_manage_peers(user, Right::peers, true));
  EXPECT_FALSE(may_manage_peers(confined, Right::peers, true));
  EXPECT_TRUE(may_manage_peers({0, {}}, std::nullopt, true));
  EXPECT_FALSE(may_read({1001, {}}, user, Right::peers)) << "it is none over jobs";
  EXPECT_FALSE(may_manage({1001, {}}, user, Right::peers));
  EXPECT_FALSE(may_list_all(user, Right::peers));
}

}  // namespace
}  // namespace backhaul::core
