// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "cli/setting_kind.h"

namespace backhaul::cli {
namespace {

constexpr std::array global{Opt::help, Opt::version, Opt::user,  Opt::user_of, Opt::system,
                            Opt::bus,  Opt::json,    Opt::quiet, Opt::color,   Opt::no_ask_password};

constexpr std::string_view states =
    "queued connecting transferring suspended error transient-error transferred acknowledged cancelled";

constexpr std::array<OptionRow, static_cast<std::size_t>(Opt::count_)> options{{
    {Opt::help, 'h', "help", "", "", "show help, also for one verb"},
    {Opt::version, 'V', "version", "", "", "show the version of the command and nothing else"},
    {Opt::user, 0, "user", "", "", "the service of this user (default, but for root and without a session)"},
    {Opt::user_of, 0, "user-of", "NAME", "", "for root: work as this user, with that user's service"},
    {Opt::system, 0, "system", "", "", "the one service of the whole machine, for every user"},
    {Opt::bus, 0, "bus", "ADDRESS", "", "D-Bus address to use instead of the one that is found"},
    {Opt::json, 0, "json", "", "", "write JSON for machines"},
    {Opt::quiet, 'q', "quiet", "", "", "no progress and no remarks, errors only"},
    {Opt::color, 0, "color", "WHEN", "auto always never", "colours: auto, always or never"},
    {Opt::no_ask_password, 0, "no-ask-password", "", "", "do not ask on this terminal for a password that polkit wants"},
    {Opt::output, 'o', "output", "FILE", "@file", "where to put the file; once per URL"},
    {Opt::remote_name, 'O', "remote-name", "", "", "name it like the last part of the URL (default); control characters, / and a leading - or . become _"},
    {Opt::mirror, 0, "mirror", "URL", "", "another address of the same file, tried when one fails; of one URL"},
    {Opt::checksum, 0, "checksum", "ALGORITHM:HEX", "",
     "what the file must be: sha256, sha512, blake2b-512 or blake2s-256; of one URL"},
    {Opt::checksums, 0, "checksums", "LIST", "@file",
     "what the files must be: a file or URL like SHA256SUMS or name.sha256"},
    {Opt::metalink, 0, "metalink", "LIST", "@file",
     "the files of a Metalink (RFC 5854), a file or URL, with their mirrors, sizes and digests"},
    {Opt::signature, 0, "signature", "SIGNATURE", "@file",
     "a file or URL with a signature of the file, of minisign or OpenPGP; of one URL"},
    {Opt::key, 0, "key", "KEY", "@file", "the key that has to have made it: a file, a URL, or that of minisign itself"},
    {Opt::directory, 'd', "directory", "DIR", "@dir", "put files into this directory"},
    {Opt::background, 'b', "background", "", "", "print the id of the job and return at once"},
    {Opt::name, 'n', "name", "NAME", "", "display name of the job"},
    {Opt::description, 0, "description", "TEXT", "", "description of the job"},
    {Opt::priority, 0, "priority", "PRIORITY", "foreground high normal low",
     "foreground, high, normal or low"},
    {Opt::type, 0, "type", "TYPE", "download upload upload-reply",
     "download, the default; uploads are not supported yet"},
    {Opt::progress, 0, "progress", "FORM", "auto bar line json none",
     "auto, bar, line, json or none; to standard error"},
    {Opt::input, 'i', "input", "LIST", "@file", "read URLs from a file, - is standard input"},
    {Opt::all, 0, "all", "", "", "every job"},
    {Opt::all_users, 0, "all-users", "", "", "jobs of all users"},
    {Opt::state, 's', "state", "STATE,…",
     states,
     "only jobs in these states"},
    {Opt::property, 'p', "property", "NAME,…", "", "only these properties"},
    {Opt::value, 0, "value", "", "", "bare values, without their names"},
    {Opt::timeout, 't', "timeout", "TIME", "", "give up after this time (90, 5m, 1h30m), exit 5"},
    {Opt::until, 'u', "until", "STATE", states,
     "wait for this state instead of an end"},
    {Opt::anew, 0, "anew", "", "", "give up what has arrived of files that are not whole"},
    {Opt::notify, 0, "notify", "", "", "who made each job, what it will start, and who set that"},
    {Opt::since, 0, "since", "NUMBER", "",
     "first the events after this number, of what became due meanwhile"},
    {Opt::exec, 0, "exec", "PROGRAM [ARGUMENT…]", "@file",
     "program to start, an absolute path; takes all words behind it"},
    {Opt::file, 0, "file", "NUMBER", "", "the file with this number, as `files` shows it"},
    {Opt::wait, 'w', "wait", "", "", "wait for the end and show progress, like get"},
    {Opt::yes, 'y', "yes", "", "", "do not ask"},
    {Opt::cost, 0, "cost", "POLICY", "",
     "networks to use: always, not-roaming, no-surcharge, standard, unrestricted"},
    {Opt::not_metered, 0, "not-metered", "", "", "wait for an unmetered network: --cost unrestricted"},
    {Opt::keep_awake, 0, "keep-awake", "", "", "keep the machine from sleeping while the job runs"},
    {Opt::peers, 0, "peers", "", "", "take files from peers that have them, and keep them for those"},
    {Opt::needed_by, 0, "needed-by", "WHEN", "",
     "prefer the job the more the less time is left until then (18:30, \"2026-12-24 18:30\", +2h)"},
    {Opt::idle, 0, "idle", "", "", "wait until no job goes on by itself any more"},
    {Opt::proxy, 'x', "proxy", "URL,…", "",
     "go by this proxy; none, auto, or system: as the environment or the desktop says (default)"},
    {Opt::no_proxy, 0, "no-proxy", "HOST,…", "", "servers that are asked without the proxy"},
    {Opt::headers, 0, "headers", "", "", "what the server of each file told with its last answer"},
    {Opt::login, 0, "login", "NAME", "", "who asks; the password comes from a file or the terminal"},
    {Opt::password_file, 0, "password-file", "FILE", "@file",
     "read the password from a file, - is standard input, /dev/fd/N a descriptor"},
    {Opt::scheme, 0, "scheme", "SCHEME", "basic digest ntlm negotiate passport",
     "basic, digest (default: both), ntlm, negotiate or passport; may be given more than once"},
    {Opt::negotiate, 0, "negotiate", "", "", "ask with the Kerberos ticket of the session"},
    {Opt::target, 0, "target", "WHOM", "server proxy", "server (default) or proxy"},
    {Opt::header, 'H', "header", "HEADER", "@file",
     "header of every request, or @FILE with one a line; may be given more than once"},
    {Opt::write_only, 0, "write-only", "", "", "let nobody read the headers any more, for ever"},
    {Opt::certificate, 'E', "certificate", "CERTIFICATE", "@file", "client certificate: a file, or a pkcs11: URI"},
    {Opt::private_key, 0, "private-key", "KEY", "@file", "its private key, where it is not with the certificate"},
    {Opt::pass_phrase_file, 0, "pass-phrase-file", "FILE", "@file",
     "read the pass phrase of the key, or the PIN, from a file; - is standard input"},
    {Opt::hash, 0, "hash", "SHA1", "", "the certificate of a store with this SHA-1 hash"},
    {Opt::subject, 0, "subject", "TEXT", "", "the first certificate of a store with this in its subject"},
    {Opt::store, 0, "store", "NAME", "", "the store; MY where none is named"},
    {Opt::machine, 0, "machine", "", "", "a store of the machine, not of the user"},
    {Opt::range, 'r', "range", "RANGES", "", "only these octets of every URL, as 0-99,200-; in this order"},
    {Opt::impact, 0, "impact", "", "", "what each job that moves does to others on its path"},
    {Opt::all_instances, 0, "all-instances", "", "", "jobs of this user's service and of that of the machine"},
    {Opt::check, 0, "check", "FILE", "@file", "say what is wrong in a file of settings"},
    {Opt::reload, 0, "reload", "", "", "have the service read its settings again"},
    {Opt::own, 0, "own", "", "", "the key by which peers know this machine, and nothing else"},
    {Opt::url, 0, "url", "URL", "", "where the file is going to be"},
    {Opt::tracker, 0, "tracker", "URL", "",
     "a tracker to name in the torrent; who reads it here asks that of the site alone"},
    {Opt::set, 0, "set", "KEY=VALUE", "", "a property of the job, as set takes it; may be given more than once"},
    {Opt::temporary, 0, "temporary", "", "", "the number of each file and where its bytes are, whole"},
    {Opt::discover, 0, "discover", "", "", "look for peers at once"},
    {Opt::clear, 0, "clear", "", "", "forget the peers that were found; they are looked for again"},
}};

constexpr std::array get_options{Opt::output, Opt::remote_name, Opt::mirror, Opt::checksum,
                                 Opt::checksums, Opt::metalink, Opt::signature, Opt::key,
                                 Opt::directory, Opt::input, Opt::background, Opt::name, Opt::description, Opt::priority,
                                 Opt::cost, Opt::not_metered, Opt::keep_awake, Opt::peers, Opt::needed_by, Opt::progress,
                                 Opt::proxy, Opt::no_proxy, Opt::login, Opt::password_file, Opt::scheme,
                                 Opt::negotiate, Opt::target, Opt::header, Opt::certificate, Opt::private_key,
                                 Opt::pass_phrase_file, Opt::range, Opt::set};
constexpr std::array create_options{Opt::type, Opt::description, Opt::priority, Opt::cost,
                                    Opt::not_metered, Opt::keep_awake, Opt::peers, Opt::needed_by, Opt::proxy,
                                    Opt::no_proxy, Opt::set};
constexpr std::array credential_set_options{Opt::login, Opt::password_file, Opt::scheme, Opt::negotiate,
                                            Opt::target};
constexpr std::array credential_clear_options{Opt::scheme, Opt::negotiate, Opt::target};
constexpr std::array certificate_set_options{Opt::private_key, Opt::pass_phrase_file, Opt::hash, Opt::subject,
                                             Opt::store, Opt::machine};
constexpr std::array header_set_options{Opt::header, Opt::write_only};
constexpr std::array add_options{Opt::output, Opt::remote_name, Opt::mirror, Opt::checksum,
                                 Opt::checksums, Opt::metalink, Opt::signature, Opt::key,
                                 Opt::directory, Opt::input, Opt::range};
constexpr std::array move_options{Opt::file, Opt::yes};
constexpr std::array list_options{Opt::state, Opt::all_users, Opt::all_instances, Opt::notify};
constexpr std::array monitor_options{Opt::since, Opt::all_users};
constexpr std::array stats_options{Opt::all_users, Opt::impact};
constexpr std::array policy_options{Opt::check, Opt::reload};
constexpr std::array peers_options{Opt::own, Opt::discover, Opt::clear};
constexpr std::array files_options{Opt::temporary};
constexpr std::array publish_options{Opt::url, Opt::output, Opt::tracker};
constexpr std::array show_options{Opt::property, Opt::value, Opt::headers};
constexpr std::array wait_options{Opt::timeout, Opt::until, Opt::all, Opt::idle, Opt::progress};
constexpr std::array start_options{Opt::all, Opt::anew, Opt::wait, Opt::progress};
constexpr std::array complete_options{Opt::all, Opt::yes};
constexpr std::array cancel_options{Opt::all, Opt::yes};
constexpr std::array jobs_options{Opt::all};
constexpr std::array class_add_options{Opt::exec};

constexpr std::string_view cancel_words =
    "With --all it asks before on a terminal. A job is named by its id, by any unique beginning of it of at least "
    "4 characters, by name:PATTERN, by its exact name, or as @last, the job made last, which may have ended.";
constexpr std::string_view job_words = cancel_words.substr(cancel_words.find("A job is named"));

constexpr std::array verbs{
    VerbRow{Verb::get, "get", "URL…", Operand::url, 0, 0, get_options,
            "fetch files: make a job, wait for it, complete it",
            "Fetches all URLs in one job, in the foreground, and waits until the files are in place. With "
            "--background it returns at once, and the job has normal priority: it stays out of everybody's way. "
            "A path of this machine (/a, ./a, ../a) is copied like a URL. "
            "A file that exists is replaced, at once and only when the new one is complete. "
            "Ctrl+C suspends the job, which keeps what has arrived; a second Ctrl+C cancels it."},
    VerbRow{Verb::create, "create", "NAME", Operand::none, 1, 1, create_options,
            "make an empty, suspended job; prints its id", ""},
    VerbRow{Verb::add, "add", "JOB [URL [FILE]]…", Operand::job, 1, 0, add_options,
            "add files to a job",
            "The list of -i holds one file per line: the URL, then other URLs of the same file and a path "
            "with white space between them, or indented lines out=NAME, dir=DIRECTORY, mirror=URL, "
            "checksum=ALGORITHM:HEX, torrent=URL and range=RANGES below it. Lines that begin with # are skipped."},
    VerbRow{Verb::list, "list", "[PATTERN…]", Operand::jobs, 0, 0, list_options,
            "list jobs, optionally only those whose name matches", ""},
    VerbRow{Verb::show, "show", "JOB", Operand::job, 1, 1, show_options,
            "show all properties of a job as key=value, times in UTC", job_words},
    VerbRow{Verb::status, "status", "JOB", Operand::job, 1, 1, {},
            "say how a job is doing and what it is waiting for", job_words},
    VerbRow{Verb::stats, "stats", "", Operand::none, 0, 0, stats_options,
            "say how fast all jobs are together, and what is left of data budgets",
            "Delays and capacities are measured while a background job receives from a server that is not on this "
            "machine; those of the foreground are not held back and not measured."},
    VerbRow{Verb::policy, "policy", "", Operand::none, 0, 0, policy_options,
            "show the settings in force: values, who says them and where",
            "A value is a default, a bound that the machine's files set for a user's own, or the user's. A file is "
            "checked by the program that reads it: as one of the machine with --system or in /etc/backhaul, else as "
            "this user's own."},
    VerbRow{Verb::explain, "explain", "JOB", Operand::job, 1, 1, {},
            "say why a job waits: the jobs before it, the machine, the settings", job_words},
    VerbRow{Verb::files, "files", "JOB", Operand::job, 1, 1, files_options, "list the files of a job", job_words},
    VerbRow{Verb::wait, "wait", "JOB…", Operand::jobs, 0, 0, wait_options,
            "wait until jobs are transferred or have ended",
            "The exit code tells the state; see backhaul(1). A job that completes itself has ended when "
            "its files are in place. On a terminal a bar shows how far the jobs are."},
    VerbRow{Verb::start, "start", "JOB…", Operand::jobs, 0, 0, start_options,
            "start jobs, or go on with them", job_words},
    VerbRow{Verb::suspend, "suspend", "JOB…", Operand::jobs, 0, 0, jobs_options,
            "halt jobs; they keep what has arrived", job_words},
    VerbRow{Verb::cancel, "cancel", "JOB…", Operand::jobs, 0, 0, cancel_options,
            "end jobs and delete what has arrived",
            cancel_words},
    VerbRow{Verb::complete, "complete", "JOB…", Operand::jobs, 0, 0, complete_options,
            "put the files that have arrived in place and end jobs",
            "Files that have not arrived are dropped: on a terminal it asks before, elsewhere it says "
            "which."},
    VerbRow{Verb::take, "take", "JOB…", Operand::jobs, 1, 0, {},
            "become the owner of somebody else's jobs",
            "For root, and with --system for whoever is authorised to. The credentials, the headers, the client "
            "certificate and the notify command of the owner before are removed. What has arrived is copied into files "
            "of the new owner; only what is gone or was changed is fetched again."},
    VerbRow{Verb::validate, "validate", "JOB FILE ok|bad", Operand::job, 3, 3, {},
            "say what you found in a file before the job is completed",
            "FILE is its number, as files shows it; --temporary tells where it lies. What is bad is thrown away, and "
            "the job is in error until start has it fetched again; what is ok may be given to peers at once."},
    VerbRow{Verb::move, "move", "JOB [OLD] NEW", Operand::job, 2, 3, move_options,
            "fetch the files of a job from another address",
            "Every address that begins with OLD begins with NEW instead. With --file NUMBER the address "
            "of that file becomes NEW; where a job has one file the number is not needed. What has "
            "arrived is kept where the file there is the same. Where credentials or secret headers of the "
            "job would go to a server that they were not given for, it asks on a terminal, and elsewhere "
            "says so."},
    VerbRow{Verb::set, "set", "JOB KEY=VALUE…", Operand::pair, 2, 0, {},
            "set properties of a job, all or none", ""},
    VerbRow{Verb::unset, "unset", "JOB KEY…", Operand::pair, 2, 0, {},
            "set properties back to their defaults", ""},
    VerbRow{Verb::credential_set, "credential set", "JOB", Operand::job, 1, 1, credential_set_options,
            "set who asks the servers or the proxy of a job",
            "Credentials are sent only in answer to a server that asks for them, and to no other one. Nobody can "
            "read them again; a password never stands on the command line."},
    VerbRow{Verb::credential_clear, "credential clear", "JOB", Operand::job, 1, 1, credential_clear_options,
            "remove the credentials of a job, all or those of a scheme", ""},
    VerbRow{Verb::header_set, "header set", "JOB", Operand::job, 1, 1, header_set_options,
            "set the headers that go with every request of a job",
            "They take the place of those before. What may tell who asks, by its name, goes to no other server "
            "than the one of the file's address. Secrets are better read from a file: @FILE has a header a line."},
    VerbRow{Verb::header_clear, "header clear", "JOB", Operand::job, 1, 1, {}, "remove the headers of a job", ""},
    VerbRow{Verb::header_show, "header show", "JOB", Operand::job, 1, 1, {},
            "show the headers of a job, unless they are write-only", ""},
    VerbRow{Verb::certificate_set, "certificate set", "JOB [CERTIFICATE]", Operand::job, 1, 2,
            certificate_set_options, "set the client certificate of a job",
            "CERTIFICATE is a file, PEM or PKCS #12, or a pkcs11: URI; without it --hash or --subject say which "
            "one of a store. It is shown over https to the server of the file's address, and to no other one."},
    VerbRow{Verb::certificate_clear, "certificate clear", "JOB", Operand::job, 1, 1, {},
            "remove the client certificate of a job", ""},
    VerbRow{Verb::monitor, "monitor", "[JOB…]", Operand::jobs, 0, 0, monitor_options,
            "show changes as they happen",
            "Ends with Ctrl+C. The number of the last event that was shown is where --since goes on; "
            "0 shows all that the service remembers."},
    VerbRow{Verb::class_add, "class add", "NAME|CLSID", Operand::class_name, 1, 1, class_add_options,
            "register the program that is started for a callback class", ""},
    VerbRow{Verb::class_remove, "class remove", "NAME|CLSID", Operand::class_name, 1, 1, {},
            "undo class add", ""},
    VerbRow{Verb::class_list, "class list", "", Operand::none, 0, 0, {},
            "list the classes that were registered", ""},
    VerbRow{Verb::cache_list, "cache list", "", Operand::none, 0, 0, {},
            "list the files that are kept for peers, and how much may be",
            "On the service of the machine, like all verbs of the cache and of peers, for root and who is authorised to."},
    VerbRow{Verb::cache_show, "cache show", "ID", Operand::none, 1, 1, {},
            "show all that is known of a file that is kept for peers", "Any unique beginning of its id, of at least 4 characters, names it."},
    VerbRow{Verb::cache_delete, "cache delete", "ID|URL", Operand::none, 1, 1, {},
            "keep a file for peers no longer, or all that came from an address",
            "The files of jobs are not touched. One that is being copied or given to a peer is not deleted."},
    VerbRow{Verb::cache_clear, "cache clear", "", Operand::none, 0, 0, {}, "keep no file for peers any more",
            "The files of jobs are not touched, and new ones are kept as before."},
    VerbRow{Verb::cache_set, "cache set", "KEY=VALUE…", Operand::none, 1, 3, {},
            "say how much is kept for peers, and for how long",
            "limit=PERCENT of the disk, 1 to 80; max-age=TIME without use, 1d to 120d; "
            "peer-caching=client,server: whether peers are asked and whether files are kept for them, or none. It "
            "holds where no file of settings says anything else."},
    VerbRow{Verb::peers, "peers", "", Operand::none, 0, 0, peers_options,
            "list the peers that are known and trusted, below the key of this machine",
            "With --own the key alone, to be written into StaticPeers of another machine. --discover and --clear list "
            "nothing."},
    VerbRow{Verb::publish, "publish", "FILE", Operand::none, 1, 1, publish_options,
            "make a torrent of a file, so that machines exchange its pieces",
            "Writes FILE.torrent, or the file of -o (a directory: into it; -: standard output), and says what the web "
            "server has to send beside the file. No service is needed for it, but the part of backhaul that exchanges "
            "pieces."},
    VerbRow{Verb::version, "version", "", Operand::none, 0, 0, {},
            "show the versions of the command and of the service", ""},
    VerbRow{Verb::help, "help", "[VERB]", Operand::verb, 0, 2, {}, "show help", ""},
    VerbRow{Verb::completion, "completion", "bash|zsh", Operand::shell, 1, 1, {},
            "print the completion script of a shell", ""},
    VerbRow{Verb::complete_jobs, "complete-jobs", "", Operand::none, 0, 0, {},
            "ids and names of jobs for completion scripts", "", true},
};

constexpr std::array keys{
#define BACKHAUL_JOB_SETTING(member, kind, Property, key, first, when, changes, bits, since, help) \
    KeyRow{key, words_of(setting_kind::kind()).form, help},
#include "backhaul/job_settings.def"
    KeyRow{"proxy", "URL,…|none|auto|system", "by which proxies the servers are asked"},
    KeyRow{"no-proxy", "HOST,…", "servers that are asked without them; together with proxy"},
    KeyRow{"notify-class", "CLSID", "class to start for notifications"},
    KeyRow{"notify-service", "NAME[:PATH]", "bus name (and object) to start for notifications"},
    KeyRow{"notify-command", "PROGRAM [ARGUMENT…]", "program to run for notifications"},
};

// Rows are found by their position.
template <class Rows>
constexpr bool in_order(const Rows& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (static_cast<std::size_t>(rows[i].id) != i) return false;
  return true;
}
static_assert(in_order(options) && in_order(verbs));

}  // namespace

std::vector<std::string_view> values_of(const OptionRow& option) {
  std::vector<std::string_view> values;
  std::string_view rest = option.words.starts_with('@') ? std::string_view() : option.words;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    values.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return values;
}

bool begins_verb(std::string_view word) {
  return std::any_of(verbs.begin(), verbs.end(), [&](const VerbRow& verb) {
    return !verb.hidden && verb.name.substr(0, verb.name.find(' ')) == word;
  });
}

std::span<const OptionRow> option_rows() { return options; }
std::span<const VerbRow> verb_rows() { return verbs; }
std::span<const Opt> global_options() { return global; }
std::span<const KeyRow> key_rows() { return keys; }

const OptionRow& row(Opt option) { return options[static_cast<std::size_t>(option)]; }
const VerbRow& row(Verb verb) { return verbs[static_cast<std::size_t>(verb)]; }

}  // namespace backhaul::cli
