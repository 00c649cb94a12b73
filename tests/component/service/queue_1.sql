-- SPDX-License-Identifier: Apache-2.0
-- Written by upgrade_test.py --renew.
PRAGMA application_id = 1112034353;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE ban (
  number INTEGER PRIMARY KEY,
  neighbour TEXT NOT NULL,        -- its key
  until INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT;
CREATE TABLE cache (
  number INTEGER PRIMARY KEY,
  id BLOB NOT NULL CHECK (length(id) = 16),
  job BLOB NOT NULL CHECK (length(job) = 16),
  file INTEGER NOT NULL,
  validated INTEGER NOT NULL,
  remote_size INTEGER NOT NULL,
  last_modified TEXT NOT NULL,
  etag TEXT NOT NULL,
  size INTEGER NOT NULL,
  digest TEXT NOT NULL,
  made INTEGER NOT NULL,
  accessed INTEGER NOT NULL,
  used INTEGER NOT NULL,
  wanted TEXT,                    -- ranges; none: the whole object
  url TEXT NOT NULL,
  sum INTEGER NOT NULL
) STRICT;
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  job BLOB NOT NULL CHECK (length(job) = 16),
  kind INTEGER NOT NULL,
  file INTEGER NOT NULL,
  code INTEGER NOT NULL,
  owner_uid INTEGER NOT NULL,
  time INTEGER NOT NULL,
  end_state INTEGER NOT NULL,
  job_order INTEGER NOT NULL,
  application TEXT,
  account TEXT NOT NULL,
  sum INTEGER NOT NULL
) STRICT;
CREATE TABLE file (
  job INTEGER NOT NULL,
  file_index INTEGER NOT NULL,
  state INTEGER NOT NULL,
  validated INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  durable_offset INTEGER NOT NULL,  -- of the first gap
  durable_behind TEXT,              -- what is stored behind it
  device INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  mount INTEGER NOT NULL,
  tail INTEGER NOT NULL,
  last_write INTEGER NOT NULL,
  fruitless_restarts INTEGER,
  high_water INTEGER NOT NULL,
  event INTEGER NOT NULL,
  remote_size INTEGER NOT NULL,
  remote_last_modified TEXT NOT NULL,
  remote_etag TEXT NOT NULL,
  remote_resumable INTEGER NOT NULL,
  remote_encoding TEXT NOT NULL,
  remote_end_untold INTEGER NOT NULL,
  remote_digest TEXT NOT NULL,
  remote_for_one INTEGER NOT NULL,
  remote_version_untold INTEGER NOT NULL,
  moved INTEGER NOT NULL,
  ranges_refused INTEGER NOT NULL,
  led_away INTEGER,
  received TEXT,
  neighbours_octets INTEGER,        -- of the first gap of what came from them
  neighbours_octets_behind TEXT,    -- what came from them behind it
  neighbours_givers TEXT,           -- keys, each with what it sent
  neighbours_origin_only INTEGER,
  fresh_epoch INTEGER,
  fresh_offset INTEGER,
  fresh_device INTEGER,
  fresh_inode INTEGER,
  doubts_contradictions INTEGER,
  doubts_unproven INTEGER,
  doubts_unproven_since INTEGER,
  mirrors_addresses TEXT,           -- one a line
  mirrors_current INTEGER,
  mirrors_told_by INTEGER,
  mirrors_failed INTEGER,
  mirrors_passing_code INTEGER,
  mirrors_passing_context INTEGER,
  mirrors_passing_file INTEGER,
  mirrors_passing_text TEXT,
  mirrors_passing_of_this_machine INTEGER,
  digests TEXT,
  expected_size INTEGER,
  expected_pieces TEXT,             -- length, algorithm, digests
  expected_bad INTEGER,
  expected_signature TEXT,
  expected_key TEXT,
  torrent TEXT,
  duplicates TEXT,                  -- one a line
  wanted TEXT,                      -- ranges; none: the whole file
  demand_position INTEGER,
  demand_asked TEXT,                -- what is missing of what was asked for ahead of the rest
  response_headers TEXT NOT NULL,
  remote TEXT NOT NULL,
  local TEXT NOT NULL,
  root TEXT,
  sum INTEGER NOT NULL,
  PRIMARY KEY (job, file_index)
) STRICT, WITHOUT ROWID;
INSERT INTO "file" VALUES(1,0,0,0,0,0,NULL,0,0,0,0,0,NULL,0,0,-1,'','',0,'',0,'',0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','http://127.0.0.1:9/a','/tmp/backhaul-queue-of-a-release/a',NULL,7849398779773891797);
INSERT INTO "file" VALUES(2,0,0,0,0,0,NULL,0,0,0,0,0,NULL,0,0,-1,'','',0,'',0,'',0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','http://127.0.0.1:9/b','/tmp/backhaul-queue-of-a-release/b',NULL,7107344668668167498);
INSERT INTO "file" VALUES(2,1,0,0,0,0,NULL,0,0,0,0,0,NULL,0,0,-1,'','',0,'',0,'',0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','http://127.0.0.1:9/c','/tmp/backhaul-queue-of-a-release/c',NULL,-5555530130391415504);
INSERT INTO "file" VALUES(2,2,0,0,0,0,NULL,0,0,0,0,0,NULL,0,0,-1,'','',0,'',0,'',0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'','http://127.0.0.1:9/d','/tmp/backhaul-queue-of-a-release/d',NULL,5364378698979899964);
CREATE TABLE job (
  row INTEGER PRIMARY KEY,
  id BLOB NOT NULL CHECK (length(id) = 16),
  creation INTEGER NOT NULL,
  owner_uid INTEGER NOT NULL,
  made_by_uid INTEGER NOT NULL,
  made_by_program TEXT NOT NULL,
  made_by_time INTEGER NOT NULL,
  type INTEGER NOT NULL,
  state INTEGER NOT NULL,
  intent INTEGER NOT NULL,
  started INTEGER NOT NULL,
  object_bus_id TEXT,
  object_unique_name TEXT,
  object_path TEXT,
  object_level INTEGER,
  object_uid INTEGER,
  object_sequence INTEGER,
  object_set_by_uid INTEGER,
  object_set_by_program TEXT,
  object_set_by_time INTEGER,
  certificate_check_bus_id TEXT,
  certificate_check_unique_name TEXT,
  certificate_check_path TEXT,
  certificate_check_level INTEGER,
  certificate_check_uid INTEGER,
  certificate_check_sequence INTEGER,
  certificate_check_accepted TEXT,
  class_name TEXT,
  class_path TEXT,
  class_set_by_uid INTEGER,
  class_set_by_program TEXT,
  class_set_by_time INTEGER,
  command_program TEXT,
  command_parameters TEXT,
  command_uid INTEGER,
  command_set_by_uid INTEGER,
  command_set_by_program TEXT,
  command_set_by_time INTEGER,
  pending_kind INTEGER,
  pending_sequence INTEGER,
  pending_rung INTEGER,
  pending_attempts INTEGER,
  pending_failed_starts INTEGER,
  pending_due_boot_id INTEGER,
  pending_due_boot INTEGER,
  pending_due_wall INTEGER,
  pending_due_period INTEGER,
  event_file INTEGER NOT NULL,
  file_event_kind INTEGER,
  file_event_sequence INTEGER,
  file_event_rung INTEGER,
  file_event_attempts INTEGER,
  file_event_failed_starts INTEGER,
  file_event_due_boot_id INTEGER,
  file_event_due_boot INTEGER,
  file_event_due_wall INTEGER,
  file_event_due_period INTEGER,
  created INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  active INTEGER NOT NULL,
  transferred INTEGER NOT NULL,
  error_count INTEGER NOT NULL,
  error_code INTEGER,
  error_context INTEGER,
  error_file INTEGER,
  error_text TEXT,
  error_of_this_machine INTEGER,
  retry_boot_id INTEGER,
  retry_boot INTEGER,
  retry_wall INTEGER,
  retry_period INTEGER,
  stuck_since INTEGER,
  server_wish_origin TEXT,
  server_wish_boot_id INTEGER,
  server_wish_boot INTEGER,
  server_wish_wall INTEGER,
  server_wish_period INTEGER,
  server_wish_for_all INTEGER,
  address_file INTEGER NOT NULL,
  time_used INTEGER NOT NULL,
  urgency INTEGER,
  time_before INTEGER,
  bytes_resumed INTEGER,
  files_total INTEGER NOT NULL,
  files_transferred INTEGER NOT NULL,
  files_size_unknown INTEGER NOT NULL,
  files_bytes_known INTEGER NOT NULL,
  files_bytes_stored INTEGER NOT NULL,
  application TEXT,
  account TEXT,
  proxy_usage INTEGER,
  proxy_list TEXT,
  proxy_bypass TEXT,
  proxy_environment_http TEXT,
  proxy_environment_https TEXT,
  proxy_environment_all TEXT,
  proxy_environment_bypass TEXT,
  takeover_uid INTEGER,           -- who takes the job over, or whose it was (core/job.h)
  takeover_account TEXT,
  takeover_parts_taken INTEGER,
  secrets TEXT,                   -- which there are; their values are rows of their own
  sum INTEGER NOT NULL
, name TEXT NOT NULL DEFAULT '', description TEXT NOT NULL DEFAULT '', priority INTEGER NOT NULL DEFAULT 2, notify_flags INTEGER NOT NULL DEFAULT 3, minimum_retry_delay INTEGER NOT NULL DEFAULT 600, no_progress_timeout INTEGER NOT NULL DEFAULT 1209600, maximum_download_time INTEGER NOT NULL DEFAULT 7776000, notification_interval INTEGER NOT NULL DEFAULT 500, auto_complete INTEGER NOT NULL DEFAULT 0, maximum_download_size INTEGER, address_timeout INTEGER, needed_by INTEGER, cost_flags INTEGER, keep_awake INTEGER, security_flags INTEGER, http_method TEXT, dynamic_content INTEGER, high_performance INTEGER, on_demand_mode INTEGER, helper_token INTEGER, helper_token_files INTEGER, helper_token_network INTEGER, file_acl_flags INTEGER, peer_caching_flags INTEGER) STRICT;
INSERT INTO "job" VALUES(1,X'46C48586CF09472680D728DA36E26C53',1,0,0,'/usr/bin/python3.11',1796131676654096,0,3,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4294967295,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796131676654096,1796131676669876,19881,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4294967295,0,NULL,NULL,NULL,1,0,1,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-6695810596973849856,'plain','one file',2,3,5,1209600,7776000,500,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "job" VALUES(2,X'70DDC8FB94344C3BBDE040BFBC3508BA',2,0,0,'/usr/bin/python3.11',1796131676670632,0,3,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4294967295,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796131676670632,1796131676687475,37480,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4294967295,0,NULL,NULL,NULL,3,0,3,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-5140905464336083458,'urgent','three files',0,3,77,1209600,7776000,500,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "job" VALUES(3,X'4BE1E77EA2464A599BCE51311D3C43A3',3,0,0,'/usr/bin/python3.11',1796131676694051,0,3,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4294967295,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1796131676694051,1796131676719168,69173,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,4294967295,0,NULL,NULL,NULL,0,0,0,0,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,-6614146353358681171,'empty','äöü ☃',3,3,5,1209600,7776000,500,1,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE preference (
  only INTEGER PRIMARY KEY CHECK (only = 0),
  cache_percent INTEGER,
  content_age INTEGER,
  peer_flags INTEGER,
  sum INTEGER NOT NULL
) STRICT;
CREATE TABLE queue (
  only INTEGER PRIMARY KEY CHECK (only = 0),
  next_sequence INTEGER NOT NULL,
  commits INTEGER NOT NULL,       -- the record beside the database (record.h) tells whether one is missing
  service_time INTEGER NOT NULL,
  sum INTEGER NOT NULL
) STRICT;
INSERT INTO "queue" VALUES(0,1,15,81186,2687974630808743328);
CREATE TABLE secret (
  job INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  sealed TEXT NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (job, slot)
) STRICT, WITHOUT ROWID;
CREATE TABLE usage (
  day INTEGER NOT NULL,
  network TEXT NOT NULL,
  owner_uid INTEGER NOT NULL,
  application TEXT NOT NULL,
  octets INTEGER NOT NULL,
  sum INTEGER NOT NULL,
  PRIMARY KEY (day, network, owner_uid, application)
) STRICT, WITHOUT ROWID;
COMMIT;
