/*
 * Polled descriptors. A poller owns its descriptor from creation to close or release, so that a closed number can
 * never be polled, and reads in batches: one call into JavaScript per wakeup, whatever the number of messages.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "receive.h"
#include "wwand.h"

#define MAX_MESSAGES 256
#define MAX_MESSAGE_BYTES (1 << 20)
/* More than this is not read at once, unless a single message is longer. */
#define MAX_BATCH_BYTES (1 << 18)

enum callback { ON_MESSAGES, ON_READ_ENDED, ON_WRITABLE, CALLBACKS };

struct poller {
  struct poller *next;
  struct addon *addon;
  napi_env env;
  uv_poll_t handle;
  int fd;
  bool is_socket;
  bool with_info;
  /* A read of 0 bytes ends a stream; for datagrams it is an empty message. */
  bool zero_is_end;
  bool closed;
  /* The struct is freed by whoever is last: the garbage collector, or libuv when it has closed the handle. */
  bool collected;
  bool handle_gone;
  int wanted;
  int receive_flags;
  size_t message_bytes;
  size_t batch;
  napi_ref self;
  napi_ref callbacks[CALLBACKS];
  napi_async_context context;
};

static const napi_type_tag poller_tag = {0x7777616e64706f6cULL, 0x6c65722d6f626a31ULL};

static void on_closed(uv_handle_t *handle) {
  struct poller *poller = handle->data;
  struct addon *addon = poller->addon;
  napi_env env = poller->env;
  for (struct poller **at = &addon->pollers; *at != NULL; at = &(*at)->next) {
    if (*at == poller) {
      *at = poller->next;
      break;
    }
  }
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) == napi_ok) {
    for (int i = 0; i < CALLBACKS; i++) napi_delete_reference(env, poller->callbacks[i]);
    napi_async_destroy(env, poller->context);
    napi_delete_reference(env, poller->self);
    napi_close_handle_scope(env, scope);
  }
  poller->handle_gone = true;
  if (poller->collected) free(poller);
  if (addon->ending && addon->pollers == NULL) napi_remove_async_cleanup_hook(addon->cleanup);
}

static void end_poller(struct poller *poller, bool close_descriptor) {
  if (poller->closed) return;
  poller->closed = true;
  poller->wanted = 0;
  uv_poll_stop(&poller->handle);
  if (close_descriptor) close(poller->fd);
  uv_close((uv_handle_t *)&poller->handle, on_closed);
}

void close_all_pollers(struct addon *addon) {
  for (struct poller *poller = addon->pollers; poller != NULL; poller = poller->next) end_poller(poller, true);
  if (addon->pollers == NULL) napi_remove_async_cleanup_hook(addon->cleanup);
}

bool close_poller_of(struct addon *addon, int fd) {
  for (struct poller *poller = addon->pollers; poller != NULL; poller = poller->next) {
    if (poller->fd != fd || poller->closed) continue;
    end_poller(poller, true);
    return true;
  }
  return false;
}

static void call_js(struct poller *poller, enum callback which, size_t argc, const napi_value *argv) {
  napi_env env = poller->env;
  napi_value self, function;
  if (napi_get_reference_value(env, poller->self, &self) != napi_ok) return;
  if (napi_get_reference_value(env, poller->callbacks[which], &function) != napi_ok) return;
  if (napi_make_callback(env, poller->context, self, function, argc, argv, NULL) != napi_pending_exception) return;
  /* A listener that throws is an ordinary uncaught exception of the program. */
  napi_value error;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

/* What one wakeup read. `err` 0 and not `ended`: there may be more later. */
struct batch {
  size_t count;
  size_t used;
  int err;
  bool ended;
  const char *syscall;
};

static void read_messages(struct poller *poller, struct batch *batch, napi_value sizes, napi_value infos) {
  struct addon *addon = poller->addon;
  napi_env env = poller->env;
  while (batch->count < poller->batch && batch->used + poller->message_bytes <= addon->scratch_size) {
    struct received received;
    uint8_t *into = addon->scratch + batch->used;
    ssize_t length = poller->with_info ? receive_message(poller->fd, poller->receive_flags, into, poller->message_bytes, &received)
                                       : read(poller->fd, into, poller->message_bytes);
    if (length < 0 && errno == EINTR) continue;
    if (length < 0) {
      if (errno != EAGAIN) batch->err = errno;
      return;
    }
    if (length == 0 && poller->zero_is_end) {
      batch->ended = true;
      return;
    }
    if (poller->with_info) {
      napi_value info = received_to_js(env, &received);
      if (info == NULL || napi_set_element(env, infos, batch->count, info) != napi_ok) return;
    }
    if (napi_set_element(env, sizes, batch->count, js_int(env, length)) != napi_ok) return;
    batch->used += (size_t)length;
    batch->count++;
  }
}

static void deliver_messages(struct poller *poller, const struct batch *batch, napi_value sizes, napi_value infos) {
  napi_value argv[3] = {NULL, sizes, infos};
  if (napi_create_buffer_copy(poller->env, batch->used, poller->addon->scratch, NULL, &argv[0]) != napi_ok) {
    /* An ArrayBuffer could not be allocated: V8 has thrown. */
    napi_value error;
    if (napi_get_and_clear_last_exception(poller->env, &error) == napi_ok) napi_fatal_exception(poller->env, error);
    return;
  }
  call_js(poller, ON_MESSAGES, poller->with_info ? 3 : 2, argv);
}

/* Why poll reports an error that no read explains: a socket says it in SO_ERROR, others do not say. */
static void explain_poll_error(const struct poller *poller, struct batch *batch) {
  socklen_t length = sizeof batch->err;
  if (poller->is_socket && getsockopt(poller->fd, SOL_SOCKET, SO_ERROR, &batch->err, &length) == 0 && batch->err != 0) return;
  batch->err = EIO;
  batch->syscall = "poll";
}

static void read_batch(struct poller *poller, bool poll_failed) {
  napi_env env = poller->env;
  struct batch batch = {.syscall = poller->with_info ? "recvmsg" : "read"};
  napi_value sizes, infos = NULL;
  if (napi_create_array(env, &sizes) != napi_ok) return;
  if (poller->with_info && napi_create_array(env, &infos) != napi_ok) return;
  read_messages(poller, &batch, sizes, infos);
  if (poll_failed && batch.count == 0 && batch.err == 0 && !batch.ended) explain_poll_error(poller, &batch);
  if (batch.count > 0) deliver_messages(poller, &batch, sizes, infos);
  if (poller->closed || (batch.err == 0 && !batch.ended)) return;
  poller->wanted &= ~UV_READABLE;
  napi_value error = batch.err != 0 ? make_system_error(env, batch.err, batch.syscall) : js_undefined(env);
  if (error != NULL) call_js(poller, ON_READ_ENDED, 1, &error);
}

static void on_poll(uv_poll_t *handle, int status, int events);

static int apply_wanted(struct poller *poller) {
  if (poller->closed) return 0;
  if (poller->wanted == 0) return uv_poll_stop(&poller->handle);
  return uv_poll_start(&poller->handle, poller->wanted, on_poll);
}

static void on_poll(uv_poll_t *handle, int status, int events) {
  struct poller *poller = handle->data;
  napi_handle_scope scope;
  if (napi_open_handle_scope(poller->env, &scope) != napi_ok) return;
  /* On POLLERR libuv stops the handle and reports EBADF, whatever the reason: the calls below find it out. */
  if (status < 0) events = poller->wanted;
  const int before = poller->wanted;
  if (events & poller->wanted & UV_READABLE) read_batch(poller, status < 0);
  if (events & poller->wanted & UV_WRITABLE) call_js(poller, ON_WRITABLE, 0, NULL);
  if (status < 0 || poller->wanted != before) apply_wanted(poller);
  napi_close_handle_scope(poller->env, scope);
}

static struct poller *this_poller(napi_env env, napi_callback_info info, size_t *argc, napi_value *argv) {
  napi_value self;
  bool ours = false;
  void *poller = NULL;
  if (napi_get_cb_info(env, info, argc, argv, &self, NULL) == napi_ok &&
      napi_check_object_type_tag(env, self, &poller_tag, &ours) == napi_ok && ours &&
      napi_unwrap(env, self, &poller) == napi_ok) {
    return poller;
  }
  throw_type_error(env, "this", "a Poller");
  return NULL;
}

static napi_value poller_watch(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  size_t argc = 2;
  bool readable, writable;
  struct poller *poller = this_poller(env, info, &argc, argv);
  if (poller == NULL) return NULL;
  if (!arg_bool(env, argv[0], "readable", &readable) || !arg_bool(env, argv[1], "writable", &writable)) return NULL;
  if (poller->closed) return js_undefined(env);
  poller->wanted = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
  int status = apply_wanted(poller);
  return status < 0 ? throw_system_error(env, -status, "poll") : js_undefined(env);
}

static napi_value poller_set_ref(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  size_t argc = 1;
  bool keeps_alive;
  struct poller *poller = this_poller(env, info, &argc, argv);
  if (poller == NULL || !arg_bool(env, argv[0], "keepsAlive", &keeps_alive)) return NULL;
  if (poller->closed) return js_undefined(env);
  if (keeps_alive) uv_ref((uv_handle_t *)&poller->handle);
  else uv_unref((uv_handle_t *)&poller->handle);
  return js_undefined(env);
}

static napi_value poller_close(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  struct poller *poller = this_poller(env, info, &argc, NULL);
  if (poller == NULL) return NULL;
  end_poller(poller, true);
  return js_undefined(env);
}

static napi_value poller_release(napi_env env, napi_callback_info info) {
  size_t argc = 0;
  struct poller *poller = this_poller(env, info, &argc, NULL);
  if (poller == NULL) return NULL;
  if (poller->closed) {
    napi_throw_error(env, "ERR_CLOSED", "the poller is closed, and its descriptor with it");
    return NULL;
  }
  end_poller(poller, false);
  return js_int(env, poller->fd);
}

static void free_poller(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  struct poller *poller = data;
  poller->collected = true;
  if (poller->handle_gone) free(poller);
}

static bool grow_scratch(struct addon *addon, size_t size) {
  if (addon->scratch_size >= size) return true;
  uint8_t *larger = realloc(addon->scratch, size);
  if (larger == NULL) return false;
  addon->scratch = larger;
  addon->scratch_size = size;
  return true;
}

/* Makes the JavaScript object; on failure the poller is freed and an exception is pending. */
static napi_value wrap_poller(napi_env env, struct poller *poller) {
  const napi_property_descriptor methods[] = {
      {"watch", NULL, poller_watch, NULL, NULL, NULL, napi_default, NULL},
      {"setRef", NULL, poller_set_ref, NULL, NULL, NULL, napi_default, NULL},
      {"close", NULL, poller_close, NULL, NULL, NULL, napi_default, NULL},
      {"release", NULL, poller_release, NULL, NULL, NULL, napi_default, NULL},
  };
  napi_value self;
  if (napi_create_object(env, &self) != napi_ok || napi_type_tag_object(env, self, &poller_tag) != napi_ok ||
      napi_define_properties(env, self, sizeof methods / sizeof *methods, methods) != napi_ok ||
      napi_wrap(env, self, poller, free_poller, NULL, NULL) != napi_ok) {
    free(poller);
    return throw_napi_error(env);
  }
  return self;
}

/* References and libuv handle; after a failure the poller is an empty shell that the garbage collector frees. */
static napi_value start_poller(napi_env env, struct poller *poller, napi_value self, const napi_value *functions) {
  napi_value name;
  uv_loop_t *loop;
  TRY_NAPI(env, napi_get_uv_event_loop(env, &loop));
  TRY_NAPI(env, napi_create_string_utf8(env, "wwand.poller", NAPI_AUTO_LENGTH, &name));
  /* Also makes the descriptor non-blocking; refuses what epoll cannot wait for (EPERM) and what it waits for already. */
  int status = uv_poll_init(loop, &poller->handle, poller->fd);
  if (status < 0) return throw_system_error(env, -status, "poll");
  poller->handle.data = poller;
  poller->handle_gone = false;
  poller->closed = false;
  poller->next = poller->addon->pollers;
  poller->addon->pollers = poller;
  bool complete = napi_async_init(env, self, name, &poller->context) == napi_ok;
  for (int i = 0; i < CALLBACKS; i++) {
    complete = napi_create_reference(env, functions[i], 1, &poller->callbacks[i]) == napi_ok && complete;
  }
  complete = napi_create_reference(env, self, 1, &poller->self) == napi_ok && complete;
  if (complete) return self;
  end_poller(poller, false);
  return throw_napi_error(env);
}

/* SO_TYPE or SO_DOMAIN; 0 for what is no socket. */
static int socket_property(int fd, int option) {
  int value = 0;
  socklen_t length = sizeof value;
  return getsockopt(fd, SOL_SOCKET, option, &value, &length) == 0 ? value : 0;
}

/* createPoller(fd, "read" | "recvmsg", maxMessageBytes, maxMessages, messages, readEnded, writable) */
static napi_value create_poller(napi_env env, napi_callback_info info) {
  static const char *const names[CALLBACKS] = {"messages", "readEnded", "writable"};
  napi_value argv[4 + CALLBACKS];
  int fd, message_bytes, batch;
  char receive[8];
  if (!take_args(env, info, 4 + CALLBACKS, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!arg_string(env, argv[1], "receive", receive, sizeof receive, NULL)) return NULL;
  if (!arg_int(env, argv[2], "maxMessageBytes", 1, MAX_MESSAGE_BYTES, &message_bytes)) return NULL;
  if (!arg_int(env, argv[3], "maxMessages", 1, MAX_MESSAGES, &batch)) return NULL;
  for (int i = 0; i < CALLBACKS; i++) {
    if (!arg_function(env, argv[4 + i], names[i])) return NULL;
  }
  struct addon *addon = addon_of(env);
  size_t wanted = (size_t)message_bytes * (size_t)batch;
  if (wanted > MAX_BATCH_BYTES) wanted = message_bytes > MAX_BATCH_BYTES ? (size_t)message_bytes : MAX_BATCH_BYTES;
  struct poller *poller = calloc(1, sizeof *poller);
  if (poller == NULL || !grow_scratch(addon, wanted)) {
    free(poller);
    return throw_range_error(env, "out of memory");
  }
  const int type = socket_property(fd, SO_TYPE);
  poller->addon = addon;
  poller->env = env;
  poller->fd = fd;
  poller->closed = true;
  poller->handle_gone = true;
  poller->is_socket = type != 0;
  poller->with_info = strcmp(receive, "recvmsg") == 0;
  poller->zero_is_end = type == 0 || type == SOCK_STREAM || type == SOCK_SEQPACKET;
  /* Only unix sockets pass descriptors, and packet sockets refuse flags that they do not know. */
  poller->receive_flags = MSG_DONTWAIT | (socket_property(fd, SO_DOMAIN) == AF_UNIX ? MSG_CMSG_CLOEXEC : 0);
  poller->message_bytes = (size_t)message_bytes;
  poller->batch = (size_t)batch;
  napi_value self = wrap_poller(env, poller);
  return self == NULL ? NULL : start_poller(env, poller, self, argv + 4);
}

const struct export poll_exports[] = {{"createPoller", create_poller}, {NULL, NULL}};
