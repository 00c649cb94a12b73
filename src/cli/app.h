// SPDX-License-Identifier: Apache-2.0
// What every verb has at hand: its arguments, the two streams, the service, and one way to say
// that something went wrong.
#pragma once

#include <backhaul/client.h>

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.h"
#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/password_agent.h"
#include "cli/terminal.h"
#include "cli/view.h"

namespace backhaul::cli {

struct LogPlace;

// A job by its name on the command line. One that has ended is known by its end; the service goes on
// answering for it for a while, or its log of events tells.
struct NamedJob {
  Job job;
  std::optional<JobState> end;  // acknowledged or cancelled
  Time ended{};                 // where it is known
  bool partly = false;          // completed without some of its files
  std::optional<JobInfo> info{};  // where it was read to find the job
};

class App {
 public:
  explicit App(Arguments arguments);

  const Arguments& arguments() const { return arguments_; }
  const Terminal& out() const { return out_; }
  const Terminal& err() const { return err_; }
  bool json() const { return arguments_.has(Opt::json); }
  bool quiet() const { return arguments_.has(Opt::quiet); }
  TableStyle style() const { return {out_.columns, out_.utf8, out_.colour, arguments().has(Opt::all_users)}; }

  void print(std::string_view text);   // standard output
  // A line on standard error, for people: not with --quiet, nor where events are written there.
  void remark(std::string_view text);

  // What the person at the terminal says to it; true where nobody can be asked, or with --yes.
  bool agreed(const std::string& question) const;

  // Connects at the first use. The error is reported.
  std::expected<Client, Exit> client();
  // One that never starts the service.
  std::expected<Client, Exit> observer();
  // Both services, this user's first. Nothing is reported.
  Result<Client> instance(bool system);
  // The jobs named by the operands, or all of them with --all. Errors are reported: those of one word are
  // outcomes beside the jobs of the others, and what keeps all from being found is the result.
  std::expected<std::vector<NamedJob>, Exit> named(std::vector<Exit>& outcomes);
  // The same, for verbs that need a job that is there: of one that has ended it is said how.
  std::expected<std::vector<Job>, Exit> jobs(std::vector<Exit>& outcomes);
  // Every job for no words.
  std::expected<std::vector<NamedJob>, Exit> resolve(const std::vector<std::string>& words,
                                                     std::vector<Exit>& outcomes);
  // By its whole id.
  std::expected<NamedJob, Exit> find(const std::string& id);
  std::expected<Job, Exit> job();       // the first operand
  // The same, also when it has ended, while the service answers; with what it was read to be.
  struct PastJob {
    Job job;
    JobInfo info;
  };
  std::expected<PastJob, Exit> past_job();

  // "backhaul: what: sentence (SYMBOL 0x…)" and what helps, if it is known; gives the exit code.
  Exit fail(const std::string& what, const Error& error);
  Exit fail(const std::string& what, const Error& error, const std::string& help);
  LogPlace log();  // of the service that this is about
  const Command& command();  // that reaches it again
  Exit has_ended(const NamedJob& job);
  static std::string how_it_ended(const NamedJob& job);  // as a sentence
  Exit misuse(const std::string& text);  // exit code 2
  // To be called last. With --json a failure that wrote nothing else writes itself. Gives the exit code:
  // a failure where not everything that was written to standard output arrived.
  Exit finish(Exit exit);

 private:
  std::expected<Client, Exit> connect(bool start);
  bool is_of_machine() { return arguments_.has(Opt::system) || usual().system; }
  const DefaultInstance& usual();  // the service of somebody who names none; of no interest where it is named
  std::expected<NamedJob, Exit> one_job();
  std::expected<std::string, Exit> last(const Client& service);
  std::expected<NamedJob, Exit> look_up(const Client& service, const std::string& id);
  // What one word names among the jobs that there are.
  std::expected<std::vector<NamedJob>, Exit> choose(const Client& service, const std::string& word,
                                                    const std::vector<JobInfo>& list);
  // Jobs of the log that ended and whose ids begin so.
  std::expected<std::vector<NamedJob>, Exit> ended(const Client& service, const std::string& word);

  bool writes_events() const;
  void tell(const std::string& text, const Json& failure);

  const Arguments arguments_;
  const Terminal out_;
  const Terminal err_;
  std::optional<PasswordAgent> password_agent_;
  std::optional<Client> client_;
  std::optional<DefaultInstance> usual_;
  std::optional<Command> command_;
  std::string failure_;   // the last one, for --json
  bool printed_ = false;  // something, on standard output
};

Time now();
// {"error":{…},"what":…,"hint":…}: a failure as --json writes it. What is not known is null.
Json failure_json(const std::string& what, const ErrorInfo& error, const std::string& hint);

// The verbs.
Exit run_get(App& app);
Exit run_create(App& app);
Exit run_add(App& app);
Exit run_validate(App& app);
Exit run_move(App& app);
Exit run_set(App& app);
Exit run_unset(App& app);
Exit run_list(App& app);
Exit run_show(App& app);
Exit run_status(App& app);
Exit run_stats(App& app);
Exit run_policy(App& app);
Exit run_explain(App& app);
Exit run_files(App& app);
Exit run_complete_jobs(App& app);
Exit run_wait(App& app);
Exit run_control(App& app);  // start, suspend, cancel, complete, take
Exit run_secrets(App& app);  // credential …, header …
Exit run_monitor(App& app);
Exit run_class(App& app);
Exit run_cache(App& app);    // cache …
Exit run_peers(App& app);
Exit run_publish(App& app);
Exit run_version(App& app);
Exit run_help(App& app);
Exit run_completion(App& app);

}  // namespace backhaul::cli
