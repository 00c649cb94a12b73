// SPDX-License-Identifier: Apache-2.0
#include "adapters/curl/introducer.h"

#include <openssl/ssl.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/curl/certificate.h"
#include "adapters/curl/identity.h"
#include "adapters/curl/introduction_head.h"
#include "adapters/curl/neighbour.h"
#include "adapters/curl/neighbour_head.h"
#include "adapters/curl/option.h"
#include "base/hex.h"
#include "core/introduction.h"
#include "os/hmac.h"

namespace backhaul::curl {
namespace {

constexpr long meeting_limit_ms = 5000;

// Equal on both sides of a connection, and on no other one; empty: there is none.
std::string exported(CURL* handle) {
  std::array<unsigned char, core::introduction_octets> octets{};
  SSL* const tls = tls_of(handle);
  if (tls == nullptr || SSL_version(tls) != TLS1_3_VERSION ||
      SSL_export_keying_material(tls, octets.data(), octets.size(), core::introduction_label.data(),
                                 core::introduction_label.size(), nullptr, 0, 0) != 1)
    return {};
  return base::to_hex(octets);
}

}  // namespace

struct Introducer::Meeting {
  Meeting(core::Neighbour neighbour, Prove by, Told then)
      : whom(std::move(neighbour)), prove(std::move(by)), told(std::move(then)), handle(curl_easy_init()) {
    BH_ASSERT(handle != nullptr);
  }
  ~Meeting() { curl_easy_cleanup(handle); }
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;

  NeighbourProof proof() const { return {.key = whom.key, .authority = {}, .introduces = true}; }

  // What the request says belongs to the connection that it goes over, so its last line is added when that stands:
  // libcurl reads the list when it writes the request, right after this.
  static int on_connected(void* self, char*, char*, int, int) noexcept {
    Meeting& own = *static_cast<Meeting*>(self);
    own.said.asked = key_shown(own.handle);
    own.said.binding = exported(own.handle);
    if (std::exchange(own.spoke, true) || own.said.binding.empty() ||
        !own.said.asked.starts_with(own.whom.key))
      return CURL_PREREQFUNC_ABORT;
    append(own.fields, ("Backhaul-Proof: " + own.prove(core::words_of_asker(own.said))).c_str());
    return CURL_PREREQFUNC_OK;
  }
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) noexcept {
    return static_cast<Meeting*>(self)->head.line({data, size}) ? size : 0;
  }

  // Empty: it did not prove that it has the secret.
  std::string proven_key() const {
    const auto answer = head.answer();
    if (!answer) return {};
    core::Introduction all = said;
    all.asked_nonce = answer->nonce;
    return os::is_same_proof(prove(core::words_of_asked(all)), answer->proof) ? said.asked : std::string();
  }

  const core::Neighbour whom;
  const Prove prove;
  Told told;
  CURL* const handle;
  std::shared_ptr<const ClientCertificate> certificate;
  HeaderList fields{nullptr, &curl_slist_free_all};
  core::Introduction said;
  bool spoke = false;  // a proof is for one connection
  IntroductionHead head;
};

Introducer::Introducer(loop::Loop& loop, NeighbourSettings settings)
    : settings_(std::move(settings)),
      multi_(loop, [this](CURL* handle, CURLcode result) { ended(handle, result); },
             [](CURL*, curl_socket_t) {}, [](curl_socket_t) {}, [](CURL*) { return false; }),
      certificate_reader_(loop, 1) {}

Introducer::~Introducer() {
  for (const auto& [handle, meeting] : under_way_) multi_.remove(handle);
}

// The certificate is read anew each time: it is made late, and may be renewed.
void Introducer::introduce(core::Neighbour whom, Prove prove, Told told) {
  auto meeting = std::make_unique<Meeting>(std::move(whom), std::move(prove), std::move(told));
  certificate_reader_.submit(
      [this, meeting = std::move(meeting),
       certificate = settings_.certificate, key = settings_.key]() mutable {
        return [this, meeting = std::move(meeting), read = ClientCertificate::read_of_machine(certificate, key)]() mutable {
          begin(std::move(meeting), std::move(read));
        };
      });
}

void Introducer::begin(std::unique_ptr<Meeting> meeting, Certificate certificate) {
  const std::string server = server_of(meeting->whom);
  if (!certificate || server.empty() || meeting->whom.key.empty()) return meeting->told({});
  meeting->certificate = *std::move(certificate);
  meeting->said.asker = meeting->certificate->public_key();
  meeting->said.asker_nonce = os::random_hex(core::nonce_octets);
  if (meeting->said.asker.empty() || meeting->said.asker_nonce.empty()) return meeting->told({});
  append(meeting->fields, ("Backhaul-Nonce: " + meeting->said.asker_nonce).c_str());
  append(meeting->fields, "Accept:");
  append(meeting->fields, "Content-Type:");
  CURL* const handle = meeting->handle;
  prepare_question(handle, server + std::string(core::introduction_path), meeting->proof(), *meeting->certificate,
                   meeting->fields.get());
  set(handle, CURLOPT_POST, 1L);
  set(handle, CURLOPT_POSTFIELDSIZE, 0L);
  set(handle, CURLOPT_POSTFIELDS, "");
  set(handle, CURLOPT_TIMEOUT_MS, meeting_limit_ms);
  set(handle, CURLOPT_PREREQFUNCTION, &Meeting::on_connected);
  set(handle, CURLOPT_PREREQDATA, meeting.get());
  set(handle, CURLOPT_HEADERFUNCTION, &Meeting::on_header);
  set(handle, CURLOPT_HEADERDATA, meeting.get());
  under_way_.emplace(handle, std::move(meeting));
  multi_.add(handle);
}

void Introducer::ended(CURL* handle, CURLcode result) {
  auto found = under_way_.extract(handle);
  BH_ASSERT(!found.empty());
  Meeting& meeting = *found.mapped();
  meeting.told(result == CURLE_OK ? meeting.proven_key() : std::string());
}

}  // namespace backhaul::curl
