/* TUN devices. */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "wwand.h"

/* openTun(name, multiQueue): { fd, name } */
static napi_value open_tun(napi_env env, napi_callback_info info) {
  napi_value argv[2], result, name;
  struct ifreq request;
  bool multi_queue;
  memset(&request, 0, sizeof request);
  if (!take_args(env, info, 2, argv)) return NULL;
  if (!arg_string(env, argv[0], "name", request.ifr_name, sizeof request.ifr_name, NULL)) return NULL;
  if (!arg_bool(env, argv[1], "multiQueue", &multi_queue)) return NULL;
  request.ifr_flags = (short)(IFF_TUN | IFF_NO_PI | (multi_queue ? IFF_MULTI_QUEUE : 0));
  TRY_NAPI(env, napi_create_object(env, &result));
  int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return throw_system_error(env, errno, "open /dev/net/tun");
  if (ioctl(fd, TUNSETIFF, &request) < 0) {
    int err = errno;
    close(fd);
    return throw_system_error(env, err, "ioctl TUNSETIFF");
  }
  if (napi_create_string_utf8(env, request.ifr_name, NAPI_AUTO_LENGTH, &name) == napi_ok &&
      set_property(env, result, "name", name) && set_property(env, result, "fd", js_int(env, fd))) {
    return result;
  }
  close(fd);
  return throw_napi_error(env);
}

const struct export tun_exports[] = {{"openTun", open_tun}, {NULL, NULL}};
