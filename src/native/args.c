/* Checked conversion of arguments, and the few conversions of results. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "wwand.h"

bool take_args(napi_env env, napi_callback_info info, size_t count, napi_value *argv) {
  /* N-API fills what the caller left out with undefined. */
  if (napi_get_cb_info(env, info, &count, argv, NULL, NULL) == napi_ok) return true;
  throw_napi_error(env);
  return false;
}

bool arg_integer(napi_env env, napi_value value, const char *name, int64_t min, int64_t max, int64_t *out) {
  double number;
  if (napi_get_value_double(env, value, &number) != napi_ok || number != floor(number)) {
    throw_type_error(env, name, "an integer");
    return false;
  }
  if (number < (double)min || number > (double)max) {
    char message[160];
    snprintf(message, sizeof message, "%s must be from %lld to %lld", name, (long long)min, (long long)max);
    throw_range_error(env, message);
    return false;
  }
  *out = (int64_t)number;
  return true;
}

bool arg_int(napi_env env, napi_value value, const char *name, int min, int max, int *out) {
  int64_t number;
  if (!arg_integer(env, value, name, min, max, &number)) return false;
  *out = (int)number;
  return true;
}

bool arg_fd(napi_env env, napi_value value, int *out) { return arg_int(env, value, "fd", 0, INT_MAX, out); }

bool arg_bool(napi_env env, napi_value value, const char *name, bool *out) {
  if (napi_get_value_bool(env, value, out) == napi_ok) return true;
  throw_type_error(env, name, "a boolean");
  return false;
}

bool arg_string(napi_env env, napi_value value, const char *name, char *out, size_t size, size_t *length) {
  size_t needed;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &needed) != napi_ok) {
    throw_type_error(env, name, "a string");
    return false;
  }
  if (needed >= size) {
    char message[160];
    snprintf(message, sizeof message, "%s is longer than %zu bytes", name, size - 1);
    throw_range_error(env, message);
    return false;
  }
  if (napi_get_value_string_utf8(env, value, out, size, &needed) != napi_ok || memchr(out, 0, needed) != NULL) {
    throw_type_error(env, name, "a string without NUL");
    return false;
  }
  if (length != NULL) *length = needed;
  return true;
}

bool arg_bytes(napi_env env, napi_value value, const char *name, void **data, size_t *length) {
  bool typed = false;
  napi_typedarray_type type;
  if (napi_is_typedarray(env, value, &typed) == napi_ok && typed &&
      napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) == napi_ok && type == napi_uint8_array) {
    return true;
  }
  throw_type_error(env, name, "a Buffer or Uint8Array");
  return false;
}

bool arg_function(napi_env env, napi_value value, const char *name) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) == napi_ok && type == napi_function) return true;
  throw_type_error(env, name, "a function");
  return false;
}

bool is_undefined(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_undefined;
}

napi_value js_undefined(napi_env env) {
  napi_value value = NULL;
  TRY_NAPI(env, napi_get_undefined(env, &value));
  return value;
}

napi_value js_int(napi_env env, int64_t number) {
  napi_value value = NULL;
  TRY_NAPI(env, napi_create_int64(env, number, &value));
  return value;
}

bool set_property(napi_env env, napi_value object, const char *name, napi_value value) {
  if (value == NULL) return false;
  if (napi_set_named_property(env, object, name, value) == napi_ok) return true;
  throw_napi_error(env);
  return false;
}
