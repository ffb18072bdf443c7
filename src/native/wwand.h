/* What the files of the addon share. Every function below that can fail leaves a JavaScript exception pending. */
#ifndef WWAND_H
#define WWAND_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <uv.h>

/* addon.c: one per JavaScript environment (main thread or worker). */
struct poller;
struct addon {
  struct poller *pollers;
  uint8_t *scratch;
  size_t scratch_size;
  napi_async_cleanup_hook_handle cleanup;
  bool ending;
};
struct addon *addon_of(napi_env env);

/* errors.c */
napi_value make_system_error(napi_env env, int err, const char *syscall);
/* Return NULL, for `return throw_...` */
napi_value throw_system_error(napi_env env, int err, const char *syscall);
napi_value throw_type_error(napi_env env, const char *name, const char *expected);
napi_value throw_range_error(napi_env env, const char *message);
/* For a failed N-API call: keeps a pending exception, else throws what N-API says. */
napi_value throw_napi_error(napi_env env);
#define TRY_NAPI(env, call) \
  do { \
    if ((call) != napi_ok) return throw_napi_error(env); \
  } while (0)

/* args.c: false means that an exception is pending. */
bool take_args(napi_env env, napi_callback_info info, size_t count, napi_value *argv);
bool arg_integer(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int64_t *out);
bool arg_int(napi_env env, napi_value value, const char *name, int min, int max, int *out);
bool arg_fd(napi_env env, napi_value value, int *out);
bool arg_bool(napi_env env, napi_value value, const char *name, bool *out);
/* Copies with a terminating NUL; a NUL inside or more than `size - 1` bytes is an error. */
bool arg_string(napi_env env, napi_value value, const char *name, char *out, size_t size, size_t *length);
bool arg_bytes(napi_env env, napi_value value, const char *name, void **data, size_t *length);
bool arg_function(napi_env env, napi_value value, const char *name);
bool is_undefined(napi_env env, napi_value value);

/* args.c: results */
napi_value js_undefined(napi_env env);
napi_value js_int(napi_env env, int64_t value);
bool set_property(napi_env env, napi_value object, const char *name, napi_value value);

/* address.c */
bool address_from_js(napi_env env, napi_value value, struct sockaddr_storage *out, socklen_t *length);
napi_value address_to_js(napi_env env, const struct sockaddr_storage *address, socklen_t length);

/* poll.c */
void close_all_pollers(struct addon *addon);
/* True when a poller owned `fd`; it is closed then. */
bool close_poller_of(struct addon *addon, int fd);

/* Every file adds its functions. */
struct export {
  const char *name;
  napi_callback call;
};
extern const struct export poll_exports[];
extern const struct export io_exports[];
extern const struct export socket_exports[];
extern const struct export option_exports[];
extern const struct export tun_exports[];
extern const struct export tty_exports[];
extern const struct export netns_exports[];
extern const struct export error_exports[];
extern const struct export file_exports[];

#endif
