/* Files: two that swap their names. Many small reads of /proc and /sys in one piece of work of libuv's threads: one by one, each costs several round trips. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wwand.h"

/* An attribute of sysfs is at most a page. */
#define MAX_FILE_BYTES 4096

/* linux/fs.h has it, but not beside every C library's stdio.h. */
#define EXCHANGE (1 << 1)

struct file {
  char *path;
  char *text;
  size_t length;
};

struct work {
  napi_async_work async;
  napi_deferred deferred;
  /* readFiles */
  struct file *files;
  uint32_t count;
  /* deviceHolder */
  char *device;
  int holder;
};

static void free_work(napi_env env, struct work *work) {
  for (uint32_t i = 0; i < work->count; i++) {
    free(work->files[i].path);
    free(work->files[i].text);
  }
  if (work->async != NULL) napi_delete_async_work(env, work->async);
  free(work->files);
  free(work->device);
  free(work);
}

/* Leaves `text` NULL for what cannot be read: it is not there, or goes while it is read. */
static void read_one(struct file *file) {
  int fd = open(file->path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char bytes[MAX_FILE_BYTES];
  size_t length = 0;
  ssize_t size;
  while ((size = read(fd, bytes + length, sizeof bytes - length)) > 0) length += (size_t)size;
  close(fd);
  if (size < 0) return;
  file->text = malloc(length + 1);
  if (file->text == NULL) return;
  memcpy(file->text, bytes, length);
  file->length = length;
}

static void read_all(napi_env env, void *data) {
  (void)env;
  struct work *work = data;
  for (uint32_t i = 0; i < work->count; i++) read_one(&work->files[i]);
}

static napi_value texts_of(napi_env env, const struct work *work) {
  napi_value texts;
  TRY_NAPI(env, napi_create_array_with_length(env, work->count, &texts));
  for (uint32_t i = 0; i < work->count; i++) {
    napi_value text = js_undefined(env);
    const struct file *file = &work->files[i];
    if (file->text != NULL) TRY_NAPI(env, napi_create_string_utf8(env, file->text, file->length, &text));
    TRY_NAPI(env, napi_set_element(env, texts, i, text));
  }
  return texts;
}

/* Whether the process has a descriptor that leads to `device`. readlink(2) asks /proc only, whatever the file is. */
static bool holds(int proc, const char *pid, const char *device) {
  char path[64], target[PATH_MAX];
  snprintf(path, sizeof path, "%s/fd", pid);
  int fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *fds = fd < 0 ? NULL : fdopendir(fd);
  if (fds == NULL) {
    if (fd >= 0) close(fd);
    return false;
  }
  bool found = false;
  for (struct dirent *entry; !found && (entry = readdir(fds)) != NULL;) {
    ssize_t length = readlinkat(dirfd(fds), entry->d_name, target, sizeof target - 1);
    if (length < 0) continue;
    target[length] = 0;
    found = strcmp(target, device) == 0;
  }
  closedir(fds);
  return found;
}

static void find_holder(napi_env env, void *data) {
  (void)env;
  struct work *work = data;
  DIR *proc = opendir("/proc");
  if (proc == NULL) return;
  for (struct dirent *entry; work->holder == 0 && (entry = readdir(proc)) != NULL;) {
    char *end;
    long pid = strtol(entry->d_name, &end, 10);
    if (*end != 0 || pid <= 0 || pid > INT_MAX || pid == getpid()) continue;
    if (holds(dirfd(proc), entry->d_name, work->device)) work->holder = (int)pid;
  }
  closedir(proc);
}

static void finish(napi_env env, struct work *work, napi_value value) {
  if (value == NULL) {
    napi_value error = NULL;
    napi_get_and_clear_last_exception(env, &error);
    napi_reject_deferred(env, work->deferred, error);
  } else {
    napi_resolve_deferred(env, work->deferred, value);
  }
  free_work(env, work);
}

/* A cancelled piece of work belongs to an environment that ends: nobody waits for it. */
static void have_read(napi_env env, napi_status status, void *data) {
  struct work *work = data;
  if (status == napi_ok) finish(env, work, texts_of(env, work));
  else free_work(env, work);
}

static void have_found(napi_env env, napi_status status, void *data) {
  struct work *work = data;
  if (status == napi_ok) finish(env, work, work->holder == 0 ? js_undefined(env) : js_int(env, work->holder));
  else free_work(env, work);
}

static napi_value start(napi_env env, struct work *work, const char *name, napi_async_execute_callback execute,
                        napi_async_complete_callback complete) {
  napi_value promise, resource;
  if (napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &resource) != napi_ok ||
      napi_create_async_work(env, NULL, resource, execute, complete, work, &work->async) != napi_ok ||
      napi_create_promise(env, &work->deferred, &promise) != napi_ok ||
      napi_queue_async_work(env, work->async) != napi_ok) {
    free_work(env, work);
    return throw_napi_error(env);
  }
  return promise;
}

static bool take_path(napi_env env, napi_value value, char **out) {
  char path[PATH_MAX];
  if (!arg_string(env, value, "path", path, sizeof path, NULL)) return false;
  *out = strdup(path);
  if (*out != NULL) return true;
  throw_range_error(env, "out of memory");
  return false;
}

/* readFiles(paths): a promise of their texts, undefined for what cannot be read. */
static napi_value read_files(napi_env env, napi_callback_info info) {
  napi_value argv[1], path;
  uint32_t count;
  if (!take_args(env, info, 1, argv)) return NULL;
  if (napi_get_array_length(env, argv[0], &count) != napi_ok) return throw_type_error(env, "paths", "an array");
  struct work *work = calloc(1, sizeof *work);
  if (work == NULL) return throw_range_error(env, "out of memory");
  work->files = calloc(count == 0 ? 1 : count, sizeof *work->files);
  if (work->files == NULL) {
    free_work(env, work);
    return throw_range_error(env, "out of memory");
  }
  for (; work->count < count; work->count++) {
    if (napi_get_element(env, argv[0], work->count, &path) != napi_ok ||
        !take_path(env, path, &work->files[work->count].path)) {
      free_work(env, work);
      return throw_napi_error(env);
    }
  }
  return start(env, work, "wwand:readFiles", read_all, have_read);
}

/* deviceHolder(device): a promise of the first other process that has it open, undefined where there is none to see. */
static napi_value device_holder(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  if (!take_args(env, info, 1, argv)) return NULL;
  struct work *work = calloc(1, sizeof *work);
  if (work == NULL) return throw_range_error(env, "out of memory");
  if (!take_path(env, argv[0], &work->device)) {
    free_work(env, work);
    return NULL;
  }
  return start(env, work, "wwand:deviceHolder", find_holder, have_found);
}

/* exchangeFiles(one, other): by the system call, for musl has no function. */
static napi_value exchange_files(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  char one[PATH_MAX], other[PATH_MAX];
  if (!take_args(env, info, 2, argv)) return NULL;
  if (!arg_string(env, argv[0], "one", one, sizeof one, NULL)) return NULL;
  if (!arg_string(env, argv[1], "other", other, sizeof other, NULL)) return NULL;
  if (syscall(SYS_renameat2, AT_FDCWD, one, AT_FDCWD, other, EXCHANGE) < 0)
    return throw_system_error(env, errno, "renameat2");
  return js_undefined(env);
}

const struct export file_exports[] = {{"readFiles", read_files}, {"deviceHolder", device_holder}, {"exchangeFiles", exchange_files}, {NULL, NULL}};
