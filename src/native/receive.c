#include "receive.h"

#include <netinet/in.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double age_ms_of(const struct timespec *then) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  double age = (double)(now.tv_sec - then->tv_sec) * 1e3 + (double)(now.tv_nsec - then->tv_nsec) / 1e6;
  /* Somebody set the clock back between receipt and now. */
  return age < 0 ? 0 : age;
}

static void take_control(const struct cmsghdr *header, struct received *out) {
  const void *data = CMSG_DATA(header);
  const size_t length = header->cmsg_len - CMSG_LEN(0);
  const int level = header->cmsg_level, type = header->cmsg_type;
  if (level == SOL_SOCKET && type == SO_TIMESTAMPNS && length >= sizeof(struct timespec)) {
    struct timespec then;
    memcpy(&then, data, sizeof then);
    out->age_ms = age_ms_of(&then);
  } else if (level == SOL_SOCKET && type == SCM_RIGHTS) {
    out->fd_count = length / sizeof(int);
    if (out->fd_count > MAX_PASSED_FDS) out->fd_count = MAX_PASSED_FDS;
    memcpy(out->fds, data, out->fd_count * sizeof(int));
  } else if (length >= sizeof(int) &&
             ((level == IPPROTO_IP && type == IP_TTL) || (level == IPPROTO_IPV6 && type == IPV6_HOPLIMIT))) {
    memcpy(&out->ttl, data, sizeof out->ttl);
  }
}

ssize_t receive_message(int fd, int flags, void *into, size_t size, struct received *out) {
  union {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(int) * MAX_PASSED_FDS) + 256];
  } control;
  struct iovec vector = {.iov_base = into, .iov_len = size};
  struct msghdr message = {
      .msg_name = &out->source,
      .msg_namelen = sizeof out->source,
      .msg_iov = &vector,
      .msg_iovlen = 1,
      .msg_control = &control,
      .msg_controllen = sizeof control,
  };
  out->age_ms = -1;
  out->ttl = -1;
  out->fd_count = 0;
  ssize_t length = recvmsg(fd, &message, flags);
  if (length < 0) return length;
  out->source_length = message.msg_namelen;
  out->truncated = (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header != NULL; header = CMSG_NXTHDR(&message, header)) {
    take_control(header, out);
  }
  return length;
}

static bool set_fds(napi_env env, napi_value info, const struct received *received) {
  napi_value list;
  if (napi_create_array_with_length(env, received->fd_count, &list) != napi_ok) return false;
  for (size_t i = 0; i < received->fd_count; i++) {
    if (napi_set_element(env, list, (uint32_t)i, js_int(env, received->fds[i])) != napi_ok) return false;
  }
  return set_property(env, info, "fds", list);
}

static bool fill_info(napi_env env, napi_value info, const struct received *received) {
  napi_value value;
  if (!set_property(env, info, "source", address_to_js(env, &received->source, received->source_length))) return false;
  if (napi_get_boolean(env, received->truncated, &value) != napi_ok) return false;
  if (!set_property(env, info, "truncated", value)) return false;
  if (received->age_ms >= 0) {
    if (napi_create_double(env, received->age_ms, &value) != napi_ok) return false;
    if (!set_property(env, info, "ageMs", value)) return false;
  }
  if (received->ttl >= 0 && !set_property(env, info, "ttl", js_int(env, received->ttl))) return false;
  return received->fd_count == 0 || set_fds(env, info, received);
}

napi_value received_to_js(napi_env env, const struct received *received) {
  napi_value info;
  if (napi_create_object(env, &info) == napi_ok && fill_info(env, info, received)) return info;
  for (size_t i = 0; i < received->fd_count; i++) close(received->fds[i]);
  return throw_napi_error(env);
}
