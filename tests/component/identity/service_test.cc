// SPDX-License-Identifier: Apache-2.0
// What the settings say of the ticket of a session (SendImplicitCredentials), of the real service, with a KDC and a
// server that wants to know who asks.
#include <backhaul/backhaul.h>

#include <chrono>

#include "adapters/curl/identity.h"
#include "tests/component/identity/peers.h"
#include "tests/support/installation.h"

namespace backhaul::test {
namespace {

using namespace std::chrono_literals;

class TicketRule : public testing::Test {
 protected:
  void SetUp() override {
    if (!Apache::available() || !Kdc::available() || !curl::able_schemes().has(core::AuthScheme::negotiate))
      GTEST_SKIP() << "SKIPPED: there is no apache2 or no KDC, or this libcurl has no Negotiate";
    kdc_ = std::make_unique<Kdc>();  // the service inherits where its tickets are
    apache_ = std::make_unique<Apache>(kdc_->keytab());
    installation_ = std::make_unique<Installation>(BACKHAUL_SERVICE);
  }
  Client client() const {
    ConnectOptions options;
    options.address = installation_->address();
    return *Client::connect(options);
  }
  void lay_down(const std::string& rule) {
    installation_->settings("[Network]\nSendImplicitCredentials = " + rule + "\n");
    ASSERT_TRUE(client().reload_policy());
  }
  // What becomes of a job, whose owner set implicit credentials or did not. S_OK: the file is here.
  std::uint32_t fetch(bool is_set) {
    const std::string name = "f" + std::to_string(++files_);
    auto job = client().enqueue(JobSettings(), {{apache_->url("/negotiate/f"), installation_->file(name)}}, false);
    if (!job) return job.error().code;
    Credentials ticket;
    ticket.scheme = AuthScheme::negotiate;
    ticket.implicit = true;
    if (is_set) {
      EXPECT_TRUE(job->set_credentials(ticket));
    }
    EXPECT_TRUE(job->start());
    const auto end = job->wait(60s);
    if (!end) return end.error().code;
    const std::uint32_t became = end->state() == JobState::transferred ? code::s_ok : job->error()->code;
    EXPECT_TRUE(job->cancel());
    return became;
  }

  std::unique_ptr<Kdc> kdc_;
  std::unique_ptr<Apache> apache_;
  std::unique_ptr<Installation> installation_;

 private:
  int files_ = 0;
};

TEST_F(TicketRule, IsIfSetAlwaysOrNeverAndHoldsAtOnce) {
  kdc_->log_in();
  EXPECT_EQ(fetch(false), http_code(401)) << "if-set is the default";
  EXPECT_EQ(fetch(true), code::s_ok) << apache_->errors();
  lay_down("never");
  EXPECT_EQ(fetch(true), http_code(401)) << "also where it is set";
  lay_down("always");
  EXPECT_EQ(fetch(false), code::s_ok) << apache_->errors();
  EXPECT_EQ(fetch(true), code::s_ok) << apache_->errors();
  lay_down("if-set");
  EXPECT_EQ(fetch(false), http_code(401));
}

TEST_F(TicketRule, WithoutATicketNobodyIsLoggedIn) {
  lay_down("always");
  EXPECT_EQ(fetch(false), http_code(401));
  kdc_->log_in();
  EXPECT_EQ(fetch(false), code::s_ok) << apache_->errors();
  kdc_->log_out();
  EXPECT_EQ(fetch(false), http_code(401)) << "the ticket is looked for each time";
}

}  // namespace
}  // namespace backhaul::test
