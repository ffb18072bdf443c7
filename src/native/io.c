/* Plain descriptor calls. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "wwand.h"

static napi_value close_fd(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  if (!take_args(env, info, 1, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (close_poller_of(addon_of(env), fd)) return js_undefined(env);
  /* Linux has closed the descriptor also when close reports EINTR or a late write error; only EBADF closed nothing. */
  if (close(fd) < 0 && errno == EBADF) return throw_system_error(env, errno, "close");
  return js_undefined(env);
}

static napi_value write_fd(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd;
  void *data;
  size_t length;
  if (!take_args(env, info, 2, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!arg_bytes(env, argv[1], "bytes", &data, &length)) return NULL;
  ssize_t written;
  do {
    written = write(fd, data, length);
  } while (written < 0 && errno == EINTR);
  if (written < 0 && errno != EAGAIN) return throw_system_error(env, errno, "write");
  return js_int(env, written);
}

/* openPipe(): { readFd, writeFd } */
static napi_value open_pipe(napi_env env, napi_callback_info info) {
  napi_value result;
  int fds[2];
  (void)info;
  if (pipe2(fds, O_CLOEXEC) < 0) return throw_system_error(env, errno, "pipe2");
  if (napi_create_object(env, &result) == napi_ok && set_property(env, result, "readFd", js_int(env, fds[0])) &&
      set_property(env, result, "writeFd", js_int(env, fds[1])))
    return result;
  close(fds[0]);
  close(fds[1]);
  return throw_napi_error(env);
}

const struct export io_exports[] = {
    {"closeFd", close_fd}, {"writeFd", write_fd}, {"openPipe", open_pipe}, {NULL, NULL}};
