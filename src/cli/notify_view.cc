// SPDX-License-Identifier: Apache-2.0
// list --notify: whatever will be started one day is seen today, with who made it so. Declared in
// view.h.
#include "cli/text.h"
#include "cli/view.h"

namespace backhaul::cli {
namespace {

std::string who(const Author& author, const TableStyle& style) {
  if (!is_known(author.time)) return "not known";
  std::string text = user_name(author.uid);
  if (!author.program.empty()) text += " with " + printable(author.program, style.utf8);
  return text + ", " + format_local(author.time);
}

const char* barred_text(const std::string& word) {
  if (word == "policy") return ", forbidden by policy";
  if (word == "account") return ", not run for whoever set it";
  return word.empty() ? "" : ", not run";
}

std::string unheard_text(const UnheardEvent& event, Time now) {
  std::string text = event_word(event.kind);
  text += ", number " + std::to_string(event.sequence);
  if (event.failed_attempts > 0)
    text += ", " + std::to_string(event.failed_attempts) +
            (event.failed_attempts == 1 ? " attempt failed" : " attempts failed");
  if (event.wait == "nobody") return text + ", nobody listens";
  if (event.wait == "turn") return text + ", waits for a free slot";
  if (event.wait == "answer") return text + ", being told now";
  const char* what = ", next attempt ";
  if (event.wait == "start") what = ", the class does not start, next attempt ";
  if (event.wait == "session") what = ", told when its owner logs in, next attempt ";
  if (!is_known(event.next)) return text + what + "not set";
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(event.next - now);
  return text + what + "in " + format_duration(left) + " (" + format_local(event.next) + ")";
}

Json author_json(const Author& author) {
  if (!is_known(author.time)) return Json().null();
  Json json;
  json.object().key("uid").value(author.uid).key("user").value(user_name(author.uid));
  json.key("program");
  if (author.program.empty()) json.null();
  else json.value(author.program);
  json.key("time").value(format_utc(author.time)).end_object();
  return json;
}

const std::string* program_of(const ClassPrograms& classes, const std::string& name) {
  const auto found = classes.find(name);
  return found == classes.end() ? nullptr : &found->second;
}

}  // namespace

const char* event_word(std::uint32_t kind) {
  switch (kind) {
    case 1: return "transferred";
    case 2: return "error";
    case 4: return "file-transferred";
    default: return "unknown";
  }
}

std::string render_notify_list(const std::vector<JobView>& jobs, const ClassPrograms& classes,
                               const TableStyle& style, Time now) {
  if (jobs.empty()) return "no jobs\n";
  std::string out;
  const auto field = [&](std::string_view name, const std::string& value) {
    out += pad_left(name, 10) + ": " + value + "\n";
  };
  for (const JobView& job : jobs) {
    out += short_id(job.id) + "  " + printable(job.name, style.utf8) + "  " + to_word(job.state) +
           ", owner " + job.owner + "\n";
    field("made by", who(job.created_by, style));
    std::string flags;
    for (const std::string& word : flag_words(job.notify_flags))
      flags += (flags.empty() ? "" : ", ") + word;
    field("events", flags.empty() ? "none" : flags);
    if (!job.notify_object.empty()) {
      field("object", job.notify_object + " " + job.notify_object_path);
      field("set by", who(job.object_set_by, style));
    }
    if (!job.notify_service.name.empty()) {
      const std::string* program = program_of(classes, job.notify_service.name);
      field("class", job.notify_service.name + " " + job.notify_service.path +
                         (program == nullptr ? "" : ", starts " + printable(*program, style.utf8)));
      field("set by", who(job.service_set_by, style));
    }
    if (!job.notify_command.program.empty()) {
      field("command", printable(job.notify_command.program, style.utf8) +
                           barred_text(job.command_barred));
      field("arguments", printable(job.notify_command.parameters, style.utf8));
      field("set by", who(job.command_set_by, style));
    }
    for (const UnheardEvent& event : job.unheard) field("unheard", unheard_text(event, now));
  }
  return out;
}

void write_notify(Json& json, const JobView& job, const ClassPrograms& classes) {
  json.object().key("id").value(job.id).key("name").value(job.name);
  json.key("state").value(to_word(job.state)).key("owner").value(job.owner);
  json.key("created-by").literal(author_json(job.created_by).text());
  json.key("flags").array();
  for (const std::string& word : flag_words(job.notify_flags)) json.value(word);
  json.end_array().key("object");
  if (job.notify_object.empty()) json.null();
  else
    json.object().key("name").value(job.notify_object).key("path").value(job.notify_object_path)
        .key("set-by").literal(author_json(job.object_set_by).text()).end_object();
  json.key("class");
  if (job.notify_service.name.empty()) {
    json.null();
  } else {
    const std::string* program = program_of(classes, job.notify_service.name);
    json.object().key("name").value(job.notify_service.name);
    json.key("path").value(job.notify_service.path).key("starts");
    if (program == nullptr) json.null();
    else json.value(*program);
    json.key("set-by").literal(author_json(job.service_set_by).text()).end_object();
  }
  json.key("command");
  if (job.notify_command.program.empty()) json.null();
  else
    json.object().key("program").value(job.notify_command.program)
        .key("parameters").value(job.notify_command.parameters)
        .key("barred").literal(job.command_barred.empty() ? "null" : Json().value(job.command_barred).text())
        .key("set-by").literal(author_json(job.command_set_by).text()).end_object();
  json.key("unheard").array();
  for (const UnheardEvent& event : job.unheard) {
    json.object().key("event").value(event_word(event.kind)).key("seq").value(event.sequence);
    json.key("waits-for").value(event.wait).key("failed-attempts").value(event.failed_attempts);
    json.key("next").literal(is_known(event.next) ? Json().value(format_utc(event.next)).text() : "null");
    json.end_object();
  }
  json.end_array().end_object();
}

}  // namespace backhaul::cli
