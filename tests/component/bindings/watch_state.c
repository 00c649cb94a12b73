/* SPDX-License-Identifier: Apache-2.0
 * A program with a proxy that gdbus-codegen made: prints the state and the name of a job as its cache
 * has them, whenever the cache changes, until the job has left the queue. It never asks again. */
#include <gio/gio.h>
#include <stdio.h>

#include "contract.h"

enum { ACKNOWLEDGED = 7 };

static GMainLoop *loop;

static void show(BackhaulJob1 *job) {
  const guint state = backhaul_job1_get_state(job);
  printf("%u %s\n", state, backhaul_job1_get_name(job));
  fflush(stdout);
  if (state >= ACKNOWLEDGED) g_main_loop_quit(loop);
}

static void changed(BackhaulJob1 *job, GParamSpec *property, gpointer data) {
  (void)property;
  (void)data;
  show(job);
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  GError *error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync(
      argv[1],
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
          G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  BackhaulJob1 *job =
      bus == NULL ? NULL
                  : backhaul_job1_proxy_new_sync(bus, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START,
                                                 "org.backhaul.Backhaul1", argv[2], NULL, &error);
  if (job == NULL) {
    fprintf(stderr, "%s\n", error->message);
    return 1;
  }
  loop = g_main_loop_new(NULL, FALSE);
  g_signal_connect(job, "notify::state", G_CALLBACK(changed), NULL);
  g_signal_connect(job, "notify::name", G_CALLBACK(changed), NULL);
  show(job);
  g_main_loop_run(loop);
  g_object_unref(job);
  g_object_unref(bus);
  return 0;
}
