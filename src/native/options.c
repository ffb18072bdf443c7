/* Socket options by name: one row each. SO_* numbers differ between architectures, so the names live here. */
#include <errno.h>
#include <limits.h>
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "wwand.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif
#ifndef SOL_RAW
#define SOL_RAW 255
#endif
#ifndef SOL_ICMPV6
#define SOL_ICMPV6 58
#endif

enum shape { NUMBER, DEVICE, BYTES };

static const struct option {
  const char *name;
  int level;
  int number;
  enum shape shape;
} options[] = {
    {"error", SOL_SOCKET, SO_ERROR, NUMBER},
    {"mark", SOL_SOCKET, SO_MARK, NUMBER},
    {"bindToDevice", SOL_SOCKET, SO_BINDTODEVICE, DEVICE},
    {"broadcast", SOL_SOCKET, SO_BROADCAST, NUMBER},
    {"reuseAddress", SOL_SOCKET, SO_REUSEADDR, NUMBER},
    {"timestamp", SOL_SOCKET, SO_TIMESTAMPNS, NUMBER},
    {"receiveBufferBytes", SOL_SOCKET, SO_RCVBUF, NUMBER},
    {"receiveBufferForceBytes", SOL_SOCKET, SO_RCVBUFFORCE, NUMBER},
    {"sendBufferBytes", SOL_SOCKET, SO_SNDBUF, NUMBER},
    {"ttl", IPPROTO_IP, IP_TTL, NUMBER},
    {"receiveTtl", IPPROTO_IP, IP_RECVTTL, NUMBER},
    {"mtuDiscover", IPPROTO_IP, IP_MTU_DISCOVER, NUMBER},
    {"freeBind", IPPROTO_IP, IP_FREEBIND, NUMBER},
    {"hopLimit", IPPROTO_IPV6, IPV6_UNICAST_HOPS, NUMBER},
    {"receiveHopLimit", IPPROTO_IPV6, IPV6_RECVHOPLIMIT, NUMBER},
    {"mtuDiscover6", IPPROTO_IPV6, IPV6_MTU_DISCOVER, NUMBER},
    {"dontFragment6", IPPROTO_IPV6, IPV6_DONTFRAG, NUMBER},
    {"v6Only", IPPROTO_IPV6, IPV6_V6ONLY, NUMBER},
    {"icmpFilter", SOL_RAW, ICMP_FILTER, BYTES},
    {"icmp6Filter", SOL_ICMPV6, ICMPV6_FILTER, BYTES},
    {"tcpUserTimeoutMs", IPPROTO_TCP, TCP_USER_TIMEOUT, NUMBER},
    {"netlinkJoin", SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, NUMBER},
    {"netlinkLeave", SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, NUMBER},
    {"netlinkExtAck", SOL_NETLINK, NETLINK_EXT_ACK, NUMBER},
    {"netlinkStrictCheck", SOL_NETLINK, NETLINK_GET_STRICT_CHK, NUMBER},
    {"netlinkNoEnobufs", SOL_NETLINK, NETLINK_NO_ENOBUFS, NUMBER},
};

static const struct option *arg_option(napi_env env, napi_value value) {
  char name[32];
  if (!arg_string(env, value, "option", name, sizeof name, NULL)) return NULL;
  for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
    if (strcmp(options[i].name, name) == 0) return &options[i];
  }
  throw_type_error(env, "option", "one of the names that options.c lists");
  return NULL;
}

static int set_option(int fd, const struct option *option, const void *value, size_t length) {
  return setsockopt(fd, option->level, option->number, value, (socklen_t)length) < 0 ? errno : 0;
}

/* False: the value has the wrong shape, and an exception is pending. */
static bool set_from_js(napi_env env, int fd, const struct option *option, napi_value value, int *err) {
  int64_t number;
  char device[IFNAMSIZ];
  void *bytes;
  size_t length;
  switch (option->shape) {
    case NUMBER: {
      if (!arg_integer(env, value, option->name, INT_MIN, UINT32_MAX, &number)) return false;
      const int as_int = (int)(uint32_t)number;
      *err = set_option(fd, option, &as_int, sizeof as_int);
      return true;
    }
    case DEVICE:
      if (!arg_string(env, value, option->name, device, sizeof device, &length)) return false;
      *err = set_option(fd, option, device, length);
      return true;
    default:
      if (!arg_bytes(env, value, option->name, &bytes, &length)) return false;
      *err = set_option(fd, option, bytes, length);
      return true;
  }
}

static napi_value set_socket_option(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int fd, err;
  if (!take_args(env, info, 3, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  const struct option *option = arg_option(env, argv[1]);
  if (option == NULL || !set_from_js(env, fd, option, argv[2], &err)) return NULL;
  return err != 0 ? throw_system_error(env, err, "setsockopt") : js_undefined(env);
}

static napi_value get_socket_option(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd, value = 0;
  socklen_t length = sizeof value;
  if (!take_args(env, info, 2, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  const struct option *option = arg_option(env, argv[1]);
  if (option == NULL) return NULL;
  if (option->shape != NUMBER) return throw_type_error(env, "option", "one that is a number");
  if (getsockopt(fd, option->level, option->number, &value, &length) < 0) {
    return throw_system_error(env, errno, "getsockopt");
  }
  return js_int(env, value);
}

const struct export option_exports[] = {
    {"setSocketOption", set_socket_option}, {"getSocketOption", get_socket_option}, {NULL, NULL}};
