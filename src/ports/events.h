// SPDX-License-Identifier: Apache-2.0
// What the world tells the engine. Adapters only append these to the inbox; they decide nothing.
// Every event that answers a request carries the number of that request.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/sum.h"
#include "core/account.h"
#include "core/admit.h"
#include "core/conversation.h"
#include "core/digest.h"
#include "core/extents.h"
#include "core/job.h"
#include "core/neighbours.h"
#include "core/site_sources.h"
#include "core/swarm.h"

namespace backhaul::ports {

// --- Transport ---------------------------------------------------------------------------------
// The connection to the server stands and the request was sent (CONNECTING -> TRANSFERRING needs
// the head as well).
struct HeadReceived {
  base::TransferId transfer{};
  core::RemoteIdentity identity;
  bool restarted = false;  // the sink began a new epoch: progress of this file falls to 0
  bool beside = false;     // … and the part before it stays until the new one is complete
  std::uint32_t epoch = 0;
  std::string headers{};  // of the answer (core::ResponseHead::lines)
  std::string remote{};   // the address that the file is called by from now on; empty: as before
  std::string torrent{};  // where its origin says that a torrent of the file is; empty: nowhere
  std::vector<std::string> duplicates{};  // where it says that the file lies as well, the best ones first
  bool unchecked = false;  // its content may still be denied (core::Conversation::is_unchecked)
};
// A server that the job's program has not accepted.
struct UnknownServer {
  core::ServerCertificate certificate;
  std::vector<std::string> chain;  // DER, the server's own first, as it was verified
};
// The request is over; the transport touches the sink no more. Without error every byte was handed
// to the sink and end_of_data() was called, unless it stopped in front of an unknown server, or only
// what was asked for ahead of the rest was fetched.
struct TransferEnded {
  base::TransferId transfer{};
  std::optional<base::Error> error;
  std::optional<base::Microseconds> retry_after;  // the server's wish, from a 408, 425, 429 or 503
  std::optional<UnknownServer> unknown_server;
  core::Doubt doubt = core::Doubt::none;
  bool asked_only = false;  // without error: what was asked for is here, and other bytes are missing
  std::string origin{};  // of whoever wishes; without retry_after as it did before, or without a time
  std::string headers{};  // of an answer that was no file; as in HeadReceived
  std::string remote{};
  core::Extents denied{};  // with an error: of the local file, what came whole and is not what it has to be
};

// So many octets came from servers that are not of the own network, for any transfer of this owner, kept or not,
// since the last time that it was told: a few times a second while something comes, and at its end.
struct Received {
  core::Owner owner;
  std::uint64_t octets = 0;
};

// --- Files -------------------------------------------------------------------------------------
struct PartOpened {
  base::TransferId transfer{};
  std::uint32_t epoch = 0;
  core::Extents stored;      // as asked, or nothing when the part could not be used
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t mount = 0;
  std::uint64_t tail = 0;
  std::uint32_t last_write = 0;  // none: it is open
  bool part_lost = false;    // the recorded part was missing, short or another file (core/part.h)
};
// These bytes of the part are synced: all that are, not only what is new. `final`: they are the whole
// file.
struct PartStored {
  base::TransferId transfer{};
  std::uint32_t epoch = 0;
  core::Extents stored;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t mount = 0;
  std::uint64_t tail = 0;  // digest of the end of `stored` (core/part.h)
  std::uint32_t last_write = 0;  // mark of it where nothing more is written and the file system tells it for good
  bool final = false;
  std::string received{};  // if final: the SHA-256 that was asked for, in hex; empty: they came in several runs
};
// Of the whole part, in the order in which they were asked for, and of its pieces, where those were asked
// for and are no more than core::pieces_max.
struct PartDigested {
  base::TransferId transfer{};
  std::uint32_t epoch = 0;
  std::vector<core::Digest> digests;
  std::string pieces{};  // core::Pieces::hex
  std::string forged{};  // why the signature does not hold; empty: it does, or none was asked about
};
// Opening, writing or syncing failed; nothing more is taken. PartClosed follows after close().
struct PartFailed {
  base::TransferId transfer{};
  base::Error error;
};
struct PartClosed {
  base::TransferId transfer{};
};
enum class Placing : std::uint8_t {
  in_place,  // the file is under its local name, durably
  kept,      // it is not; its part is there, or may come back with its directory
  lost,      // the part is gone, or not what was received
};
struct PublishedFile {
  std::uint32_t index = 0;
  Placing placing = Placing::in_place;
  std::optional<base::Error> error;  // why not; unset: only because of another file
};
struct Published {
  base::JobId job;
  std::vector<PublishedFile> files;
  bool leftovers = false;  // a part that should go could not be deleted
  bool only_looked = false;  // as asked: nothing was put in place
};
struct Discarded {
  base::JobId job;
  bool leftovers = false;
};
// What is on record of the copy of a part, as in PartStored; or why there is none.
struct CopiedPart {
  std::uint32_t index = 0;
  std::uint32_t epoch = 0;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t mount = 0;
  std::uint64_t tail = 0;
  std::uint32_t last_write = 0;
  std::optional<base::Error> error{};
};
struct HandedOver {
  base::JobId job;
  std::vector<CopiedPart> parts;
};

// The folder of the copies was looked at, and on what file system it is. The error: no copies can be made there.
struct CacheLooked {
  std::vector<base::RecordId> lost;  // of those that are on record
  std::uint64_t volume = 0;          // its size in octets
  std::optional<base::Error> error;
};
// The copy is there and has the digest that was asked for, or why it is not.
struct CopyMade {
  base::RecordId id;
  std::optional<base::Error> error;
};

// All neighbours that are known and trusted, without this machine; and by what key they know it (empty: it has none).
struct NeighboursChanged {
  std::string own_key;
  std::vector<core::Neighbour> all;
};
// All that say to be a cache of the site.
struct CachesFound {
  std::vector<core::AnnouncedCache> all;
};
// Of those that were asked; who is missing did not answer in time, or not as it should.
struct NeighboursAnswered {
  base::TransferId transfer{};
  std::string own_rank;  // SHA-256 of the own key and the name of the object, as neighbours take theirs
  std::vector<core::NeighbourAnswer> answers;
};
// A neighbour is being given this record, or is no longer.
struct RecordServed {
  base::RecordId id;
  bool begins = false;
};

// Where the bytes of the object are to be asked for, or why there are none.
struct SwarmAnswered {
  base::TransferId transfer{};
  base::Result<core::SwarmPlace> place;
};

// The files of a command can go where they are to go, or why the first of them cannot; and what its client
// certificate was found to be, or why it cannot be used.
struct DestinationsChecked {
  base::CheckId check{};
  std::optional<base::Error> refusal;
  std::optional<core::ClientCertificate> certificate{};
};

// --- Notifier ----------------------------------------------------------------------------------
enum class NotifyOutcome : std::uint8_t {
  answered,     // the method returned `result`
  failed,       // the callee was reached, but answered with a bus error or has no such object
  gone,         // the object's process is not on the bus (any more): the registration is void
  unavailable,  // the class could not be started, or gave no object, within the limit
  unsupported,  // the instance of the class does not answer the interface that this event needs
};
struct DeliveryEnded {
  base::Ticket ticket{};
  NotifyOutcome outcome = NotifyOutcome::failed;
  base::Code result = base::Code::E_FAIL;
  std::string text;  // for the journal
};

// What became of a question about a certificate.
struct CertificateChecked {
  std::uint64_t question = 0;
  NotifyOutcome outcome = NotifyOutcome::failed;  // answered, failed or gone
  base::Code result = base::Code::E_FAIL;
  std::string text;
};

// --- Environment and clients -------------------------------------------------------------------
struct NetworkChanged {
  bool up = true;
};
// Another interface or gateway leads to everything that is far.
struct RouteChanged {
  core::Route route;
};
// What the services of the machine tell, all of it.
struct SurroundingsChanged {
  core::Surroundings around;
};
// All accounts of owners that are not what they were.
struct AccountsChanged {
  core::StrayAccounts stray;
};
// A unit that jobs belong to has another number since it runs again (core::moved_to).
struct AccountMoved {
  core::Account from;
  std::uint32_t to = 0;
};
// The settings were read again: what they lay down, and what is to be said of them if that holds.
struct PolicyChanged {
  core::Policy policy;
  std::vector<std::string> warnings{};
};
struct ClassInstalled {  // a bus name can be activated now, or by another program than before
  std::string name;
};
struct SessionBegan {  // of this owner there is a session bus now, which starts classes
  std::uint32_t owner = 0;
};
struct PeerGone {  // a client left the bus
  base::PeerId peer{};
  std::string unique_name;
};

struct EventKinds {
  using Variant = std::variant<HeadReceived, TransferEnded, PartOpened, PartStored, PartDigested,
                           PartFailed, PartClosed, Published, Discarded, HandedOver, CacheLooked, CopyMade, NeighboursChanged,
                           CachesFound, NeighboursAnswered, RecordServed, SwarmAnswered, DestinationsChecked,
                           DeliveryEnded,
                           CertificateChecked, NetworkChanged, RouteChanged, Received, SurroundingsChanged,
                           PolicyChanged, AccountsChanged, AccountMoved, ClassInstalled, SessionBegan, PeerGone>;
};
using Event = base::Sum<EventKinds>;

// The only way back into the engine. Loop thread only; never re-enters the caller.
class Inbox {
 public:
  virtual ~Inbox() = default;
  virtual void post(Event event) = 0;
};

}  // namespace backhaul::ports

extern template class backhaul::base::Sum<backhaul::ports::EventKinds>;
