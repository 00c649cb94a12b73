// SPDX-License-Identifier: Apache-2.0
// Verbs about the program and its service rather than about jobs: class, version, help, completion.
#include <backhaul/codes.h>

#include <algorithm>
#include <string>

#include "cli/app.h"
#include "cli/help.h"
#include "cli/other_tools.h"
#include "cli/text.h"

namespace backhaul::cli {
namespace {

Exit list_classes(App& app, const Client& client) {
  auto classes = client.list_classes();
  if (!classes) return app.fail("the list of classes", classes.error());
  Json json;
  json.array();
  std::string text;
  std::size_t widest = 0;
  for (const ClassInfo& one : *classes) widest = std::max(widest, one.name.size());  // of ASCII, as all names on the bus
  for (const ClassInfo& one : *classes) {
    json.object().key("name").value(one.name).key("running").value(one.running);
    json.key("exec").array();
    text += one.name + std::string(widest - one.name.size(), ' ') + (one.running ? "  running " : "  -       ");
    for (const std::string& word : one.exec) {
      json.value(word);
      text += " " + printable(word, app.out().utf8);
    }
    json.end_array().end_object();
    text += "\n";
  }
  app.print(app.json() ? json.end_array().text() + "\n" : text.empty() ? "no classes\n" : text);
  return Exit::done;
}

std::size_t columns(const App& app) { return app.out().tty ? app.out().columns : 80; }

}  // namespace

Exit run_class(App& app) {
  const Arguments& arguments = app.arguments();
  if (arguments.verb == Verb::class_add) {
    if (arguments.exec.empty()) return app.misuse("\"class add\" needs --exec PROGRAM [ARGUMENT…]");
    if (!arguments.exec.front().starts_with('/'))
      return app.misuse("\"" + arguments.exec.front() + "\" is not the absolute path of a program (--exec)");
  }
  auto client = app.client();
  if (!client) return client.error();
  if (arguments.verb == Verb::class_list) return list_classes(app, *client);
  const std::string& name = arguments.operands.at(0);
  const auto done = arguments.verb == Verb::class_add ? client->register_class(name, arguments.exec)
                                                      : client->unregister_class(name);
  if (done) return Exit::done;
  if (done.code() == code::bg_e_not_found) {
    app.misuse("the class " + name + " was not registered through backhaul");
    return Exit::not_found;
  }
  return app.fail(std::string(row(arguments.verb).name) + " " + name, done.error());
}

Exit run_version(App& app) {
  // --version is for scripts that only want to know what they have: no service is started.
  if (app.arguments().has(Opt::version)) {
    app.print(app.json() ? Json().object().key("command").value(BACKHAUL_VERSION).end_object().text() + "\n"
                         : "backhaul " BACKHAUL_VERSION "\n");
    return Exit::done;
  }
  auto client = app.client();
  if (!client) return client.error();
  auto service = client->service_version();
  if (!service) return app.fail("the version of the service", service.error());
  if (app.json()) {
    Json json;
    json.object().key("command").value(BACKHAUL_VERSION).key("service").value(*service);
    app.print(json.end_object().text() + "\n");
  } else {
    app.print("backhaul " BACKHAUL_VERSION "\nservice " + *service + "\n");
  }
  return Exit::done;
}

Exit run_help(App& app) {
  std::string name;
  for (const std::string& word : app.arguments().operands) name += (name.empty() ? "" : " ") + word;
  if (name.empty()) {
    app.print(help_overview(columns(app)));
    return Exit::done;
  }
  if (const std::string group = help_group(name, columns(app)); !group.empty()) {
    app.print(group);
    return Exit::done;
  }
  for (const VerbRow& verb : verb_rows()) {
    if (verb.name != name) continue;
    app.print(help_verb(verb, columns(app)));
    return Exit::done;
  }
  const std::string advice = advice_on_verb(name);
  return app.misuse("unknown verb \"" + name + "\"" +
                    (advice.empty() ? "; \"backhaul help\" lists them" : advice));
}

Exit run_completion(App& app) {
  const std::string& shell = app.arguments().operands.at(0);
  if (shell != "bash" && shell != "zsh") return app.misuse("\"" + shell + "\" is no shell that there is completion for: bash or zsh");
  app.print(shell == "bash" ? bash_completion() : zsh_completion());
  return Exit::done;
}

}  // namespace backhaul::cli
