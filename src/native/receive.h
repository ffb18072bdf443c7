/* One datagram with its source and ancillary data. */
#ifndef WWAND_RECEIVE_H
#define WWAND_RECEIVE_H

#include <sys/socket.h>
#include <sys/types.h>

#include "wwand.h"

#define MAX_PASSED_FDS 253 /* SCM_MAX_FD of the kernel */

struct received {
  struct sockaddr_storage source;
  socklen_t source_length;
  bool truncated;
  double age_ms; /* negative: no timestamp came along */
  int ttl;       /* negative: none came along */
  int fds[MAX_PASSED_FDS];
  size_t fd_count;
};

/* As recvmsg: bytes, or -1 with errno. Descriptors that came along are close-on-exec and the caller's. */
ssize_t receive_message(int fd, int flags, void *into, size_t size, struct received *out);

/* The DatagramInfo object; on failure the descriptors are closed and an exception is pending. */
napi_value received_to_js(napi_env env, const struct received *received);

#endif
