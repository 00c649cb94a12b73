// SPDX-License-Identifier: Apache-2.0
#include "adapters/seal/systemd_creds.h"

#include <string.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <utility>
#include <vector>

#include "bus/place.h"

namespace backhaul::seal {
namespace {

using namespace std::chrono_literals;

constexpr base::Microseconds first_answer = 1s;
constexpr base::Microseconds first_pause = 10s;
constexpr base::Microseconds longest_pause = 10min;
constexpr int first_version = 256;
// What is sealed opens under this name alone.
constexpr const char* name_option = "--name=org.backhaul.queue-key";

// "systemd 257 (257.9-1~deb13u1)": 257. 0: it says something else.
int version_in(std::string_view text) {
  constexpr std::string_view begin = "systemd ";
  int version = 0;
  if (text.starts_with(begin)) std::from_chars(text.data() + begin.size(), text.data() + text.size(), version);
  return version;
}

bool is_key(const std::optional<base::Secret>& text) { return text && text->reveal().size() == key_size; }

}  // namespace

std::string find_systemd_creds(const std::string& search_path) {
  if (const char* given = std::getenv("BACKHAUL_SYSTEMD_CREDS"); given != nullptr) return given;
  if (access("/run/systemd/system", F_OK) != 0) return {};
  return bus::find_program("systemd-creds", search_path);
}

SystemdCreds::SystemdCreds(loop::Loop& loop, std::string program, bool may_have_key, KeySealer& sealer, base::Log& log,
                           std::function<void()> key_came)
    : loop_(loop),
      program_(std::move(program)),
      may_have_key_(may_have_key),
      sealer_(sealer),
      log_(log),
      key_came_(std::move(key_came)),
      again_(loop, 1s, [this] { open(0s); }),
      pause_(first_pause) {
  if (const auto kept = sealer.kept_elsewhere(); kept && kept->by == KeptElsewhere::By::systemd) {
    sealed_ = kept->text;
    open(first_answer);
  }
  begun_ = true;
}

void SystemdCreds::run(std::initializer_list<const char*> words, const base::Secret& input, base::Microseconds wait,
                       Next next) {
  std::vector<std::string> all{program_};
  all.insert(all.end(), words.begin(), words.end());
  // What `next` begins takes the place of this call, which has ended.
  auto call = ProgramCall::begin(loop_, std::move(all), input, wait,
                                 [this, next](std::optional<base::Secret> answer) {
                                   const auto over = std::move(call_);
                                   (this->*next)(std::move(answer));
                                 });
  if (call != nullptr) call_ = std::move(call);
}

// --- from it -----------------------------------------------------------------------------------------

void SystemdCreds::open(base::Microseconds wait) {
  if (sealer_.has_key()) return;
  run({"decrypt", "--user", name_option, "-", "-"}, base::Secret(sealed_), wait, &SystemdCreds::opened);
}

void SystemdCreds::opened(std::optional<base::Secret> key) {
  if (!is_key(key)) {
    if (pause_ == first_pause)
      log_.write(base::LogLevel::warning, "systemd-creds does not open the key of the queue's secrets");
    again_.arm(loop_.now() + pause_);
    pause_ = std::min(pause_ * 2, longest_pause);
    return;
  }
  sealer_.give_key(KeyView(reinterpret_cast<const std::uint8_t*>(key->reveal().data()), key_size));
  if (!may_have_key_)
    if (auto back = sealer_.came_back(); !back) log_.write(base::LogLevel::warning, back.error().text);
  if (!begun_) return;
  log_.write(base::LogLevel::notice, "the key of the queue's secrets is there again");
  key_came_();
}

// --- into it -----------------------------------------------------------------------------------------

void SystemdCreds::take_key() {
  if (!may_have_key_ || program_.empty() || std::exchange(tried_, true)) return;
  run({"--version"}, {}, 0s, &SystemdCreds::told_version);
}

void SystemdCreds::leave_it(const char* why) {
  sealed_.clear();
  if (log_.enabled(base::LogLevel::debug))
    log_.write(base::LogLevel::debug, std::string("the key of the queue's secrets stays in its file: systemd-creds ") + why);
}

void SystemdCreds::told_version(std::optional<base::Secret> text) {
  const Key* key = sealer_.key_in_file();
  if (!text || version_in(text->reveal()) < first_version) return leave_it("is older than 256");
  if (key == nullptr) return;
  const auto bytes = key->view();
  run({"encrypt", "--user", name_option, "-", "-"},
      base::Secret(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())), 0s,
      &SystemdCreds::sealed);
}

void SystemdCreds::sealed(std::optional<base::Secret> text) {
  if (!text || text->empty()) return leave_it("does not seal it");
  sealed_ = text->reveal();
  run({"decrypt", "--user", name_option, "-", "-"}, *text, 0s, &SystemdCreds::proved);
}

// What is about to be the only copy is opened once before the other one goes.
void SystemdCreds::proved(std::optional<base::Secret> text) {
  const Key* key = sealer_.key_in_file();
  const bool same = is_key(text) && key != nullptr && memcmp(text->reveal().data(), key->view().data(), key_size) == 0;
  if (!same) return leave_it("does not open what it sealed");
  while (sealed_.ends_with('\n')) sealed_.pop_back();
  if (auto moved = sealer_.moved({KeptElsewhere::By::systemd, sealed_}); !moved)
    log_.write(base::LogLevel::warning, moved.error().text);
}

}  // namespace backhaul::seal
