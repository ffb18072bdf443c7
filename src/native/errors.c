/* System errors as Node shapes them: code, negative errno, syscall, "CODE: text, syscall". */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wwand.h"

/* Names that libuv does not have, but TUN, netlink and cdc-wdm use. */
static const struct {
  int err;
  const char *name;
} linux_errors[] = {
    {EBADFD, "EBADFD"},       {ERFKILL, "ERFKILL"},   {ENOLINK, "ENOLINK"}, {ETIME, "ETIME"},     {EBADMSG, "EBADMSG"},
    {ENOTUNIQ, "ENOTUNIQ"},   {EUSERS, "EUSERS"},     {ENOKEY, "ENOKEY"},   {ECOMM, "ECOMM"},     {ESTALE, "ESTALE"},
    {EDQUOT, "EDQUOT"},       {EUCLEAN, "EUCLEAN"},   {ECHRNG, "ECHRNG"},   {ENOSTR, "ENOSTR"},   {EDEADLK, "EDEADLK"},
    {ENOMEDIUM, "ENOMEDIUM"}, {ECANCELED, "ECANCELED"}, {ELNRNG, "ELNRNG"}, {EBADR, "EBADR"},     {ENOPKG, "ENOPKG"},
};

static void error_name(int err, char *out, size_t size) {
  for (size_t i = 0; i < sizeof linux_errors / sizeof *linux_errors; i++) {
    if (linux_errors[i].err == err) {
      snprintf(out, size, "%s", linux_errors[i].name);
      return;
    }
  }
  uv_err_name_r(-err, out, size);
  if (strncmp(out, "Unknown", 7) == 0) snprintf(out, size, "E%d", err);
}

napi_value make_system_error(napi_env env, int err, const char *syscall) {
  char name[32], message[256];
  napi_value error, code, text, call;
  error_name(err, name, sizeof name);
  snprintf(message, sizeof message, "%s: %s, %s", name, strerror(err), syscall);
  TRY_NAPI(env, napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &code));
  TRY_NAPI(env, napi_create_string_utf8(env, message, NAPI_AUTO_LENGTH, &text));
  TRY_NAPI(env, napi_create_string_utf8(env, syscall, NAPI_AUTO_LENGTH, &call));
  TRY_NAPI(env, napi_create_error(env, code, text, &error));
  if (!set_property(env, error, "errno", js_int(env, -err))) return NULL;
  if (!set_property(env, error, "syscall", call)) return NULL;
  return error;
}

napi_value throw_system_error(napi_env env, int err, const char *syscall) {
  napi_value error = make_system_error(env, err, syscall);
  if (error != NULL) napi_throw(env, error);
  return NULL;
}

napi_value throw_type_error(napi_env env, const char *name, const char *expected) {
  char message[160];
  snprintf(message, sizeof message, "%s must be %s", name, expected);
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", message);
  return NULL;
}

napi_value throw_range_error(napi_env env, const char *message) {
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", message);
  return NULL;
}

napi_value throw_napi_error(napi_env env) {
  const napi_extended_error_info *info = NULL;
  bool pending = false;
  napi_get_last_error_info(env, &info);
  const char *message = info != NULL && info->error_message != NULL ? info->error_message : "N-API call failed";
  napi_is_exception_pending(env, &pending);
  if (!pending) napi_throw_error(env, "ERR_NAPI", message);
  return NULL;
}

/* systemError(errno, syscall): for an errno that came as data (SO_ERROR, a netlink acknowledgement). */
static napi_value system_error(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int err;
  char syscall[64];
  if (!take_args(env, info, 2, argv)) return NULL;
  if (!arg_int(env, argv[0], "errno", 1, 4095, &err)) return NULL;
  if (!arg_string(env, argv[1], "syscall", syscall, sizeof syscall, NULL)) return NULL;
  return make_system_error(env, err, syscall);
}

const struct export error_exports[] = {{"systemError", system_error}, {NULL, NULL}};
