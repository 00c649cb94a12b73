// SPDX-License-Identifier: Apache-2.0
// Files: part files as sinks, publishing, discarding. Calls return at once; blocking work happens
// on a worker inside the adapter and comes back as an event. Loop thread only.
//
// Promises the adapter gives:
//  * PartStored names only bytes whose write had completed before an fdatasync that succeeded.
//    A failed write or sync poisons the sink: no PartStored follows it.
//  * Operations on one part are in order: an open waits for the close of an earlier sink of the
//    same part.
//  * A checkpoint (PartStored, not final) starts when one second has passed since the last and
//    that one has ended.
//  * A part that is to be in place takes its local name, over what stands there, with its first byte, or with the
//    sync of an empty file. One that was begun beside another takes it when all of it is synced, and not before: until
//    then what is held stands there. At a checkpoint such parts are written only. A record is believed where it is of
//    bytes.
//  * publish: sync is already done (only `transferred` files are published). First every part is
//    looked at (core/part.h), and what stands under every local name (core/destination.h): if
//    anything is wrong with one of them, nothing is renamed. Then: set the times, and where none was
//    taken over the mode 0666 & ~umask, or the access list that files of the directory begin with; rename
//    over an existing file, then sync each directory once, then answer. A part that is already at its
//    destination counts as published. Every step can be repeated after a crash.
//  * Everything is done as the owner that the request names, with no more rights than that account
//    has. An adapter that cannot act for it refuses (E_ACCESSDENIED) and touches nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "core/admission.h"
#include "core/client_certificate.h"
#include "core/digest.h"
#include "core/owner.h"
#include "core/part.h"
#include "core/pieces.h"
#include "core/signature.h"

namespace backhaul::ports {

// Bytes of a part as it was opened: the first core::sample_bytes in front of its first gap, less where there are
// less, and core::sample_of() it.
struct HeldSample {
  std::string head;
  std::string tail;
};

// What the copy of a file of this machine takes over from it (jobs.md §15); what is unset it does not.
struct CopiedRights {
  std::optional<std::uint32_t> owner{};
  std::optional<std::uint32_t> group{};
  std::optional<std::uint32_t> mode{};  // permissions
  std::string access_list{};            // as the file system keeps it; empty: none beside the permissions
};

// The receiving end of one transfer. Owned by Files, valid from PartOpened until the transport
// posted TransferEnded and the engine called close().
class Sink {
 public:
  virtual ~Sink() = default;
  // Takes all of `data`, the first byte of which lies at `place` in the part, or nothing: false means
  // full (or failed, then PartFailed was posted). The transport pauses and offers the same bytes again
  // when the room callback runs. Never bytes that are held or were taken before.
  virtual bool write_at(std::uint64_t place, std::span<const std::byte> data) = 0;
  // Called once, later and never from inside write_at(), after that returned false. Each transfer that fills it may wait.
  virtual void on_room(std::move_only_function<void()> callback) = 0;
  // The bytes that follow belong to another version of the remote file: they go to a new part of
  // this epoch, which is empty. What was taken before is void; `beside`: not before the new part is whole.
  virtual void restart(std::uint32_t epoch, bool beside) = 0;
  // What a server's bytes can be compared with. Until the first write_at() or restart(); empty then.
  virtual const HeldSample& held() const = 0;
  // Before end_of_data(): the part gets these rights with its last sync, and keeps the permissions when it
  // is put in place. What its owner may not give away is a PartFailed, E_ACCESSDENIED.
  virtual void take_over(CopiedRights rights) = 0;
  // No more bytes: sync everything, then PartStored with final.
  virtual void end_of_data() = 0;
  // The size of the whole local file became known: room for the rest is looked for, and too little of it
  // is a PartFailed before the disk is full.
  virtual void expect(std::uint64_t size) = 0;
  // How many bytes are held or were taken so far: the live progress.
  virtual std::uint64_t taken() const = 0;
};

struct OpenPart {
  base::TransferId transfer{};
  base::JobId job;
  core::Owner owner;
  std::uint32_t index = 0;
  std::uint32_t epoch = 0;
  std::string local;          // destination; the part lies beside it (core/part_name.h)
  core::Extents stored;       // durable bytes on record
  std::uint64_t device = 0;   // of the part on record; 0/0: none yet
  std::uint64_t inode = 0;
  std::uint64_t mount = 0;
  std::uint64_t tail = 0;     // digest of the end of `stored`
  std::uint32_t last_write = 0;  // of a part that was closed in order (core/part.h)
  std::uint64_t size = UINT64_MAX;  // of the whole local file, if known: for the check of free space
  std::string root{};  // as in PartRef
  bool in_place = false;
  // The SHA-256 of its bytes is taken as they come, and not of what somebody may have made of them on the disk.
  bool takes_digest = false;
};

struct PartRef {
  std::uint32_t index = 0;
  std::uint32_t epoch = 0;
  std::string local;
  // Empty: anywhere. Otherwise the directory of `local` is looked for beneath this one, and a way out
  // of it ("..", a symbolic link) is refused with E_ACCESSDENIED, each time it is opened.
  std::string root{};
};

// What a whole part is read again for.
struct DigestOrder {
  std::vector<core::DigestAlgorithm> algorithms{};  // of all of it
  std::optional<core::PieceSize> pieces{};          // of its pieces
  std::optional<core::Signature> signature{};       // whether it holds

  bool empty() const { return algorithms.empty() && !pieces && !signature; }
  bool operator==(const DigestOrder&) const = default;
};

struct PublishFile {
  PartRef part;
  core::PartRecord recorded;
  std::optional<base::WallTime> modified;  // Last-Modified of the remote file
  bool in_place = false;                   // it has its name already
};

struct PublishRequest {
  base::JobId job;
  core::Owner owner;
  std::vector<PublishFile> files;
  // What nobody continues: deleted after every file above was published, kept otherwise.
  std::vector<PartRef> drop;
  bool only_look = false;  // whether everything is there; nothing is renamed or deleted
};

struct DiscardRequest {
  base::JobId job;
  core::Owner owner;
  std::vector<PartRef> parts;  // a part that is not there is fine
  // The account may be nobody's, or somebody else's, by now (core/account.h). Whoever deletes looks for themselves.
  bool owner_in_doubt = false;
};

// What is on record of a part that becomes another owner's, and the epoch of the part that it is copied to.
struct HandedPart {
  PartRef part;
  core::PartRecord recorded;
  std::uint32_t epoch = 0;
};

struct HandOverRequest {
  base::JobId job;
  core::Owner from;
  core::Owner to;
  std::vector<HandedPart> parts;
};

// Of one file.
struct SweepRequest {
  base::JobId job;
  core::Owner owner;
  PartRef keep;
  std::optional<std::uint32_t> beside;  // an epoch that stays as well
  std::uint32_t newest = 0;             // a part that was begun after this one may be in use
};

// What one command names of the file system: where its files are to go, and a client certificate.
struct Destinations {
  core::Owner owner;
  std::vector<core::Placed> files;
  std::optional<core::CertificateWanted> certificate{};
  std::vector<core::SignatureKind> signatures{};  // that will have to be verified; each once
  // Nobody but the owner and root may change what lies in the directories: they are the owner's or root's, and nobody
  // else may write there, unless by the sticky bit to what is his own.
  bool guarded = false;

  bool operator==(const Destinations&) const = default;
};

class Files {
 public:
  virtual ~Files() = default;
  // Answer: PartOpened or PartFailed. Before a file starts: directory missing -> PATH_NOT_FOUND;
  // part on another device than the directory -> BG_E_VOLUME_CHANGED; part missing, or not what the
  // record says (core/part.h) -> nothing stored and part_lost; too little room beside what the part holds
  // already -> DISK_FULL, larger than a file may be -> FILE_TOO_LARGE. A longer part is trimmed to
  // the end of `stored`. O_NOFOLLOW, mode 0600.
  virtual void open(OpenPart request) = 0;
  // The sink of an opened transfer. Null after PartFailed at open or after close().
  virtual Sink* sink(base::TransferId transfer) = 0;
  // Of a part that is being closed, or was and is not forgotten yet: what will be on record of it unless a write fails.
  // Unset: there is none, it is not being closed, or one has failed.
  struct Coming {
    std::uint32_t epoch = 0;
    std::uint64_t octets = 0;
  };
  virtual std::optional<Coming> coming(base::TransferId transfer) const = 0;
  // After PartClosed: what was told of it is on record. Any number is welcome.
  virtual void forget(base::TransferId transfer) = 0;
  // After the final PartStored: reads the whole part again, as it lies on the disk. Answer:
  // PartDigested, or PartFailed; nothing after close(), which does not wait for it.
  virtual void digest(base::TransferId transfer, DigestOrder order) = 0;
  // Stops taking bytes, syncs what was taken, closes (PartClosed). Before it PartStored, not final, also where nothing
  // is new: with the mark of the last write, by which the next open knows whether this is the part that was left.
  virtual void close(base::TransferId transfer) = 0;
  // Answer: Published, with one entry for every file asked for, in order.
  virtual void publish(PublishRequest request) = 0;
  // Answer: Discarded.
  virtual void discard(DiscardRequest request) = 0;
  // Copies what is on record of each part into a new one, which only the new owner can open and which is durable when
  // it is told of. A part that does not fit its record, or that cannot be copied, is told with its error, and nothing
  // is left of its copy. What is copied stays where it is. Answer: HandedOver, with an entry for every part, in order.
  virtual void hand_over(HandOverRequest request) = 0;
  // Deletes the parts of a file but those that are to be kept. No answer. In order with the opens of
  // this file: a part that is opened, or begun anew by its sink, afterwards is not swept. While a part
  // of it is open, no epoch behind `newest` goes.
  virtual void sweep(SweepRequest request) = 0;
  // Before files are added. Answer: DestinationsChecked, with what is wrong with the first of them for
  // which something is: its directory is missing (PATH_NOT_FOUND), not writable, not beneath its root
  // or not guarded (E_ACCESSDENIED), or what stands under the name may not be replaced (core/destination.h,
  // BAD_FILE_TYPE); or no program here verifies one of the signatures (FILE_NOT_FOUND). Answers come in any
  // order, and late where a directory is slow: a check holds up nothing else of this port. Then the
  // certificate is looked at, and its key opened: FILE_NOT_FOUND for a file or a store that is not there,
  // CRYPT_E_NOT_FOUND for none that fits, E_ACCESSDENIED where it cannot be read,
  // WINHTTP_CLIENT_CERT_NO_ACCESS_PRIVATE_KEY for a key that does not open or is another's. What is in a token
  // is not looked at.
  virtual void check(base::CheckId check, Destinations destinations) = 0;
};

}  // namespace backhaul::ports
