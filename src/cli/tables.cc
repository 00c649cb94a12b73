// SPDX-License-Identifier: Apache-2.0
// Tables and screens for people; declared in view.h.
#include <backhaul/client.h>
#include <backhaul/codes.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <tuple>
#include <utility>

#include "cli/hint.h"
#include "cli/progress.h"
#include "cli/ranges.h"
#include "cli/table.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

std::string amount(std::uint64_t done, std::uint64_t total) {
  return format_size(done) + "/" + format_size(total);
}

std::string countdown(const JobView& job, Time now) {
  if (!is_known(job.waiting.until)) return {};
  return format_duration(std::chrono::duration_cast<std::chrono::seconds>(job.waiting.until - now));
}

}  // namespace

std::string waiting_line(const JobView& job) {
  if (job.waiting.kind.empty() || job.waiting.kind == "nothing") return {};
  return job.waiting.sentence.empty() ? job.waiting.kind : job.waiting.sentence;
}

namespace {

bool waits_for_complete(const JobView& job) {
  const bool waits = !job.auto_complete || job.waiting.kind == "owner-complete";
  return job.state == JobState::transferred && waits;
}

}  // namespace

std::string way_to_complete(const JobView& job, const Command& command) {
  if (!waits_for_complete(job)) return {};
  return std::string(job.files_total == 1 ? "put the file" : "put the files") +
         " in place with: " + command("complete " + short_id(job.id));
}

namespace {

bool needs_attention(const JobView& job) {
  return job.state == JobState::error || waits_for_complete(job);
}

// Why a job stands still, with the cause first: a cell is cut at its end.
std::string cause_of(const JobView& job) {
  constexpr std::string_view of_server = "The server answered ";
  if (job.error.code == code::s_ok) return {};
  std::string text = sentence_of(job.error.code, job.error.text);
  return text.starts_with(of_server) ? text.substr(of_server.size()) : text;
}

// A job that nobody has touched for so long that the service will cancel it: said in time for somebody to
// see it.
constexpr std::chrono::hours notice_of_end{14 * 24};

std::string end_without_owner(const JobView& job, Time now) {
  if (!is_known(job.expires) || job.expires - now > notice_of_end) return {};
  return format_duration(std::chrono::duration_cast<std::chrono::seconds>(job.expires - now));
}

// What the service says of a wait that ends at some moment: who makes it wait, or why. Its sentence names the moment
// behind that, where a cell counts down by itself.
std::string cause_beside_moment(const JobView& job) {
  if (job.waiting.kind == "retry") return cause_of(job);
  const std::size_t end = job.waiting.sentence.rfind("; ");
  return end == std::string::npos ? cause_of(job) : job.waiting.sentence.substr(0, end);
}

std::string until_cell(const JobView& job, const std::string& left) {
  const std::string& kind = job.waiting.kind;
  const char* const then = kind == "address"                        ? "given up in "
                           : kind == "bandwidth" || kind == "budget" ? "goes on in "
                                                                     : "retry in ";
  const std::string cause = cause_beside_moment(job);
  return then + left + (cause.empty() ? "" : ": " + cause);
}

std::string waiting_cell(const JobView& job, Time now) {
  if (const std::string left = end_without_owner(job, now); !left.empty())
    return "cancelled in " + left + " unless touched";
  if (const std::string left = countdown(job, now); !left.empty()) return until_cell(job, left);
  if (const std::string cause = cause_of(job); !cause.empty()) return cause;
  const auto& arguments = job.waiting.arguments;
  const bool told = !arguments.empty() && !arguments.front().empty();
  if (job.waiting.kind == "owner-complete") return told ? "not in place: " + arguments.front() : "to be completed";
  if (job.waiting.kind == "start" && told) return arguments.front();
  return waiting_line(job);
}

// All there is to say. The rows of the narrow one have what moves and what waits in one cell, so that
// there is room for the cause.
Table jobs_in_full(const std::vector<JobView>& jobs, const TableStyle& style, Time now) {
  const std::string dash = style.utf8 ? "–" : "-";
  Table table{{{"ID"},
               {"NAME", Align::left, 4, 16},
               {"TYPE", Align::left, 0, 0, 1},
               {"STATE"},
               {"PRIO", Align::left, 0, 0, 2},
               {"FILES", Align::right, 0, 0, 3},
               {"BYTES", Align::right},
               {"RATE", Align::right},
               {"LEFT, OR WAITING FOR", Align::left, 5, 60, 0, true}},
              {}};
  for (const JobView& job : jobs) {
    const auto left = time_left(job);
    const std::string next = left ? format_duration(*left) : waiting_cell(job, now);
    table.rows.push_back({short_id(job.id), printable(job.name, style.utf8), to_word(job.type),
                          to_word(job.state), to_word(job.priority),
                          std::to_string(job.files_done) + "/" + std::to_string(job.files_total),
                          amount(job.bytes_done, job.bytes_total), job.rate ? format_rate(*job.rate) : dash,
                          next.empty() ? dash : printable(next, style.utf8)});
  }
  return table;
}

Table jobs_in_brief(const std::vector<JobView>& jobs, const TableStyle& style, Time now) {
  Table table{{{"ID"},
               {"NAME", Align::left, 8, 8, 2},
               {"STATE", Align::left, 0, 0, 1},
               {"HOW FAR, OR WAITING FOR", Align::left, 5, 30, 0, true}},
              {}};
  for (const JobView& job : jobs) {
    std::string next = is_moving(job.state) ? "" : waiting_cell(job, now);
    if (next.empty()) {
      next = amount(job.bytes_done, job.bytes_total);
      if (job.rate) next += " " + format_rate(*job.rate);
      if (const auto left = time_left(job)) next += " " + format_duration(*left);
    }
    table.rows.push_back({short_id(job.id), printable(job.name, style.utf8), to_word(job.state),
                          printable(next, style.utf8)});
  }
  return table;
}

std::string jobs_table(const std::vector<JobView>& jobs, const TableStyle& style, Time now) {
  Cells owners;
  for (const JobView& job : jobs) owners.push_back(job.owner);
  Table full = with_owners(jobs_in_full(jobs, style, now), owners, style);
  full.drop_spare(style.columns);
  if (full.fits_in_comfort(style.columns)) return full.render(style);
  return with_owners(jobs_in_brief(jobs, style, now), owners, style).render(style);
}

std::string summary(const std::vector<JobView>& jobs) {
  const auto attention = std::count_if(jobs.begin(), jobs.end(), needs_attention);
  std::string out = std::to_string(jobs.size()) + (jobs.size() == 1 ? " job" : " jobs");
  if (attention > 0)
    out += ", " + std::to_string(attention) + (attention == 1 ? " needs attention" : " need attention");
  return out;
}

// What a small window shows first: nothing happens to a job that needs its owner until they see it.
int interest(const JobView& job) {
  if (needs_attention(job)) return 0;
  if (is_moving(job.state)) return 1;
  return job.state == JobState::transient_error ? 2 : job.state == JobState::queued ? 3 : 4;
}

}  // namespace

std::string render_list(const std::vector<JobView>& jobs, const TableStyle& style, Time now) {
  if (jobs.empty()) return "no jobs\n";
  return jobs_table(jobs, style, now) + summary(jobs) + "\n";
}

std::string render_monitor(const std::vector<JobView>& jobs, const TableStyle& style,
                           std::size_t lines, Time now) {
  const std::string end = "Ctrl+C ends the display.";
  if (jobs.empty()) return fit("no jobs. " + end, style.columns, style.utf8);
  const std::size_t room = lines > 3 ? lines - 2 : 1;  // the header above, a line below
  // Places in the list, which also decide where two are alike.
  std::vector<std::size_t> places(jobs.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(interest(jobs[a]), a) < std::pair(interest(jobs[b]), b);
  });
  const bool all = places.size() <= room;
  if (!all) places.resize(room);
  std::sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
    const auto key = [&](std::size_t i) { return std::tuple(all || needs_attention(jobs[i]) ? 0 : 1, jobs[i].created, i); };
    return key(a) < key(b);
  });
  std::vector<JobView> shown;
  for (const std::size_t place : places) shown.push_back(jobs[place]);
  std::string below = summary(jobs);
  if (!all)
    below += std::string(style.utf8 ? ", … and " : ", ... and ") + std::to_string(jobs.size() - shown.size()) +
             " more not shown";
  return jobs_table(shown, style, now) + fit(below + ". " + end, style.columns, style.utf8);
}

namespace {

// "the site's cache and neighbours".
std::string givers_text(const std::vector<std::string>& givers) {
  std::string text;
  for (std::size_t i = 0; i < givers.size(); ++i) {
    if (i > 0) text += i + 1 == givers.size() ? " and " : ", ";
    text += givers[i] == "cache-host"   ? "the site's cache"
            : givers[i] == "site-proxy" ? "the site's proxy"
            : givers[i] == "duplicate"  ? "a duplicate"
            : givers[i] == "swarm"      ? "a swarm"
                                        : "neighbours";
  }
  return text.empty() ? "others than its server" : text;
}

}  // namespace

std::string render_files(const std::vector<FileView>& files, const TableStyle& style) {
  if (files.empty()) return "no files\n";
  std::vector<Cells> rows;
  for (const FileView& file : files) {
    const char* state = file.completed     ? "done"
                        : file.transferred ? "transferred"
                        : file.failed      ? "failed"
                        : file.bytes_done > 0 ? "partial"
                                              : "waiting";
    std::string doubt = file.transferred && file.end_untold ? ", size never told" : "";
    if (file.transferred && file.version_untold) doubt += ", no one version told";
    if (file.validated) doubt += ", valid";
    if (file.bytes_from_peers != 0) doubt += ", " + format_size(file.bytes_from_peers) + " from " + givers_text(file.givers);
    if (file.namesake)
      doubt += (is_replaced(file, files) ? ", replaced by " : ", same name as ") + std::to_string(*file.namesake);
    rows.push_back({std::to_string(file.index), std::string(state) + doubt, amount(file.bytes_done, file.bytes_total),
                    fit_middle(printable(file.local, style.utf8), 60, style.utf8),
                    printable(shown_url(file.remote), style.utf8) +
                        (file.ranges.empty() ? "" : " [" + ranges_text(file.ranges) + "]")});
  }
  return Table{{{"INDEX", Align::right},
                {"STATE"},
                {"BYTES", Align::right},
                {"FILE", Align::left, 20, 20},
                {"URL", Align::left, 16, 16}},
               std::move(rows)}
      .render(style);
}

std::string render_places(const std::vector<FileView>& files, bool utf8) {
  std::string text;
  for (const FileView& file : files) {
    const std::string& place = file.temporary.empty() ? file.local : file.temporary;
    text += std::to_string(file.index) + "  " + printable(place, utf8) + "\n";
  }
  return text;
}

std::string render_status(const JobView& job, const Command& command, const TableStyle& style, Time now) {
  const auto bold = [&](const std::string& text) {
    return style.colour ? "\x1b[1m" + text + "\x1b[0m" : text;
  };
  const auto field = [](std::string_view name, const std::string& value) {
    return pad_left(name, 10) + ": " + value + "\n";
  };
  std::string out = bold(job.id) + "  " + printable(job.name, style.utf8) + "\n";
  if (!job.description.empty()) out += field("about", printable(job.description, style.utf8));
  out += field("state", std::string(to_word(job.state)) + ", " + to_word(job.type) + ", priority " +
                            to_word(job.priority));
  if (job.ended_partly) out += field("note", "completed without all of its files");
  std::string waiting = printable(waiting_line(job), style.utf8);
  if (!waiting.empty()) {
    if (is_known(job.waiting.until) && job.waiting.until > now)
      waiting += " (at " + format_time(job.waiting.until, now) + ")";
    out += field("waiting", waiting);
  }
  std::string progress = amount(job.bytes_done, job.bytes_total);
  if (job.bytes_total != size_unknown && job.bytes_total > 0)
    progress += " (" + std::to_string(job.bytes_done * 100 / job.bytes_total) + " %)";
  out += field("progress", progress + ", " + std::to_string(job.files_done) + " of " +
                               count_of_files(job.files_total));
  if (const std::string note = untold_note(job, command); !note.empty()) out += field("note", note);
  if (const std::string way = way_to_complete(job, command); !way.empty()) out += field("hint", way);
  if (job.rate) out += field("rate", format_rate(*job.rate));
  if (job.average_rate > 0) out += field("average", format_rate(static_cast<double>(job.average_rate)));
  if (const auto left = time_left(job)) out += field("time left", format_duration(*left));
  if (job.delay_added.count() >= 0) {
    std::string impact = format_delay(job.delay_added) + " of delay added to " + format_delay(job.path_delay);
    if (job.capacity_left != size_unknown)
      impact += ", " + format_rate(static_cast<double>(job.capacity_left)) + " of " +
                format_rate(static_cast<double>(job.path_capacity)) + " left to others";
    out += field("impact", impact);
  }
  if (job.bytes_resumed > 0)
    out += field("resumed", format_size(job.bytes_resumed) + " did not have to be fetched again");
  if (job.bytes_from_peers > 0) out += field("from peers", format_size(job.bytes_from_peers));
  if (job.error.code != code::s_ok) {
    out += field("error", printable(sentence_of(job.error.code, job.error.text), style.utf8));
    out += field("code", name_of_code(job.error.code) + ", " +
                         to_word(job.error.context) +
                         (job.error.file == no_file ? "" : ", file " + std::to_string(job.error.file)));
    if (const std::string help = hint_for_job(job, command); !help.empty()) out += field("hint", help);
    if (job.state == JobState::error) {
      std::string ways;
      for (const char c : ways_to_end(job, command)) ways += c == '\n' ? "\n" + std::string(12, ' ') : std::string(1, c);
      out += field("then", ways);
    }
  }
  if (const std::string left = end_without_owner(job, now); !left.empty())
    out += field("cancelled", "in " + left + " (" + format_local(job.expires) + "), unless something happens to it");
  out += field("owner", job.owner);
  out += field("created", format_local(job.created));
  out += field("changed", format_local(job.modified));
  return out;
}

}  // namespace backhaul::cli
