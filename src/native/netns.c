/* Network namespaces. Only the calling thread moves, and it always comes back before the call returns. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

#include "wwand.h"

#define OWN_NETNS "/proc/thread-self/ns/net"

/*
 * A descriptor of the namespace the thread is in, or -1 with an exception pending. Entering it now needs exactly what
 * coming back will need, so a thread that could not return never leaves.
 */
static int open_home(napi_env env) {
  int home = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
  if (home < 0) {
    throw_system_error(env, errno, "open " OWN_NETNS);
    return -1;
  }
  if (setns(home, CLONE_NEWNET) == 0) return home;
  int err = errno;
  close(home);
  throw_system_error(env, err, "setns");
  return -1;
}

static bool go_home(napi_env env, int home) {
  int err = setns(home, CLONE_NEWNET) < 0 ? errno : 0;
  close(home);
  if (err == 0) return true;
  /* Worse than what the callback may have thrown: from here on the thread works in the wrong namespace. */
  napi_value ignored;
  napi_get_and_clear_last_exception(env, &ignored);
  throw_system_error(env, err, "setns back to the own network namespace");
  return false;
}

/* A descriptor that the caller closes, from a path or a descriptor; -1 with an exception pending. */
static int open_target(napi_env env, napi_value netns) {
  napi_valuetype type;
  char path[PATH_MAX];
  int fd;
  if (napi_typeof(env, netns, &type) == napi_ok && type == napi_number) {
    if (!arg_fd(env, netns, &fd)) return -1;
    fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
  } else {
    if (!arg_string(env, netns, "netns", path, sizeof path, NULL)) return -1;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  }
  if (fd < 0) throw_system_error(env, errno, "open network namespace");
  return fd;
}

/* inNetns(path | fd, run): what run returns */
static napi_value in_netns(napi_env env, napi_callback_info info) {
  napi_value argv[2], result = NULL;
  if (!take_args(env, info, 2, argv) || !arg_function(env, argv[1], "run")) return NULL;
  int target = open_target(env, argv[0]);
  if (target < 0) return NULL;
  int home = open_home(env);
  if (home < 0) {
    close(target);
    return NULL;
  }
  int err = setns(target, CLONE_NEWNET) < 0 ? errno : 0;
  close(target);
  if (err != 0) {
    close(home);
    return throw_system_error(env, err, "setns");
  }
  /* A throw stays pending over the way home. */
  napi_status status = napi_call_function(env, js_undefined(env), argv[1], 0, NULL, &result);
  if (!go_home(env, home)) return NULL;
  return status == napi_ok ? result : throw_napi_error(env);
}

/* createNetns(): a descriptor of a new, empty network namespace */
static napi_value create_netns(napi_env env, napi_callback_info info) {
  (void)info;
  int home = open_home(env);
  if (home < 0) return NULL;
  if (unshare(CLONE_NEWNET) < 0) {
    int err = errno;
    close(home);
    return throw_system_error(env, err, "unshare");
  }
  int created = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
  int err = errno;
  if (!go_home(env, home)) {
    if (created >= 0) close(created);
    return NULL;
  }
  return created < 0 ? throw_system_error(env, err, "open " OWN_NETNS) : js_int(env, created);
}

const struct export netns_exports[] = {{"inNetns", in_netns}, {"createNetns", create_netns}, {NULL, NULL}};
