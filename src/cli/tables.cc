// SPDX-License-Identifier: Apache-2.0
// Tables and screens for people; declared in view.h.
#include <backhaul/codes.h>

#include <algorithm>
#include <array>

#include "cli/text.h"
#include "cli/view.h"

namespace backhaul::cli {
namespace {

enum class Align : bool { left, right };

struct Column {
  std::string_view title;
  Align align = Align::left;
  std::size_t least = 0;   // not narrowed below this
  bool shrinks = false;
};

using Cells = std::vector<std::string>;

// The columns that may shrink give way until the table fits; then the last one is cut off.
std::string render_table(const std::vector<Column>& columns, const std::vector<Cells>& rows,
                         const TableStyle& style) {
  std::vector<std::size_t> width;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    width.push_back(columns[c].title.size());
    for (const Cells& row : rows) width[c] = std::max(width[c], display_width(row[c]));
  }
  std::size_t sum = 2 * (columns.size() - 1);
  for (std::size_t w : width) sum += w;
  for (std::size_t c = 0; c < columns.size() && sum > style.columns; ++c) {
    if (!columns[c].shrinks || width[c] <= columns[c].least) continue;
    const std::size_t given = std::min(sum - style.columns, width[c] - columns[c].least);
    width[c] -= given;
    sum -= given;
  }
  const auto line = [&](auto cell) {
    std::string out;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::string text = fit(cell(c), width[c], style.utf8);
      out += (c == 0 ? "" : "  ") + (columns[c].align == Align::left ? pad(text, width[c])
                                                                    : pad_left(text, width[c]));
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return fit(out, style.columns, style.utf8) + "\n";
  };
  std::string out = line([&](std::size_t c) { return columns[c].title; });
  if (style.colour) out = "\x1b[1m" + out.substr(0, out.size() - 1) + "\x1b[0m\n";
  for (const Cells& row : rows) out += line([&](std::size_t c) { return std::string_view(row[c]); });
  return out;
}

std::string amount(std::uint64_t done, std::uint64_t total) {
  return format_size(done) + "/" + format_size(total);
}

bool needs_attention(const JobView& job) {
  return job.state == JobState::error || (job.state == JobState::transferred && !job.auto_complete);
}

std::string countdown(const JobView& job, Time now) {
  if (job.waiting.kind != "retry" || !is_known(job.waiting.until)) return {};
  return format_duration(std::chrono::duration_cast<std::chrono::seconds>(job.waiting.until - now));
}

}  // namespace

std::string waiting_line(const JobView& job) {
  if (job.waiting.kind.empty() || job.waiting.kind == "nothing") return {};
  return job.waiting.sentence.empty() ? job.waiting.kind : job.waiting.sentence;
}

std::string render_list(const std::vector<JobView>& jobs, const TableStyle& style, Time now) {
  if (jobs.empty()) return "no jobs\n";
  const std::string dash = style.utf8 ? "–" : "-";
  std::vector<Cells> rows;
  std::size_t attention = 0;
  for (const JobView& job : jobs) {
    attention += needs_attention(job) ? 1 : 0;
    std::string why = waiting_line(job);
    if (const std::string left = countdown(job, now); !left.empty()) why = "retry " + left;
    rows.push_back({short_id(job.id), printable(job.name, style.utf8), to_word(job.type),
                    to_word(job.state), to_word(job.priority),
                    std::to_string(job.files_done) + "/" + std::to_string(job.files_total),
                    amount(job.bytes_done, job.bytes_total),
                    why.empty() ? dash : printable(why, style.utf8)});
  }
  std::string out = render_table({{"ID"},
                                  {"NAME", Align::left, 12, true},
                                  {"TYPE"},
                                  {"STATE"},
                                  {"PRIO"},
                                  {"FILES", Align::right},
                                  {"BYTES", Align::right},
                                  {"WAITING FOR", Align::left, 12, true}},
                                 rows, style);
  out += std::to_string(jobs.size()) + (jobs.size() == 1 ? " job" : " jobs");
  if (attention > 0) out += ", " + std::to_string(attention) + (attention == 1 ? " needs attention" : " need attention");
  return out + "\n";
}

std::string render_files(const std::vector<FileView>& files, const TableStyle& style) {
  if (files.empty()) return "no files\n";
  std::vector<Cells> rows;
  for (const FileView& file : files) {
    const char* state = file.completed ? "done" : file.transferred ? "transferred" : file.bytes_done > 0 ? "partial" : "waiting";
    const char* doubt = file.transferred && file.end_untold ? ", size never told" : "";
    rows.push_back({std::to_string(file.index), std::string(state) + doubt, amount(file.bytes_done, file.bytes_total),
                    fit_middle(printable(file.local, style.utf8), 60, style.utf8),
                    printable(file.remote, style.utf8)});
  }
  return render_table({{"INDEX", Align::right},
                       {"STATE"},
                       {"BYTES", Align::right},
                       {"FILE", Align::left, 20, true},
                       {"URL", Align::left, 16, true}},
                      rows, style);
}

std::string render_status(const JobView& job, const TableStyle& style, Time now) {
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
  std::string waiting = printable(waiting_line(job), style.utf8);
  if (!waiting.empty()) {
    if (is_known(job.waiting.since)) waiting += " (since " + format_local(job.waiting.since) + ")";
    if (const std::string left = countdown(job, now); !left.empty()) waiting += ", next attempt in " + left;
    out += field("waiting", waiting);
  }
  std::string progress = amount(job.bytes_done, job.bytes_total);
  if (job.bytes_total != size_unknown && job.bytes_total > 0)
    progress += " (" + std::to_string(job.bytes_done * 100 / job.bytes_total) + " %)";
  out += field("progress", progress + ", " + std::to_string(job.files_done) + " of " +
                               std::to_string(job.files_total) +
                               (job.files_total == 1 ? " file" : " files"));
  if (job.rate) out += field("rate", format_rate(*job.rate));
  if (const auto left = time_left(job)) out += field("time left", format_duration(*left));
  if (job.error.code != code::s_ok) {
    out += field("error", printable(job.error.text.empty() ? code_text(job.error.code) : job.error.text, style.utf8));
    out += field("code", name_of_code(job.error.code) + ", " +
                         to_word(job.error.context) +
                         (job.error.file == no_file ? "" : ", file " + std::to_string(job.error.file)));
    if (const std::string help = hint(job.error.code, short_id(job.id)); !help.empty())
      out += field("hint", help);
  }
  out += field("owner", job.owner);
  out += field("created", format_local(job.created));
  out += field("changed", format_local(job.modified));
  return out;
}

}  // namespace backhaul::cli
