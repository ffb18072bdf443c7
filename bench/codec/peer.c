/*
 * libqmi and libmbim at the work of one message, again and again: peer JOB HEX SECONDS
 * Prints messages per second and bytes asked of malloc per message. Decoding ends with every value in the caller's hands.
 * libqmi's own parsers of answers are private; what stands here reads the same elements by the same public calls.
 */
#include <libmbim-glib.h>
#include <libqmi-glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
static unsigned long long asked;

void *malloc(size_t n) { asked += n; return __libc_malloc(n); }
void *calloc(size_t n, size_t size) { asked += n * size; return __libc_calloc(n, size); }
void *realloc(void *old, size_t n) { asked += n; return __libc_realloc(old, n); }

static const guint8 *bytes;
static gsize length;
static volatile guint32 sink;

static void must(gboolean ok) { if (!ok) { fprintf(stderr, "peer: a message was not taken\n"); exit(1); } }

static QmiMessage *qmi_read(void) {
  GByteArray *raw = g_byte_array_append(g_byte_array_sized_new(length), bytes, length);
  QmiMessage *message = qmi_message_new_from_raw(raw, NULL);
  guint16 status = 1, code = 0;
  gsize at = 0, element;
  g_byte_array_unref(raw);
  must(message != NULL);
  element = qmi_message_tlv_read_init(message, 0x02, NULL, NULL);
  must(element && qmi_message_tlv_read_guint16(message, element, &at, QMI_ENDIAN_LITTLE, &status, NULL) &&
       qmi_message_tlv_read_guint16(message, element, &at, QMI_ENDIAN_LITTLE, &code, NULL) && status == 0);
  return message;
}

static void signal_info(void) {
  QmiMessage *message = qmi_read();
  gint8 rssi, rsrq;
  gint16 rsrp, snr;
  gsize at = 0, element = qmi_message_tlv_read_init(message, 0x14, NULL, NULL);
  must(element && qmi_message_tlv_read_gint8(message, element, &at, &rssi, NULL) &&
       qmi_message_tlv_read_gint8(message, element, &at, &rsrq, NULL) &&
       qmi_message_tlv_read_gint16(message, element, &at, QMI_ENDIAN_LITTLE, &rsrp, NULL) &&
       qmi_message_tlv_read_gint16(message, element, &at, QMI_ENDIAN_LITTLE, &snr, NULL));
  sink += rssi + rsrq + rsrp + snr;
  qmi_message_unref(message);
}

static void address6(QmiMessage *message, guint8 type, gboolean has_prefix) {
  guint16 group;
  guint8 prefix;
  gsize at = 0, element = qmi_message_tlv_read_init(message, type, NULL, NULL);
  for (int i = 0; i < 8; i++)
    must(qmi_message_tlv_read_guint16(message, element, &at, QMI_ENDIAN_BIG, &group, NULL)), sink += group;
  if (has_prefix) must(qmi_message_tlv_read_guint8(message, element, &at, &prefix, NULL)), sink += prefix;
}

static void current_settings(void) {
  static const guint8 words[] = { 0x15, 0x1e, 0x20, 0x21, 0x29 };
  QmiMessage *message = qmi_read();
  guint32 word;
  for (gsize i = 0; i < G_N_ELEMENTS(words); i++) {
    gsize at = 0, element = qmi_message_tlv_read_init(message, words[i], NULL, NULL);
    must(element && qmi_message_tlv_read_guint32(message, element, &at, QMI_ENDIAN_LITTLE, &word, NULL));
    sink += word;
  }
  address6(message, 0x25, TRUE);
  address6(message, 0x26, TRUE);
  address6(message, 0x27, FALSE);
  qmi_message_unref(message);
}

static void text(QmiMessage *message, guint8 type, const char *value) {
  gsize at = qmi_message_tlv_write_init(message, type, NULL);
  must(at && qmi_message_tlv_write_string(message, 0, value, -1, NULL) &&
       qmi_message_tlv_write_complete(message, at, NULL));
}

static void start_network(void) {
  static const guint8 octets[][2] = { { 0x16, 2 }, { 0x19, 4 } };
  QmiMessage *message = qmi_message_new(QMI_SERVICE_WDS, 3, 5, 0x0020);
  gsize size;
  text(message, 0x14, "internet");
  for (gsize i = 0; i < G_N_ELEMENTS(octets); i++) {
    gsize at = qmi_message_tlv_write_init(message, octets[i][0], NULL);
    must(at && qmi_message_tlv_write_guint8(message, octets[i][1], NULL) &&
         qmi_message_tlv_write_complete(message, at, NULL));
  }
  text(message, 0x17, "user");
  text(message, 0x18, "password");
  must(qmi_message_get_raw(message, &size, NULL) != NULL && size == length);
  sink += size;
  qmi_message_unref(message);
}

static void connect_done(void) {
  MbimMessage *message = mbim_message_new(bytes, length);
  guint32 session, nw_error;
  MbimActivationState state;
  MbimVoiceCallState voice;
  MbimContextIpType ip;
  const MbimUuid *context;
  must(mbim_message_response_get_result(message, MBIM_MESSAGE_TYPE_COMMAND_DONE, NULL) &&
       mbim_message_connect_response_parse(message, &session, &state, &voice, &ip, &context, &nw_error, NULL));
  sink += session + state + voice + ip + nw_error;
  mbim_message_unref(message);
}

static void register_state(void) {
  MbimMessage *message = mbim_message_new(bytes, length);
  MbimNwError nw_error;
  MbimRegisterState state;
  MbimRegisterMode mode;
  MbimDataClass classes;
  MbimCellularClass cellular;
  MbimRegistrationFlag flags;
  gchar *id, *name, *roaming;
  must(mbim_message_response_get_result(message, MBIM_MESSAGE_TYPE_COMMAND_DONE, NULL) &&
       mbim_message_register_state_response_parse(message, &nw_error, &state, &mode, &classes, &cellular, &id, &name,
                                                  &roaming, &flags, NULL));
  sink += nw_error + state + mode + classes + cellular + flags;
  g_free(id);
  g_free(name);
  g_free(roaming);
  mbim_message_unref(message);
}

static void ip_configuration(void) {
  MbimMessage *message = mbim_message_new(bytes, length);
  guint32 session, count4, count6, dns4_count, dns6_count, mtu4, mtu6;
  MbimIPConfigurationAvailableFlag has4, has6;
  MbimIPv4ElementArray *addresses4;
  MbimIPv6ElementArray *addresses6;
  const MbimIPv4 *gateway4;
  const MbimIPv6 *gateway6;
  MbimIPv4 *dns4;
  MbimIPv6 *dns6;
  must(mbim_message_response_get_result(message, MBIM_MESSAGE_TYPE_COMMAND_DONE, NULL) &&
       mbim_message_ip_configuration_response_parse(message, &session, &has4, &has6, &count4, &addresses4, &count6,
                                                    &addresses6, &gateway4, &gateway6, &dns4_count, &dns4,
                                                    &dns6_count, &dns6, &mtu4, &mtu6, NULL));
  sink += session + has4 + has6 + count4 + count6 + dns4_count + dns6_count + mtu4 + mtu6;
  mbim_ipv4_element_array_free(addresses4);
  mbim_ipv6_element_array_free(addresses6);
  g_free(dns4);
  g_free(dns6);
  mbim_message_unref(message);
}

static void connect_set(void) {
  guint32 size;
  MbimMessage *message = mbim_message_connect_set_new(
      0, MBIM_ACTIVATION_COMMAND_ACTIVATE, "internet", "user", "password", MBIM_COMPRESSION_NONE,
      MBIM_AUTH_PROTOCOL_CHAP, MBIM_CONTEXT_IP_TYPE_IPV4V6, mbim_uuid_from_context_type(MBIM_CONTEXT_TYPE_INTERNET),
      NULL);
  must(message != NULL);
  mbim_message_set_transaction_id(message, 5);
  must(mbim_message_get_raw(message, &size, NULL) != NULL && size == length);
  sink += size;
  mbim_message_unref(message);
}

static const struct { const char *name; void (*run)(void); } jobs[] = {
  { "signal-info", signal_info },       { "current-settings", current_settings }, { "start-network", start_network },
  { "connect-done", connect_done },     { "register-state", register_state },     { "ip-configuration", ip_configuration },
  { "connect-set", connect_set },
};

static double now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec + at.tv_nsec / 1e9;
}

static void measure(void (*run)(void), double seconds) {
  unsigned long long count = 0, before;
  double from, took;
  for (int warm = 0; warm < 1000; warm++) run();
  before = asked;
  from = now();
  do for (int i = 0; i < 1000; i++, count++) run(); while ((took = now() - from) < seconds);
  printf("{\"perSecond\":%.0f,\"bytes\":%.0f}\n", count / took, (double)(asked - before) / count);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  length = strlen(argv[2]) / 2;
  guint8 *read = malloc(length + 1);
  for (gsize i = 0; i < length; i++) {
    unsigned value;
    if (sscanf(argv[2] + 2 * i, "%2x", &value) != 1) return 2;
    read[i] = value;
  }
  bytes = read;
  for (gsize i = 0; i < G_N_ELEMENTS(jobs); i++)
    if (strcmp(jobs[i].name, argv[1]) == 0) { measure(jobs[i].run, atof(argv[3])); return 0; }
  return 2;
}
