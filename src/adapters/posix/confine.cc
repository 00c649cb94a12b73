// SPDX-License-Identifier: Apache-2.0
#include "adapters/posix/confine.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace backhaul::posix {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t machine_here = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t machine_here = AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
constexpr std::uint32_t machine_here = AUDIT_ARCH_RISCV64;
#else
constexpr std::uint32_t machine_here = 0;  // the numbers of its calls are not told apart here
#endif

constexpr rlim_t memory_max = 2UL << 30;  // minisign reads a file of the older kind whole
constexpr rlim_t descriptors_max = 32;

bool limit(int what, rlim_t most) {
  const rlimit both{most, most};
  return setrlimit(static_cast<__rlimit_resource>(what), &both) == 0;
}

#define BACKHAUL_DENY(call)                        \
  BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), \
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES)

bool filter_calls(std::span<const sock_filter> rules) {
  if constexpr (machine_here == 0) return true;  // the numbers of its calls are not known here
  const sock_fprog program{static_cast<unsigned short>(rules.size()), const_cast<sock_filter*>(rules.data())};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

// Calls that lead to the memory of other processes, or past these filters. In front of the other ones: it alone looks
// whether numbers of calls mean here what they say.
bool forbid_ways_around() {
  static constexpr sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, machine_here, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
#ifdef __x86_64__
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1),  // the same calls under other numbers (x32)
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
#endif
      BACKHAUL_DENY(SYS_io_uring_setup),
      BACKHAUL_DENY(SYS_ptrace),
      BACKHAUL_DENY(SYS_process_vm_writev),
      BACKHAUL_DENY(SYS_mount),
      BACKHAUL_DENY(SYS_bpf),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return filter_calls(rules);
}

bool forbid_connections() {
  static constexpr sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BACKHAUL_DENY(SYS_socket),
      BACKHAUL_DENY(SYS_socketpair),
      BACKHAUL_DENY(SYS_connect),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return filter_calls(rules);
}

// To become another program, or to look into one.
bool forbid_programs() {
  static constexpr sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BACKHAUL_DENY(SYS_execve),
      BACKHAUL_DENY(SYS_execveat),
      BACKHAUL_DENY(SYS_unshare),
      BACKHAUL_DENY(SYS_setns),
      BACKHAUL_DENY(SYS_process_vm_readv),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return filter_calls(rules);
}

// To lend itself to others.
bool forbid_serving() {
  static constexpr sock_filter rules[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BACKHAUL_DENY(SYS_bind),
      BACKHAUL_DENY(SYS_listen),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  return filter_calls(rules);
}
#undef BACKHAUL_DENY

// Whatever writes, makes or removes a file, wherever. Of a kernel without it the limit on the size of files
// is what there is.
void forbid_writing() {
  landlock_ruleset_attr rules{};
  rules.handled_access_fs = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                            LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
                            LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |
                            LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                            LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
  const long made = syscall(SYS_landlock_create_ruleset, &rules, sizeof rules.handled_access_fs, 0);
  if (made < 0) return;
  syscall(SYS_landlock_restrict_self, made, 0);
  close(static_cast<int>(made));
}

// Not dumpable: what its user runs beside it may end it, and not look into it.
bool forbid_looks() {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && limit(RLIMIT_CORE, 0);
}

}  // namespace

bool confine() {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  if (!limit(RLIMIT_CORE, 0) || !limit(RLIMIT_FSIZE, 0) || !limit(RLIMIT_NOFILE, descriptors_max) ||
      !limit(RLIMIT_AS, memory_max))
    return false;
  forbid_writing();
  return forbid_ways_around() && forbid_connections();
}

bool confine_to_files() {
  return forbid_looks() && forbid_ways_around() && forbid_connections() && forbid_programs() && forbid_serving();
}

bool confine_to_network() { return forbid_looks() && forbid_ways_around() && forbid_programs(); }

}  // namespace backhaul::posix
