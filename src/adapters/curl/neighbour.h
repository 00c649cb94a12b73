// SPDX-License-Identifier: Apache-2.0
// What every connection to a neighbour is made with (peer-caching.md §5.3): TLS 1.3, the certificate of this
// machine, nobody between, and only to the machine that is meant. Nothing of a job goes along.
#pragma once

#include <curl/curl.h>

#include <string>

namespace backhaul::curl {

class ClientCertificate;

// By what a neighbour is known to be itself.
struct NeighbourProof {
  std::string key;        // SHA-256 of its public key, in lower-case hex
  std::string authority;  // the file with the site's certificates, whose word counts instead; empty: none
  bool introduces = false;  // it is asked for nothing before it has proven by other means who it is

  // Somebody else could be told from it.
  bool tells() const;
};

// Only inside a callback of libcurl, as is_meant: the key of the machine at the other end; empty: it shows none, or its
// certificate is not in force.
std::string key_shown(CURL* handle);
// After the handshake, in front of the request: whether the machine at the other end is the one that is meant, by its
// key or the begin of it, and its certificate is in force. This alone holds keys against each other: whoever is
// somebody else has seen our certificate by then, and hears nothing of what is wanted.
bool is_meant(CURL* handle, const NeighbourProof& proof);
// Nobody else vouches for the server of the handle than this authority, by its file, and by its list of those that it
// took back, where there is one.
void trust_alone(CURL* handle, const std::string& authority);
// For the connections that the handle makes from now on, which are made for one request each. `proof` tells.
void be_strict(CURL* handle, const NeighbourProof& proof);
// A request to a neighbour that is not for a file: all of it but its method and what is done with its answer. What is given
// here outlives the request; of its body nothing is read.
void prepare_question(CURL* handle, const std::string& url, const NeighbourProof& proof,
                      const ClientCertificate& certificate, curl_slist* fields);
// Where nothing else is done to the TLS of the handle; the certificate outlives its connections.
void show_machine(CURL* handle, const ClientCertificate& certificate);

}  // namespace backhaul::curl
