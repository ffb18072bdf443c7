/* Terminals: pseudo terminals, raw mode, speed, modem lines; and the one ioctl of cdc-wdm. */
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/cdc-wdm.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "wwand.h"

static const struct {
  int baud;
  speed_t speed;
} speeds[] = {
    {1200, B1200},       {2400, B2400},       {4800, B4800},       {9600, B9600},       {19200, B19200},
    {38400, B38400},     {57600, B57600},     {115200, B115200},   {230400, B230400},   {460800, B460800},
    {500000, B500000},   {576000, B576000},   {921600, B921600},   {1000000, B1000000}, {1152000, B1152000},
    {1500000, B1500000}, {2000000, B2000000}, {2500000, B2500000}, {3000000, B3000000}, {3500000, B3500000},
    {4000000, B4000000},
};
#define SPEEDS (sizeof speeds / sizeof *speeds)

static void make_raw(struct termios *settings) {
  cfmakeraw(settings);
  settings->c_cflag |= CREAD | HUPCL;
  settings->c_cflag &= ~(tcflag_t)CSTOPB;
  /* With VMIN 0 an empty queue would read as the end of the line. */
  settings->c_cc[VMIN] = 1;
  settings->c_cc[VTIME] = 0;
}

static napi_value open_pty(napi_env env, napi_callback_info info) {
  (void)info;
  napi_value result, path;
  char name[64];
  struct termios settings;
  TRY_NAPI(env, napi_create_object(env, &result));
  int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return throw_system_error(env, errno, "open /dev/ptmx");
  if (grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, name, sizeof name) != 0 || tcgetattr(fd, &settings) < 0) {
    int err = errno;
    close(fd);
    return throw_system_error(env, err, "open pty");
  }
  make_raw(&settings);
  if (tcsetattr(fd, TCSANOW, &settings) == 0 && napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &path) == napi_ok &&
      set_property(env, result, "path", path) && set_property(env, result, "fd", js_int(env, fd))) {
    return result;
  }
  close(fd);
  return throw_napi_error(env);
}

static bool arg_speed(napi_env env, napi_value value, speed_t *speed) {
  int baud;
  char message[80];
  if (!arg_int(env, value, "baudRate", 1, 100000000, &baud)) return false;
  for (size_t i = 0; i < SPEEDS; i++) {
    if (speeds[i].baud != baud) continue;
    *speed = speeds[i].speed;
    return true;
  }
  snprintf(message, sizeof message, "baudRate %d is not one that termios has a name for", baud);
  throw_range_error(env, message);
  return false;
}

/* configureTty(fd, baudRate, hardwareFlowControl, ignoreModemLines) */
static napi_value configure_tty(napi_env env, napi_callback_info info) {
  napi_value argv[4];
  int fd;
  speed_t speed;
  bool flow_control, ignore_lines;
  struct termios settings;
  if (!take_args(env, info, 4, argv) || !arg_fd(env, argv[0], &fd) || !arg_speed(env, argv[1], &speed)) return NULL;
  if (!arg_bool(env, argv[2], "hardwareFlowControl", &flow_control)) return NULL;
  if (!arg_bool(env, argv[3], "ignoreModemLines", &ignore_lines)) return NULL;
  if (tcgetattr(fd, &settings) < 0) return throw_system_error(env, errno, "tcgetattr");
  make_raw(&settings);
  settings.c_cflag &= ~(tcflag_t)(CRTSCTS | CLOCAL);
  settings.c_cflag |= (flow_control ? CRTSCTS : 0) | (ignore_lines ? CLOCAL : 0);
  cfsetispeed(&settings, speed);
  cfsetospeed(&settings, speed);
  return tcsetattr(fd, TCSANOW, &settings) < 0 ? throw_system_error(env, errno, "tcsetattr") : js_undefined(env);
}

static napi_value tty_baud_rate(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd, baud = 0;
  struct termios settings;
  if (!take_args(env, info, 1, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (tcgetattr(fd, &settings) < 0) return throw_system_error(env, errno, "tcgetattr");
  for (size_t i = 0; i < SPEEDS; i++) {
    if (speeds[i].speed == cfgetospeed(&settings)) baud = speeds[i].baud;
  }
  return js_int(env, baud);
}

static napi_value modem_lines(napi_env env, napi_callback_info info) {
  static const struct {
    const char *name;
    int bit;
  } lines[] = {{"dtr", TIOCM_DTR}, {"rts", TIOCM_RTS}, {"cts", TIOCM_CTS},
               {"dsr", TIOCM_DSR}, {"dcd", TIOCM_CAR}, {"ri", TIOCM_RNG}};
  napi_value argv[1], result, value;
  int fd, bits;
  if (!take_args(env, info, 1, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (ioctl(fd, TIOCMGET, &bits) < 0) return throw_system_error(env, errno, "ioctl TIOCMGET");
  TRY_NAPI(env, napi_create_object(env, &result));
  for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
    TRY_NAPI(env, napi_get_boolean(env, (bits & lines[i].bit) != 0, &value));
    if (!set_property(env, result, lines[i].name, value)) return NULL;
  }
  return result;
}

static bool add_line(napi_env env, napi_value value, const char *name, int bit, int *raise, int *drop) {
  bool on;
  if (is_undefined(env, value)) return true;
  if (!arg_bool(env, value, name, &on)) return false;
  *(on ? raise : drop) |= bit;
  return true;
}

static napi_value set_modem_lines(napi_env env, napi_callback_info info) {
  napi_value argv[3];
  int fd, raise = 0, drop = 0;
  if (!take_args(env, info, 3, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!add_line(env, argv[1], "dtr", TIOCM_DTR, &raise, &drop)) return NULL;
  if (!add_line(env, argv[2], "rts", TIOCM_RTS, &raise, &drop)) return NULL;
  if (raise != 0 && ioctl(fd, TIOCMBIS, &raise) < 0) return throw_system_error(env, errno, "ioctl TIOCMBIS");
  if (drop != 0 && ioctl(fd, TIOCMBIC, &drop) < 0) return throw_system_error(env, errno, "ioctl TIOCMBIC");
  return js_undefined(env);
}

static napi_value flush_tty(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd, queue;
  char name[8];
  if (!take_args(env, info, 2, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!arg_string(env, argv[1], "queue", name, sizeof name, NULL)) return NULL;
  if (strcmp(name, "input") == 0) queue = TCIFLUSH;
  else if (strcmp(name, "output") == 0) queue = TCOFLUSH;
  else if (strcmp(name, "both") == 0) queue = TCIOFLUSH;
  else return throw_type_error(env, "queue", "input, output or both");
  return tcflush(fd, queue) < 0 ? throw_system_error(env, errno, "tcflush") : js_undefined(env);
}

/* Whether the last close drops DTR. */
static napi_value set_tty_hangup(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd;
  bool hangup;
  struct termios settings;
  if (!take_args(env, info, 2, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!arg_bool(env, argv[1], "hangup", &hangup)) return NULL;
  if (tcgetattr(fd, &settings) < 0) return throw_system_error(env, errno, "tcgetattr");
  settings.c_cflag &= ~(tcflag_t)HUPCL;
  if (hangup) settings.c_cflag |= HUPCL;
  return tcsetattr(fd, TCSANOW, &settings) < 0 ? throw_system_error(env, errno, "tcsetattr") : js_undefined(env);
}

static napi_value set_tty_exclusive(napi_env env, napi_callback_info info) {
  napi_value argv[2];
  int fd;
  bool exclusive;
  if (!take_args(env, info, 2, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (!arg_bool(env, argv[1], "exclusive", &exclusive)) return NULL;
  if (ioctl(fd, exclusive ? TIOCEXCL : TIOCNXCL) < 0) return throw_system_error(env, errno, "ioctl TIOCEXCL");
  return js_undefined(env);
}

static napi_value wdm_max_command_bytes(napi_env env, napi_callback_info info) {
  napi_value argv[1];
  int fd;
  uint16_t bytes;
  if (!take_args(env, info, 1, argv) || !arg_fd(env, argv[0], &fd)) return NULL;
  if (ioctl(fd, IOCTL_WDM_MAX_COMMAND, &bytes) < 0) return throw_system_error(env, errno, "ioctl IOCTL_WDM_MAX_COMMAND");
  return js_int(env, bytes);
}

const struct export tty_exports[] = {
    {"openPty", open_pty},
    {"configureTty", configure_tty},
    {"ttyBaudRate", tty_baud_rate},
    {"modemLines", modem_lines},
    {"setModemLines", set_modem_lines},
    {"flushTty", flush_tty},
    {"setTtyExclusive", set_tty_exclusive},
    {"setTtyHangup", set_tty_hangup},
    {"wdmMaxCommandBytes", wdm_max_command_bytes},
    {NULL, NULL},
};
