// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/neighbour_search.h"

#include <chrono>
#include <cstddef>
#include <utility>

#include "adapters/curl/identity.h"
#include "adapters/curl/neighbour.h"
#include "adapters/curl/neighbour_head.h"
#include "adapters/curl/option.h"
#include "os/sha256.h"

namespace backhaul::curl {
namespace {

using namespace std::chrono_literals;

// At once, for one object: more would all have to be kept waiting.
constexpr std::size_t asked_max = 32;
// To one neighbour, for all that is searched: it gives no address more than eight, and some are for what it sends.
constexpr long connections_to_one = 4;

}  // namespace

struct NeighbourSearch::Question {
  Question(Search& of, core::Neighbour neighbour, NeighbourProof by, std::string address)
      : search(of), whom(std::move(neighbour)), proof(std::move(by)), server(std::move(address)), handle(curl_easy_init()) {
    BH_ASSERT(handle != nullptr);
  }
  ~Question() { curl_easy_cleanup(handle); }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
    return static_cast<Question*>(self)->head.line({data, size}) ? size : 0;
  }

  static int on_connected(void* self, char*, char*, int, int) noexcept {
    const auto& question = *static_cast<Question*>(self);
    return is_meant(question.handle, question.proof) ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT;
  }

  Search& search;
  const core::Neighbour whom;
  const NeighbourProof proof;
  const std::string server;
  CURL* const handle;
  NeighbourHead head;
  bool asked = false;  // libcurl has it
};

struct NeighbourSearch::Search {
  Search(loop::Loop& loop, base::TransferId id, core::Sought what, std::vector<core::Neighbour> neighbours,
         loop::Callback too_late)
      : transfer(id), sought(std::move(what)), whom(std::move(neighbours)), time(loop, 10ms, std::move(too_late)) {}

  const base::TransferId transfer;
  const core::Sought sought;
  std::vector<core::Neighbour> whom;
  loop::Timer time;
  std::shared_ptr<const ClientCertificate> certificate;
  HeaderList fields{nullptr, &curl_slist_free_all};
  std::vector<std::unique_ptr<Question>> questions;
  std::size_t open = 0;
  ports::NeighboursAnswered result;
};

NeighbourSearch::NeighbourSearch(loop::Loop& loop, ports::Inbox& inbox, NeighbourSettings settings)
    : loop_(loop),
      inbox_(inbox),
      settings_(std::move(settings)),
      certificate_reader_(loop, 1),
      multi_(loop, [this](CURL* handle, CURLcode result) { ended(handle, result); },
             [](CURL*, curl_socket_t) {}, [](curl_socket_t) {}, [](CURL*) { return false; }) {
  multi_.limit_connections(connections_to_one);
}

NeighbourSearch::~NeighbourSearch() {
  while (!searches_.empty()) give_up(searches_.begin()->first);
}

void NeighbourSearch::apply(const core::NeighbourRules& rules) {
  authority_ = rules.trust.value == core::NeighbourTrust::ca ? rules.authority.value : std::string();
}

// The certificate is read anew each time: it is made late, and may be renewed.
void NeighbourSearch::search(base::TransferId transfer, core::Sought sought, std::vector<core::Neighbour> whom) {
  give_up(transfer);
  auto begun = std::make_unique<Search>(loop_, transfer, std::move(sought), std::move(whom),
                                        [this, transfer] { tell(transfer); });
  begun->result.transfer = transfer;
  begun->time.arm(loop_.now() + settings_.search_limit);
  BH_ASSERT(searches_.emplace(transfer, std::move(begun)).second);
  certificate_reader_.submit(
      [this, transfer, certificate = settings_.certificate, key = settings_.key] {
        return [this, transfer, read = ClientCertificate::read_of_machine(certificate, key)]() mutable {
          ask(transfer, std::move(read));
        };
      });
}

void NeighbourSearch::ask(base::TransferId transfer, Certificate certificate) {
  const auto found = searches_.find(transfer);
  if (found == searches_.end()) return;
  Search& search = *found->second;
  if (search.certificate) return;  // what was read for an earlier search by this name comes late
  const std::vector<std::string> fields = search_fields(search.sought);
  if (!certificate || fields.empty()) return tell(transfer);
  search.certificate = *std::move(certificate);
  search.result.own_rank = os::sha256(search.certificate->public_key() + os::sha256(search.sought.url));
  for (const std::string& field : fields) append(search.fields, field.c_str());
  append(search.fields, "Accept:");
  for (core::Neighbour& neighbour : search.whom) {
    NeighbourProof proof{.key = neighbour.key, .authority = authority_};
    std::string server = server_of(neighbour);
    if (!proof.tells() || server.empty() || search.questions.size() == asked_max) continue;
    auto question = std::make_unique<Question>(search, std::move(neighbour), std::move(proof), std::move(server));
    CURL* handle = question->handle;
    prepare_question(handle, question->server + "/v1/object", question->proof, *search.certificate,
                     search.fields.get());
    set(handle, CURLOPT_PRIVATE, question.get());
    set(handle, CURLOPT_NOBODY, 1L);
    set(handle, CURLOPT_PREREQFUNCTION, &Question::on_connected);
    set(handle, CURLOPT_PREREQDATA, question.get());
    set(handle, CURLOPT_HEADERFUNCTION, &Question::on_header);
    set(handle, CURLOPT_HEADERDATA, question.get());
    multi_.add(handle);
    question->asked = true;
    ++search.open;
    search.questions.push_back(std::move(question));
  }
  if (search.open == 0) tell(transfer);
}

void NeighbourSearch::ended(CURL* handle, CURLcode result) {
  Question* question = nullptr;
  BH_ASSERT(curl_easy_getinfo(handle, CURLINFO_PRIVATE, &question) == CURLE_OK && question != nullptr);
  Search& search = question->search;
  question->asked = false;
  if (result == CURLE_OK)
    if (auto answer = question->head.answer(question->whom, question->server, search.sought))
      search.result.answers.push_back(*std::move(answer));
  if (--search.open == 0) tell(search.transfer);
}

void NeighbourSearch::tell(base::TransferId transfer) {
  ports::NeighboursAnswered result = std::move(searches_.at(transfer)->result);
  give_up(transfer);
  inbox_.post(std::move(result));
}

void NeighbourSearch::give_up(base::TransferId transfer) {
  const auto search = searches_.extract(transfer);
  if (search.empty()) return;
  for (const auto& question : search.mapped()->questions)
    if (question->asked) multi_.remove(question->handle);
}

}  // namespace backhaul::curl
