/* Sockets: made non-blocking and close-on-exec, bound, connected, sent on. Which ones and why is in sockets.ts. */
#include <errno.h>
#include <string.h>

#include "receive.h"
#include "wwand.h"

struct named_number {
  const char *name;
  int number;
};

static const struct named_number domains[] = {
    {"inet", AF_INET}, {"inet6", AF_INET6}, {"netlink", AF_NETLINK}, {"packet", AF_PACKET}, {"unix", AF_UNIX}, {NULL, 0}};
static const struct named_number types[] = {
    {"stream", SOCK_STREAM}, {"dgram", SOCK_DGRAM}, {"raw", SOCK_RAW}, {"seqpacket", SOCK_SEQPACKET}, {NULL, 0}};

static bool arg_named(napi_env env, napi_value value, const char *what, const struct named_number *list, int *out) {
  char name[16];
  if (!arg_string(env, value, what, name, sizeof name, NULL)) return false;
  for (; list->name != NULL; list++) {
    if (strcmp(list->name, name) != 0) continue;
    *out = list->number;
    return true;
  }
  throw_type_error(env, what, "one of the names that sockets.c lists");
  return false;
}

static napi_value open_socket(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int domain, type, protocol;
  if (!take_args(env, info, 3, argv) || !arg_named(env, argv[0], "domain", domains, &domain)) return NULL;
  if (!arg_named(env, argv[1], "type", types, &type)) return NULL;
  if (!arg_int(env, argv[2], "protocol", 0, 65535, &protocol)) return NULL;
  int fd = socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  return fd < 0 ? throw_system_error(env, errno, "socket") : js_int(env, fd);
}

static napi_value socket_pair(napi_env env, napi_callback_info info) {
  napi_value argv[1], pair;
  int type, fds[2];
  if (!take_args(env, info, 1, argv) || !arg_named(env, argv[0], "type", types, &type)) return NULL;
  TRY_NAPI(env, napi_create_array_with_length(env, 2, &pair));
  if (socketpair(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) < 0) {
    return throw_system_error(env, errno, "socketpair");
  }
  for (uint32_t i = 0; i < 2; i++) TRY_NAPI(env, napi_set_element(env, pair, i, js_int(env, fds[i])));
  return pair;
}

static bool take_fd_and_address(napi_env env, napi_callback_info info, int *fd, struct sockaddr_storage *address,
                                socklen_t *length) {
  napi_value argv[2];
  return take_args(env, info, 2, argv) && arg_fd(env, argv[0], fd) && address_from_js(env, argv[1], address, length);
}

static napi_value bind_socket(napi_env env, napi_callback_info info) {
  int fd;
  struct sockaddr_storage address;
  socklen_t length;
  if (!take_fd_and_address(env, info, &fd, &address, &length)) return NULL;
  if (bind(fd, (struct sockaddr *)&address, length) < 0) return throw_system_error(env, errno, "bind");
  return js_undefined(env);
}

static napi_value connect_socket(napi_env env, napi_callback_info info) {
  int fd;
  struct sockaddr_storage address;
  socklen_t length;
  napi_value connected;
  if (!take_fd_and_address(env, info, &fd, &address, &length)) return NULL;
  /* An interrupted connect goes on by itself, like one in progress. */
  const bool done = connect(fd, (struct sockaddr *)&address, length) == 0;
  if (!done && errno != EINPROGRESS && errno != EINTR) return throw_system_error(env, errno, "connect");
  TRY_NAPI(env, napi_get_boolean(env, done, &connected));
  return connected;
}

static napi_value listen_socket(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd, backlog;
  if (!take_args(env, info, 2, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!arg_int(env, argv[1], "backlog", 0, 65535, &backlog)) return NULL;
  return listen(fd, backlog) < 0 ? throw_system_error(env, errno, "listen") : js_undefined(env);
}

static napi_value local_address(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address;
  if (!take_args(env, info, 1, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) return throw_system_error(env, errno, "getsockname");
  return address_to_js(env, &address, length);
}

/* Puts the descriptors of a JavaScript array into a control message. */
static bool attach_fds(napi_env env, napi_value list, struct msghdr *message, void *control, size_t size) {
  bool is_array = false;
  uint32_t count = 0;
  int fds[MAX_PASSED_FDS];
  if (napi_is_array(env, list, &is_array) != napi_ok || !is_array || napi_get_array_length(env, list, &count) != napi_ok) {
    throw_type_error(env, "fds", "an array of descriptors");
    return false;
  }
  if (count == 0 || count > MAX_PASSED_FDS) {
    throw_range_error(env, "from 1 to 253 descriptors can be passed at once");
    return false;
  }
  for (uint32_t i = 0; i < count; i++) {
    napi_value item;
    if (napi_get_element(env, list, i, &item) != napi_ok) {
      throw_napi_error(env);
      return false;
    }
    if (!arg_fd(env, item, &fds[i])) return false;
  }
  memset(control, 0, size);
  message->msg_control = control;
  message->msg_controllen = CMSG_SPACE(count * sizeof(int));
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(count * sizeof(int));
  memcpy(CMSG_DATA(header), fds, count * sizeof(int));
  return true;
}

/* send(fd, bytes, to | undefined, fds | undefined): bytes taken, -1 when there is no room */
static napi_value send_message(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  int fd;
  struct iovec vector;
  struct sockaddr_storage to;
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * MAX_PASSED_FDS)];
  } control;
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
  if (!take_args(env, info, 4, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!arg_bytes(env, argv[1], "bytes", &vector.iov_base, &vector.iov_len)) return NULL;
  if (!is_undefined(env, argv[2])) {
    if (!address_from_js(env, argv[2], &to, &message.msg_namelen)) return NULL;
    message.msg_name = &to;
  }
  if (!is_undefined(env, argv[3]) && !attach_fds(env, argv[3], &message, &control, sizeof control)) return NULL;
  ssize_t sent;
  do {
    sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  if (sent < 0 && errno != EAGAIN) return throw_system_error(env, errno, "sendmsg");
  return js_int(env, sent);
}

const struct export socket_exports[] = {
    {"socket", open_socket},   {"socketPair", socket_pair},      {"bind", bind_socket},  {"connect", connect_socket},
    {"listen", listen_socket}, {"localAddress", local_address}, {"send", send_message}, {NULL, NULL},
};
