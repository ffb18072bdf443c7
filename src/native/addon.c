/* Module entry: registers the functions and, per JavaScript environment, the state that they share. */
#include <stdlib.h>

#include "wwand.h"

struct addon *addon_of(napi_env env) {
  void *data = NULL;
  napi_get_instance_data(env, &data);
  return data;
}

/* A worker may end while descriptors are polled: their handles must be gone before its loop is. */
static void end_environment(napi_async_cleanup_hook_handle handle, void *data) {
  struct addon *addon = data;
  addon->cleanup = handle;
  addon->ending = true;
  close_all_pollers(addon);
}

static void free_addon(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  struct addon *addon = data;
  free(addon->scratch);
  free(addon);
}

static bool export_functions(napi_env env, napi_value exports, const struct export *list) {
  for (; list->name != NULL; list++) {
    napi_value function;
    if (napi_create_function(env, list->name, NAPI_AUTO_LENGTH, list->call, NULL, &function) != napi_ok) return false;
    if (!set_property(env, exports, list->name, function)) return false;
  }
  return true;
}

NAPI_MODULE_INIT() {
  static const struct export *const lists[] = {
      error_exports, io_exports, poll_exports, socket_exports, option_exports, tun_exports, tty_exports, netns_exports,
      file_exports,
  };
  struct addon *addon = calloc(1, sizeof *addon);
  if (addon == NULL) return throw_range_error(env, "out of memory");
  if (napi_set_instance_data(env, addon, free_addon, NULL) != napi_ok) {
    free(addon);
    return throw_napi_error(env);
  }
  TRY_NAPI(env, napi_add_async_cleanup_hook(env, end_environment, addon, &addon->cleanup));
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    if (!export_functions(env, exports, lists[i])) return throw_napi_error(env);
  }
  return exports;
}
