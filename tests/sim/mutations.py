#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks each promise of the service on purpose, one line at a time, and sees that the swarm finds it, or,
where chance does not lead there, a story or a test of a part or of a rule.

    tests/sim/mutations.py              all of them, some seconds each and a build in front
    tests/sim/mutations.py NAME...      these
    tests/sim/mutations.py --list       what is broken and by what it is found
    tests/sim/mutations.py --stale      those whose text is not in its file any more; nothing is built

It works in a copy of the tree (a new one below TMPDIR, or --tree DIR, which it makes and keeps). Each
mutation replaces an exact text that occurs once in its file; where that is gone, or where the swarm
stays green or complains of something else, it says so and ends with 1.
"""
import argparse
import filecmp
import os
import re
import shutil
import subprocess
import sys
import tempfile
from typing import NamedTuple

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Mutation(NamedTuple):
    name: str   # the promise that it breaks
    file: str   # below src
    old: str
    new: str
    found: str  # what is said of it: a regular expression
    by: str = 'swarm'  # 'stories', 'parts', 'core': `found` names the test that is red


M = Mutation
MUTATIONS = [
    # --- calls: an answer holds, whatever dies
    M('answered-after-commit', 'engine/router.cc',
      'draft.effect(effect::Reply{command.call, std::move(*answer)});',
      'ports_.clients.reply(command.call, std::move(*answer));',
      r'promised was|a file is lost|the job is lost|came before the answer'),
    M('every-call-is-answered', 'engine/router.cc',
      'if (command.call != base::CallId::none)\n      draft.effect', 'if (command.call == base::CallId::none)\n      draft.effect',
      r'no rest .*calls='),
    M('only-the-owner', 'engine/commands.cc',
      'return core::may_manage(core::owner_of(job), caller.owner(), caller.right);',
      'return core::may_manage(caller.owner(), caller.owner(), caller.right);',
      r'of another user (was accepted|is shown)'),
    M('nothing-comes-after-the-end', 'engine/commands.cc',
      'if (base::is_final(job->state)) return final_state(*job);', '',
      r'aborted|accepted after the end'),
    M('closing-holds-commands-up', 'engine/commands.cc',
      'job->intent != core::Intent::none && may_touch(*job, command.caller)',
      'job->intent == core::Intent::cancel && may_touch(*job, command.caller)',
      r'while it was being closed|one intent became another|an offset went back'),
    M('one-client-is-served-in-its-order', 'engine/router.cc',
      'if (draft.lines.find(command.caller.peer) != nullptr)', 'if (false)',
      r'was carried out before'),
    M('no-job-of-another-user-is-shown', 'engine/commands.cc',
      'BH_CHECK(core::may_read(core::owner_of(entry->job), caller.owner(), caller.right));\n  return &entry->job;', 'return &entry->job;',
      r'of another user is shown'),
    M('no-job-of-another-user-is-listed', 'engine/reads.cc',
      'caller.application.empty() ? owners.of_account(caller.uid, from)',
      'caller.application.empty() ? owners.all(from)', r'of another user is listed'),
    M('a-client-reads-its-own-writes', 'engine/reads.cc',
      'answers_.read(peer, std::move(answer));', 'if (peer != base::PeerId::none) answer();',
      r'a read came before the answer'),
    M('progress-is-what-is-stored', 'engine/reads.cc',
      'progress.bytes_transferred = job.files.bytes_stored;',
      'progress.bytes_transferred = job.files.bytes_stored + 1;',
      r'more bytes than there are'),
    M('the-sums-are-those-of-the-files', 'engine/draft.cc',
      'core::count(draft.job.files, copy, false);', 'core::count(draft.job.files, copy, false), draft.job.files.bytes_stored += copy.offset & 1U;',
      r'counters and files differ'),
    # --- bytes: what is recorded is there
    M('a-record-claims-what-is-stored', 'engine/fetching.cc',
      'file.stored = event.stored;',
      'file.stored = core::Extents::until(event.stored.end() + (event.stored.empty() ? 0 : 1));',
      r'recorded more than is durable|more bytes than the file has|does not continue where'),
    M('a-part-that-goes-on-has-no-last-write', 'engine/fetching.cc',
      'event.part_lost || row->last_write != 0 ? Weight::hard', 'event.part_lost ? Weight::hard',
      r'Fetching\.APartThatIsOpenHasNoLastWrite', 'parts'),
    M('what-its-digest-denies-is-not-held', 'engine/senders.cc',
      'if (!event.denied.empty()) deny(', 'if (event.denied.empty()) deny(',
      r'Fetching\.WhatTheDigestOfItsAnswerDenies', 'parts'),
    M('a-new-part-begins-at-0', 'engine/file_steps.cc',
      'file.epoch = event.epoch;\n  forget_part(file);', 'file.epoch = event.epoch;',
      r'of another version than recorded|recorded part does not exist|an offset went back'),
    M('the-part-beside-it-stays', 'engine/file_steps.cc',
      'return file.rare->fresh->epoch;', 'return std::nullopt;',
      r'the part beside it is not durable'),
    M('the-one-beside-it-takes-its-place', 'engine/fetching.cc',
      'file.epoch = event.epoch;\n    record_part(file, event);', 'record_part(file, event);',
      r'recorded part does not exist|a part is left'),
    M('all-parts-are-named-at-the-end', 'engine/closing.cc',
      'epoch < file.last_epoch() + 2; ++epoch', 'epoch < file.last_epoch(); ++epoch',
      r'a part is left'),
    M('a-refused-file-comes-into-a-new-part', 'engine/file_steps.cc',
      'row.epoch = row.last_epoch() + 1;', '',
      r'went back to waiting|epoch'),
    M('nothing-is-published-while-a-part-is-open', 'engine/closing.cc',
      '|| draft.runs.find(id) != nullptr)', ')',
      r'published while a part is still open|discarded while a part is still open'),
    M('a-transfer-stops-before-its-part-is-closed', 'engine/lanes.cc',
      'stop_transfers(draft, lane);\n  draft.effect(effect::ClosePart',
      'draft.effect(effect::ClosePart', r'closed under its transfer'),
    M('no-number-of-a-transfer-comes-again', 'engine/lanes.cc',
      '++draft.numbers.last_transfer', 'draft.numbers.last_transfer',
      r'opened twice for one transfer|transfer number was used twice|aborted'),
    # --- the conversation: two versions never meet in one part
    M('another-tag-is-another-version', 'core/judge.cc',
      'if (validators.differ > 0)', 'if (validators.differ > 1)',
      r'of another version than recorded|no prefix of one version|cannot be ended'),
    M('what-is-held-is-compared', 'core/answers.cc',
      '.sample = gap_.from - first,', '.sample = 0,',
      r'no prefix of one version|never at the origin|cannot be ended|does not continue|more bytes'),
    M('other-bytes-are-another-version', 'core/comparison.cc',
      'sample == Sample::equal || (sample == Sample::worthless && same);',
      'sample != Sample::worthless;',
      r'no prefix of one version|never at the origin'),
    M('what-follows-a-comparison-tells-the-same', 'core/comparison.cc',
      'return relation == Relation::same || (relation', 'return relation != Relation::other || (relation',
      r'Ranges\.OfWhichTheTagsDifferAre', 'core'),
    M('bytes-elsewhere-tell-what-nobody-told', 'core/comparison.cc',
      'anchor_.length() > 0 && probes_', 'false && probes_', r'Ranges\.OfAVersionThatNobodyTold', 'stories'),
    M('a-whole-file-does-not-follow-a-part', 'core/answers.cc',
      'takes_pieces() ? no_ranges() : begin_anew({.use = Use::beside})',
      'takes_pieces() ? no_ranges() : use({.use = Use::append})',
      r'came again|no prefix of one version|more bytes than'),
    M('a-broken-connection-is-not-the-end', 'core/conversation.cc',
      'if (broken) return failed(*broken);', 'if (broken) return Ending{};',
      r'transferred, but not whole|transferred, but a part|never at the origin'),
    # --- events: heard at least once, and no more often than needed
    M('an-event-is-logged', 'engine/job_steps.cc',
      'if (effects->event_due) record_event(draft, *draft.job(id));', '',
      r'which is not in the log'),
    M('the-log-on-disk-is-the-log-that-is-shown', 'engine/engine.cc',
      'history_.append(draft.events());', 'if (draft.events().size() != 1) history_.append(draft.events());',
      r'event log in memory and on the disk differ|saw \d+ of'),
    M('no-number-of-the-log-comes-again', 'engine/engine.cc',
      'batch.next_sequence = draft.numbers.next_sequence;',
      'batch.next_sequence = draft.numbers.next_sequence - 1;',
      r'sequence numbers are given out again|a number of the log may come again'),
    M('only-S_OK-acknowledges-the-end-of-a-job', 'engine/telling.cc',
      'file ? base::succeeded(event.result) : event.result == base::Code::S_OK;',
      'base::succeeded(event.result);',
      r'an event was forgotten|removed with an event|told again'),
    M('an-answer-counts-once', 'engine/telling.cc',
      'if (delivery == nullptr || !draft.is_first_answer(event.ticket)) return;',
      'if (delivery == nullptr) return;', r'forgotten|aborted|told'),
    M('an-answer-that-was-not-recorded-is-heard-again', 'engine/telling.cc',
      'draft.keep_if_dropped(event);\n  draft.note(note::DeliveryEnds{event.ticket});',
      'draft.note(note::DeliveryEnds{event.ticket});',
      r'told again what was acknowledged|no rest|not idle|twice at once'),
    M('who-refused-is-not-told-again-at-once', 'engine/telling.cc',
      'pending.due = draft.context().clocks.after(retry.pause);', 'pending.due.reset();',
      r'told again too soon|turns for ever'),
    M('a-job-leaves-when-all-was-heard', 'engine/telling.cc',
      'if (somebody_hears(context, job, job.pending->kind)) return true;', '',
      r'removed with an event|removed with the event'),
    M('every-state-owes-its-event', 'core/job_table.cc',
      'make_due(job, NotifyKind::job_error, context, effects);',
      '', r'the event of its new state is not due'),
    M('one-event-is-told-once-at-a-time', 'engine/deliveries.h',
      'if (!waits(entry.applicant)) line_up(entry);', 'line_up(entry);',
      r'told twice at once|aborted'),
    M('the-answer-of-an-object-that-was-cleared-is-waited-for', 'engine/deliveries.h',
      'return call.object == 0 || one.stream == Stream::events;', 'return call.object == 0;',
      r'OpenCall\.N103_', 'stories'),
    M('a-program-is-told-of-its-files-one-after-another', 'engine/deliveries.h',
      'if (job.object) return call.callee == job.object->unique_name;',
      'if (job.object) return call.object == job.object->sequence;',
      r'OpenCall\.N56_', 'stories'),
    M('a-class-is-for-a-missing-object', 'core/notify_ladder.cc',
      'if (rung == Rung::notify_class && from == Rung::object && job.object) continue;', '',
      r'told to the class although the object lives'),
    M('a-class-that-does-not-start-is-left-alone', 'engine/classes.cc',
      'draft.note(note::ClassFailed{key, start.failures, start.pause, no_session});', '',
      r'started again too soon'),
    M('no-more-calls-at-once-than-a-user-has-slots', 'engine/telling_due.cc',
      'deliveries_.next(context.settings.notifications_per_user)',
      'deliveries_.next(context.settings.notifications_per_user + 1)',
      r'more calls at once than a user has slots'),
    M('one-program-of-a-job-at-a-time', 'engine/telling_due.cc',
      'if (*rung == Rung::command && programs_.contains(job.id)) return std::nullopt;', '',
      r'two programs at once'),
    M('a-flag-that-is-off-is-silence', 'core/notify_ladder.cc',
      'return has(base::notify::job_error);', 'return true;', r'although the flag is off|run for nothing'),
    M('disabled-is-silence', 'core/notify_ladder.cc',
      'if ((job.notify_flags & base::notify::disable) != 0) return false;', '',
      r'although the flag is off|run for nothing'),
    M('files-are-told-before-the-end-of-their-job', 'engine/telling_due.cc',
      'auto due = owed(context, job, job.file_event);',
      'auto due = owed(context, job, job.pending);\n  if (!due) due = owed(context, job, job.file_event);',
      r'told of its end before its files'),
    M('nobody-waits-for-an-object-that-has-gone', 'engine/job_steps.cc',
      'if ((*pending)->due) pending->edit().due.reset();', 'if ((*pending)->due && job.object) return;', r'waits for an object that has gone'),
    M('who-comes-hears-of-the-state', 'engine/changing.cc',
      'if (kind == core::NotifyKind::none) return;\n  job.pending', 'if (kind != core::NotifyKind::none) return;\n  job.pending',
      r'is not due for the object that came|its state does not owe'),
    M('no-modification-before-its-interval-is-over', 'engine/telling_due.cc',
      'modification.not_before = context.now().boot + job.notification_interval;',
      'modification.not_before = context.now().boot;',
      r'a modification before its interval'),
    M('each-is-told-on-the-bus-of-its-user', 'engine/telling_due.cc',
      'core::Owner{job.object->uid, {}} : core::owner_of(job);', 'core::owner_of(job) : core::owner_of(job);',
      r'on the bus of somebody else'),
    M('every-change-of-state-is-told', 'engine/change.cc',
      'differs(ports::Property::state, before.state != after.state);',
      'differs(ports::Property::state, before.state != after.state && !base::is_running(after.state));',
      r'and nobody was told'),
    # --- servers that ask for time, and what is short here
    M('a-server-that-asks-for-time-gets-it-from-all', 'engine/outcome.cc',
      'clocks.after(wish->time), wish->for_all};\n  hold(draft, id, lane, *wish);',
      'clocks.after(wish->time), wish->for_all};',
      r'Fetching\.AServersWish', 'parts'),
    M('by-the-proxy-of-an-owner-nobody-speaks-for-all', 'core/request_options.cc',
      'usage != ProxyUsage::none) ||', 'usage == ProxyUsage::none) ||', r'SpeaksForAll', 'core'),
    M('who-is-under-way-is-told-who-asks-for-time', 'engine/lanes.cc',
      'if (!draft.holds_changed() && draft.holds().next() > now) return;',
      'if (draft.holds().next() > now) return;', r'Fetching\.WhoIsUnderWayIsToldAnew', 'parts'),
    M('who-is-under-way-is-told-when-that-is-over', 'engine/lanes.cc',
      'if (!draft.holds_changed() && draft.holds().next() > now) return;',
      'if (!draft.holds_changed()) return;', r'Fetching\.WhoIsUnderWayIsToldAnew', 'parts'),
    M('a-shortage-is-looked-at-ever-more-rarely', 'engine/conditions.cc',
      'shortage ? std::min(2 * shortage->pause, longest) : first_pause', 'std::min(first_pause, longest)',
      r'Conditions\.AShortageLastsLonger', 'parts'),
    # --- certificates
    M('no-request-to-a-server-nobody-accepted', 'engine/lanes.cc',
      'if (!job.certificate_check) return std::nullopt;', 'return std::nullopt;',
      r'which nobody accepted'),
    M('a-server-that-was-refused-is-not-accepted', 'engine/trust.cc',
      'if (event.result == Code::S_OK)', 'if (base::succeeded(event.result))', r'which nobody accepted'),
    M('a-question-that-was-answered-is-over', 'engine/trust.cc',
      'questions_.end(ends->job);\n', '\n',
      r'Scheduling\.AJobWhoseProgramIsBeingAsked', 'parts'),
    # --- turns and time
    M('a-server-gets-so-many-connections', 'engine/lanes.cc',
      'if (!ahead && !may_connect(draft, run, file)) {', 'if (false) {',
      r'more connections to|ServerOfFew'),
    M('foreground-jobs-fill-a-server', 'engine/foreground.cc',
      'if (const std::string server = next_server(id); !server.empty()) limits.push_back(&at(server));', '',
      r'ServerOfFew', 'parts'),
    M('the-background-job-makes-way', 'engine/scheduling.cc',
      'if (!foreground.full(holder.job)) return false;', 'return false;',
      r'TheBackgroundJobMakesWay', 'parts'),
    M('many-begin-one-after-another', 'engine/scheduling.cc',
      'if (spread) most = spread->room(now);', '',
      r'ManyAtOnce', 'parts'),
    M('who-has-less-than-his-share-begins', 'core/fair_share.h',
      'return held_by(owner) < share();', 'return false;',
      r'Fairness\.JobsThatHang', 'stories'),
    M('nobody-gives-back-what-is-his-share', 'core/fair_share.h',
      'return held_by(owner) > share();', 'return held_by(owner) >= share();',
      r'FairShare\.', 'core'),
    M('a-turn-ends-for-somebody-who-begins', 'engine/scheduling.cc',
      'if (give_turn(draft, id))\n      for', 'give_turn(draft, id);\n      for',
      r'NoTurnEndsForAJob', 'parts'),
    M('room-goes-to-who-has-least', 'engine/agenda.cc',
      'if (!has || (first != nullptr && *has >= least)) continue;', 'if (!has || first != nullptr) continue;',
      r'RoomGoesToWhoHasLeast', 'parts'),
    M('so-does-a-place-at-a-server', 'engine/agenda.cc',
      'return background ? found[owner] : limit.held_by(owner);', 'return background ? found[owner] : 0;',
      r'PlacesAtAServerAreShared', 'parts'),
    M('what-is-asked-for-once-keeps-its-turn', 'engine/foreground.cc',
      ' && !core::asks_once(holder.entry->job))', ')',
      r'WhatIsAskedForOnce', 'parts'),
    M('an-urgent-job-runs-beside-others', 'core/needed.cc',
      'case Urgency::beside: return base::Priority::foreground;', 'case Urgency::beside: break;',
      r'AJobBecomesMoreAssertive', 'stories'),
    M('nobody-is-urgent-whom-nobody-needs', 'engine/changing.cc',
      'look_at_need(draft, id);', '',
      r'urgent, and nobody needs it'),
    M('one-background-job-uses-the-network', 'engine/scheduling.cc',
      'take_turn(draft, holders[0].job);\n      give_turn', 'give_turn',
      r'two background jobs use the network|takes turns for ever'),
    M('it-is-not-idle-while-there-are-jobs', 'engine/engine.cc',
      'context_.table.size() > 0 || !inbox_', '!inbox_', r'says that it is idle, and there is'),
    *(M(f'it-is-not-idle-during-{part}', 'engine/parts.h', f'{part}.idle()', 'true', test, 'parts')
      for part, test in (('vetting', r'Vetting\.IsToldWhat'), ('fetching', r'Fetching\.ARunIsOver'),
                         ('closing', r'Closing\.ItsCallers'), ('telling', r'Telling\.WhatIsDue'),
                         ('trust', r'Scheduling\.AJobWhoseProgram'))),
    M('a-shortage-ends-a-job-of-another-method', 'engine/outcome.cc',
      'return lose_turn(draft, id);', 'return give_turn_back(draft, id);',
      r'ShortOfRoom\.AJobOfAnotherMethod', 'parts'),
    M('a-shortage-is-no-error', 'engine/job_steps.cc',
      'if (!core::asks_once(*draft.job(id))) return give', 'if (false) return give',
      r'ShortOfRoom\.AJobLoses', 'parts'),
    M('a-retry-comes', 'engine/timers.cc', 'consider(job.retry);', '', r'no rest'),
    M('a-network-that-comes-back-is-noticed', 'engine/conditions.cc',
      'BH_ASSERT(step(draft, id, core::JobEvent::unblocked));',
      'if (job.retry) BH_ASSERT(step(draft, id, core::JobEvent::unblocked));', r'no rest|aborted'),
    M('a-restart-goes-on', 'core/job_table.cc',
      '{JobEvent::restarted,          "#rr######"}', '{JobEvent::restarted,          "#CT######"}',
      r'no rest'),
    M('a-job-is-given-up-for-the-time-that-the-service-ran', 'core/job_table.cc',
      'return now.service - job.active >= timeout;', 'return now.wall - job.modified >= timeout;',
      r'cancelled before its time'),
    M('the-service-clock-goes-on', 'engine/clocks.cc',
      'service_began_ = snapshot.service_time;', 'service_began_ = {};',
      r'the service clock went back'),
    # --- neighbours (peer-caching.md §9). P4, P10 and P11 are promises of the adapters, and of their component tests
    M('P1-neighbours-are-asked-where-the-settings-say-so', 'core/neighbours.cc',
      'if (!rules.client.value) return NotAsked::off;', '',
      r'Neighbours\.P1_WithoutTheFlag', 'stories'),
    M('P1-and-where-the-job-says-so', 'core/neighbours.cc',
      'if ((job.rare->peer_caching_flags & peer_caching::client) == 0) return NotAsked::job;', '',
      r'Neighbours\.P1_WithoutTheFlag', 'stories'),
    M('P1-a-file-is-kept-where-the-job-says-so', 'core/peer_cache.cc',
      '(rare.peer_caching_flags & peer_caching::server) != 0 && ', '',
      r'PeerCache\.P1_WithoutTheFlag', 'stories'),
    M('P2-nothing-is-offered-that-nobody-found-valid', 'core/peer_cache.cc',
      'if (file->validated) return CacheVerdict::offer;', 'if (file->job == record.job) return CacheVerdict::offer;',
      r'PeerCache\.P2_', 'stories'),
    M('P2-a-copy-that-is-being-made-is-no-record', 'engine/cache_table.h',
      'return entry != nullptr && !entry->making && !entry->leaving;', 'return entry != nullptr && !entry->leaving;',
      r'PeerCache\.ACrashBetween|Caching\.ARecordIsWritten|is on record and not durable', 'stories'),
    M('P2-what-was-cleared-is-no-record', 'engine/cache_table.h',
      'return entry != nullptr && !entry->making && !entry->leaving;', 'return entry != nullptr && !entry->making;',
      r'CacheAdministration\.WhatWasCleared', 'stories'),
    M('P2-what-comes-before-the-folder-was-looked-at-is-kept', 'engine/caching.cc',
      'draft.cache_room.waiting.insert({id, index});', '',
      r'PeerCache\.P2_AFileThatIsHere', 'stories'),
    M('P3-what-was-not-valid-comes-from-the-origin', 'core/neighbours.cc',
      'known.origin_only = true;', 'known.origin_only = false;',
      r'Neighbours\.P3_|SeveralNeighbours\.P15_', 'stories'),
    M('P5-without-a-digest-nobody-is-asked', 'core/neighbours.cc',
      'if (!is_held_against_digest(file) && rules.content_trust.value != ContentTrust::colleagues) return NotAsked::digest;',
      '', r'Neighbours\.P5_WithoutADigest', 'stories'),
    M('P5-a-liar-is-banned-for-a-day', 'core/neighbours.cc',
      'bans[key] = now + neighbour_ban;', 'bans[key] = now;',
      r'Neighbours\.P5_ALiarIsBanned', 'stories'),
    M('P5-the-word-of-an-owner-bans-nobody-for-others', 'engine/blaming.cc',
      'if (denial == Denial::origin)', 'if (denial == Denial::origin || denial == Denial::owner)',
      r'Neighbours\.P5_WhoNamesAWrong', 'stories'),
    M('P5-a-piece-that-the-origin-denies-bans', 'engine/fetching.cc',
      'convict_liars(draft, at->job, at->lane.file, event);', '',
      r'SeveralNeighbours\.P5_ALiarIsBanned', 'stories'),
    M('P14-an-owner-does-not-choose-what-neighbours-get', 'core/peer_cache.cc',
      '!file.rare->received.empty() && !came_from_anybody(file)', '!file.rare->received.empty()',
      r'AllOfASite\.WhatATorrentOfTheJob', 'stories'),
    M('P5-what-a-digest-refutes-is-asked-of-the-others', 'core/neighbours.cc',
      'return before.state != FileState::waiting || liars >= liars_that_may_follow;', 'return true;',
      r'Neighbours\.P5_WhatADigest', 'stories'),
    M('P5-three-liars-are-enough', 'core/neighbours.cc',
      'return before.state != FileState::waiting || liars >= liars_that_may_follow;',
      'return before.state != FileState::waiting;', r'Neighbours\.P5_OfAFileThatThree|Neighbours\.P5_WhatADigest', 'stories'),
    M('P5-a-ban-is-stored', 'engine/draft.cc',
      'if (has_other_bans()) batch.bans = site->bans;', '',
      r'Neighbours\.P5_ABanOutlives', 'stories'),
    M('P5-a-ban-ends-with-its-day', 'core/neighbours.cc',
      'found != bans.end() && now < found->second)',
      'found != bans.end() && now < found->second + neighbour_ban)',
      r'Neighbours\.P5_', 'stories'),
    M('P5-only-strong-digests-of-pieces-say-who-lied', 'core/shares.cc',
      'if (!pieces || pieces->size.algorithm == DigestAlgorithm::sha1) return std::nullopt;',
      'if (!pieces) return std::nullopt;', r'Shares\.P5_', 'core'),
    M('P5-of-several-only-the-liar-is-banned', 'core/neighbours.cc',
      'if (!one.octets.common(bytes).empty()) keys.push_back',
      'if (!one.octets.common(bytes).empty() || !one.key.empty()) keys.push_back',
      r'Neighbours\.P5_OfEachByte', 'core'),
    M('P5-a-liar-wastes-one-piece', 'engine/lanes.cc',
      'if (way == Way::neighbour) request.pieces = core::judging_pieces(file);', '',
      r'Neighbourhood\.P5_APieceThatIsWrong', 'parts'),
    M('P5-also-where-several-send-a-file', 'engine/senders.cc',
      '.pieces = std::move(pieces)', '.pieces = {}',
      r'SeveralNeighbours\.P5_ALiarAmongThree', 'stories'),
    M('P6-nothing-that-a-neighbour-does-is-an-error', 'engine/senders.cc',
      'if (event.error) {\n    neighbour_failed(draft, id, run, lane, *event.error);\n    return true;\n  }', '',
      r'Neighbours\.P6_', 'stories'),
    M('P7-another-version-takes-the-place-of-the-one-before', 'engine/caching.cc',
      'core::has_same_place(other->record, offered))', 'core::is_same_object(other->record, offered))',
      r'PeerCache\.P7_', 'stories'),
    M('P7-a-copy-of-another-version-is-not-taken', 'core/neighbour_talk.cc',
      'if (!is_of_record())', 'if (head_.status == 0)',
      r'Neighbour\.P7', 'core'),
    M('P8-what-was-used-least-recently-goes-first', 'core/peer_cache.cc',
      'return std::pair(one.used, one.id);', 'return std::pair(-one.used.time_since_epoch(), one.id);',
      r'PeerCache\.P8_', 'stories'),
    M('P8-what-somebody-is-being-given-stays', 'engine/caching.cc',
      'entry != nullptr && entry->served > 0) {', 'entry != nullptr && entry->served > 100) {',
      r'Caching\.P8_', 'parts'),
    M('P8-a-file-that-is-larger-than-the-cache-is-not-kept', 'engine/caching.cc',
      ' || record.size > rules_of(draft).most_octets(room.volume)) return;', ') return;',
      r'PeerCache\.P8_AFileLarger', 'stories'),
    M('P9-age-is-limited', 'core/peer_cache.cc',
      'return now - used >= rules.age.value;', 'return now - used >= 2 * rules.age.value;',
      r'PeerCache\.P9_', 'stories'),
    M('P9-and-goes-by-the-service-clock', 'engine/caching.cc',
      'entry.record.used = draft.now().service;\n    return;', 'return;',
      r'Caching\.P9_', 'parts'),
    M('nothing-is-given-away-on-battery', 'engine/neighbourhood.cc',
      ' && !around.on_battery;', ';',
      r'Neighbours\.NothingIsGivenAway|Neighbourhood\.TheRules', 'stories'),
    M('P12-who-fetches-it-is-waited-for', 'core/neighbours.cc',
      'if (fetching != nullptr) return fetching;', '',
      r'Neighbours\.P12_WhoComesFirst', 'stories'),
    M('P12-not-who-stands-still', 'core/neighbours.cc',
      'leader->offset ? stands_still_after : pending_wait', 'leader->offset ? 100 * stands_still_after : pending_wait',
      r'Neighbours\.P12_WhereTheLeaderStandsStill', 'stories'),
    M('P12-not-who-crawls', 'core/neighbours.cc',
      'return 2 * static_cast<double>(brought) <', 'return 2000 * static_cast<double>(brought) <',
      r'Neighbours\.P12_ALeaderThatIsSlower', 'stories'),
    M('P12-who-fetches-tells-how-far-it-is', 'engine/neighbourhood.cc',
      '.offset = file->stored.total()};', '.offset = {}};',
      r'Neighbours\.P12_TheLeaderGoes', 'stories'),
    M('P13-a-record-names-the-ranges-that-it-has', 'core/peer_cache.cc',
      'record.wanted = file.wanted;', '',
      r'PeerCache\.P13_', 'stories'),
    M('P13-places-in-a-copy-are-its-own', 'core/neighbour_talk.cc',
      'record_.wanted = {};', '',
      r'Neighbour\.P13', 'core'),
    M('P14-what-is-for-whoever-asks-is-not-kept', 'core/neighbours.cc',
      'identity.size != base::size_unknown && !identity.for_one &&', 'identity.size != base::size_unknown &&',
      r'PeerCache\.P14_', 'stories'),
    M('P15-who-sent-it-last-is-counted', 'core/neighbours.cc',
      'known.octets = known.octets.without(bytes);', '',
      r'P15_|P5_OfPieces', 'stories'),
    M('P15-of-several-each-is-counted-for-what-it-sent', 'engine/senders.cc',
      'core::note_sender(file, bytes.common(one.asked), one.key);', 'core::note_sender(file, {}, one.key);',
      r'SeveralNeighbours\.', 'stories'),
    M('P16-the-flag-changes-the-source', 'engine/changing.cc',
      '    change_sources(draft, id);\n', '    look_at_need(draft, id);\n',
      r'Neighbours\.P16_SwitchingTheFlag', 'stories'),
    M('P16-so-do-the-settings', 'engine/conditions.cc',
      '  change_sources(draft, *former);\n', '',
      r'Neighbours\.P16_SoDoTheSettings', 'stories'),
    M('no-two-neighbours-send-the-same', 'engine/senders.cc',
      'sender.asked.add(*share);', 'sender.asked.add({share->begin, share->begin + 1});',
      r'two transfers of the same bytes|SeveralNeighbours\.', 'stories'),
    # --- sources of the site
    M('the-sources-of-a-site-have-their-order', 'core/site_sources.h',
      'SiteSource::swarm, SiteSource::neighbours, SiteSource::cache_host, SiteSource::proxy};',
      'SiteSource::cache_host, SiteSource::neighbours, SiteSource::swarm, SiteSource::proxy};',
      r'AllOfASite\.AsksTheSwarmThen', 'stories'),
    M('one-that-fails-is-left-for-the-next', 'engine/site_asking.cc',
      'pass(draft, id, lane.file, source);', '', r'AllOfASite\.AsksTheSwarmThen', 'stories'),
    M('a-source-that-lies-is-left-alone', 'engine/site_asking.cc',
      'remember(draft, source, core::SourceFault::source, before, owner);', '', r'CacheHost\.P5_ThatLies', 'stories'),
    M('a-swarm-is-left', 'engine/site_asking.cc',
      'draft.effect(effect::LeaveSwarm{lane.transfer});', ';', r'AllOfASite\.ASwarmIsLeft', 'stories'),
    M('a-cache-is-found-only-where-somebody-vouches-for-it', 'core/site_sources.cc',
      'return rules.trust.value == NeighbourTrust::ca && !rules.authority.value.empty();', 'return true;',
      r'SiteAsking\.ACacheIsLookedFor', 'parts'),
    M('colleagues-are-no-proxies', 'core/site_sources.cc',
      'if (!is_held_against_digest(file)) return NotAsked::digest;\n  const bool', 'const bool',
      r'AllOfASite\.SwarmAndProxyAreNotBelieved', 'stories'),
    # --- duplicates that the origin names
    M('a-duplicate-needs-a-digest', 'core/duplicates.cc',
      'return is_held_against_digest(file) ? NotAsked::none : NotAsked::digest;', 'return NotAsked::none;',
      r'Duplicate\.IsNotAskedWithoutADigest', 'stories'),
    M('a-duplicate-is-as-public-as-its-origin', 'core/duplicates.cc',
      'return !is_near(url_host(address)) || is_near(url_host(origin));', 'return true;',
      r'Duplicates\.AreAsPublicAs', 'core'),
    M('what-only-asks-waits-for-no-commit', 'engine/engine.cc',
      'if (performer_.ask(draft.effects())) run_inputs(draft);', '', r'WaitingCommands\.WaitForNoCommit', 'stories'),
    M('no-two-questions-have-one-number', 'engine/engine.cc',
      'parts_.numbers.last_check = draft.numbers.last_check;', '', r'WaitingCommands\.HearNoAnswer', 'stories'),
    M('what-was-here-first-is-compared', 'core/comparison.cc',
      'if (anchor_.length() == 0) anchor_ = at_hand_;', 'anchor_ = at_hand_;', r'Ranges\.OfAnUntoldVersionAreDecided', 'core'),
    M('whoever-is-in-line-is-looked-at-again', 'engine/scheduling.cc',
      ' ||\n                    row.after->state == base::JobState::queued;', ';', r'Scheduling\.WhoeverWasTouched', 'parts'),
    M('whoever-stops-a-job-is-not-its-server', 'engine/file_steps.cc',
      'again || file.rare->run_failed', 'true', r'RefusedRange\.OnlyRunsThatFail', 'stories'),
    M('a-server-that-asks-for-time-is-not-passed-by', 'engine/outcome.cc',
      '!wish && turn_to_duplicates', 'turn_to_duplicates', r'Duplicate\.IsNotAskedWhileTheOrigin', 'stories'),
    M('one-lie-of-a-duplicate-is-enough', 'engine/site_asking.cc',
      'edit_approach(draft, id, before.index).lied.insert(source);', '', r'Duplicate\.ThatLies', 'stories'),
]


def copy_tree(tree: str) -> None:
    names = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                           cwd=ROOT, check=True, capture_output=True).stdout.split(b'\0')
    for name in filter(None, (n.decode() for n in names)):
        source, target = os.path.join(ROOT, name), os.path.join(tree, name)
        if not os.path.exists(source):
            continue
        if os.path.exists(target) and filecmp.cmp(source, target, shallow=False):
            continue
        # With the time of now, so that what a run that was killed left broken is built again.
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)


# Where each of them is below tests, and how it is run.
PROGRAMS = {
    'swarm': ('sim/swarm_test', ['--gtest_filter=Swarm.KeepsItsPromises*', '--seeds', '100', '--stop', '1']),
    'stories': ('stories/stories_test', ['--gtest_brief=1']),
    'parts': ('parts/parts_test', ['--gtest_brief=1']),
    'core': ('../src/core/core_test', ['--gtest_brief=1']),
}


def build(tree: str, by: str) -> bool:
    target = os.path.basename(PROGRAMS[by][0])
    result = subprocess.run(['cmake', '--build', '--preset', 'dev', '--target', target], cwd=tree,
                            capture_output=True, text=True)
    if result.returncode != 0:
        print(result.stdout[-3000:])
    return result.returncode == 0


# The first words of its complaint; none: it is green.
def complaint(tree: str, by: str) -> tuple[str, str]:
    program, arguments = PROGRAMS[by]
    result = subprocess.run([os.path.join(tree, 'build/dev/tests', program), *arguments],
                            capture_output=True, text=True, errors='replace')
    if result.returncode == 0:
        return '', ''
    text = result.stdout + result.stderr
    if by != 'swarm':
        return by, '\n'.join(re.findall(r'FAILED  \] (\S+)', text)) or text[-300:]
    seed = re.search(r'again: swarm_test --seeds 1 --from (\d+)|aborted in seed (\d+)', text)
    where = 'seed ' + next(filter(None, seed.groups())) if seed else 'no seed'
    return where, '\n'.join(re.findall(r'!!! .*|aborted.*|.*assert.*', text))


def times_in(root: str, mutation: Mutation) -> int:
    with open(os.path.join(root, 'src', mutation.file), encoding='utf-8') as file:
        return file.read().count(mutation.old)


def try_one(tree: str, mutation: Mutation) -> bool:
    path = os.path.join(tree, 'src', mutation.file)
    with open(path, encoding='utf-8') as file:
        text = file.read()
    if (times := times_in(tree, mutation)) != 1:
        print(f'{mutation.name}: the text to replace is {times} times in {mutation.file}')
        return False
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text.replace(mutation.old, mutation.new))
    try:
        if not build(tree, mutation.by):
            print(f'{mutation.name}: does not compile')
            return False
        where, said = complaint(tree, mutation.by)
    finally:
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
    first = said.split('\n')[0]
    if not where:
        print(f'{mutation.name}: NOT FOUND')
    elif not re.search(mutation.found, said):
        print(f'{mutation.name}: {where} complains of something else: {first}')
    else:
        print(f'{mutation.name}: {where}: {re.search(".*(" + mutation.found + ").*", said)[0].strip()}')
        return True
    return False


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument('--tree')
    options.add_argument('--list', action='store_true')
    options.add_argument('--stale', action='store_true')
    options.add_argument('names', nargs='*')
    chosen = options.parse_args()
    sys.stdout.reconfigure(line_buffering=True)
    known = {mutation.name: mutation for mutation in MUTATIONS}
    assert len(known) == len(MUTATIONS), 'a name stands twice'
    if chosen.list:
        for mutation in MUTATIONS:
            print(f'{mutation.name:55} {mutation.file:25} {mutation.found}')
        return 0
    if chosen.stale:
        stale = [mutation.name for mutation in MUTATIONS if times_in(ROOT, mutation) != 1]
        print('\n'.join(stale), end='\n' if stale else '')
        return 1 if stale else 0
    wanted = [known[name] for name in chosen.names] or MUTATIONS
    with tempfile.TemporaryDirectory() as scratch:
        tree = os.path.abspath(chosen.tree or scratch)
        copy_tree(tree)
        subprocess.run(['cmake', '--preset', 'dev'], cwd=tree, check=True, capture_output=True)
        for by in dict.fromkeys(mutation.by for mutation in wanted):
            if not build(tree, by):
                return 1
            where, said = complaint(tree, by)
            if where:
                print(f'red before anything is broken: {where}: {said}')
                return 1
        return 0 if all([try_one(tree, mutation) for mutation in wanted]) else 1


if __name__ == '__main__':
    sys.exit(main())
