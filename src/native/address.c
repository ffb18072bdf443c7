/* Socket addresses between C and the SocketAddress union of sockets.ts. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "wwand.h"

static bool get_property(napi_env env, napi_value object, const char *name, napi_value *value) {
  if (napi_get_named_property(env, object, name, value) == napi_ok) return true;
  throw_napi_error(env);
  return false;
}

static bool get_number(napi_env env, napi_value object, const char *name, int64_t max, int64_t *out) {
  napi_value value;
  if (!get_property(env, object, name, &value)) return false;
  return arg_integer(env, value, name, 0, max, out);
}

/* 0 when the property is absent. */
static bool get_optional_number(napi_env env, napi_value object, const char *name, int64_t max, int64_t *out) {
  napi_value value;
  *out = 0;
  if (!get_property(env, object, name, &value)) return false;
  return is_undefined(env, value) || arg_integer(env, value, name, 0, max, out);
}

static bool get_ip(napi_env env, napi_value object, int family, void *out) {
  napi_value value;
  char text[INET6_ADDRSTRLEN];
  if (!get_property(env, object, "address", &value)) return false;
  if (!arg_string(env, value, "address", text, sizeof text, NULL)) return false;
  if (inet_pton(family, text, out) == 1) return true;
  throw_type_error(env, "address", family == AF_INET ? "an IPv4 address" : "an IPv6 address without %zone");
  return false;
}

static bool inet_from_js(napi_env env, napi_value object, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_in *in = (struct sockaddr_in *)out;
  int64_t port;
  if (!get_ip(env, object, AF_INET, &in->sin_addr) || !get_number(env, object, "port", 65535, &port)) return false;
  in->sin_family = AF_INET;
  in->sin_port = htons((uint16_t)port);
  *length = sizeof *in;
  return true;
}

static bool inet6_from_js(napi_env env, napi_value object, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
  int64_t port, scope;
  if (!get_ip(env, object, AF_INET6, &in6->sin6_addr) || !get_number(env, object, "port", 65535, &port)) return false;
  if (!get_optional_number(env, object, "scopeId", UINT32_MAX, &scope)) return false;
  in6->sin6_family = AF_INET6;
  in6->sin6_port = htons((uint16_t)port);
  in6->sin6_scope_id = (uint32_t)scope;
  *length = sizeof *in6;
  return true;
}

static bool netlink_from_js(napi_env env, napi_value object, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_nl *nl = (struct sockaddr_nl *)out;
  int64_t port_id, groups;
  if (!get_number(env, object, "portId", UINT32_MAX, &port_id)) return false;
  if (!get_number(env, object, "groups", UINT32_MAX, &groups)) return false;
  nl->nl_family = AF_NETLINK;
  nl->nl_pid = (uint32_t)port_id;
  nl->nl_groups = (uint32_t)groups;
  *length = sizeof *nl;
  return true;
}

static bool packet_from_js(napi_env env, napi_value object, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_ll *ll = (struct sockaddr_ll *)out;
  int64_t ifindex, protocol;
  napi_value hardware;
  if (!get_number(env, object, "ifindex", INT32_MAX, &ifindex)) return false;
  if (!get_number(env, object, "protocol", 65535, &protocol)) return false;
  if (!get_property(env, object, "hardwareAddress", &hardware)) return false;
  ll->sll_family = AF_PACKET;
  ll->sll_ifindex = (int)ifindex;
  ll->sll_protocol = htons((uint16_t)protocol);
  *length = sizeof *ll;
  if (is_undefined(env, hardware)) return true;
  void *bytes;
  size_t count;
  if (!arg_bytes(env, hardware, "hardwareAddress", &bytes, &count)) return false;
  if (count > sizeof ll->sll_addr) {
    throw_range_error(env, "hardwareAddress is longer than 8 bytes");
    return false;
  }
  memcpy(ll->sll_addr, bytes, count);
  ll->sll_halen = (unsigned char)count;
  return true;
}

static bool unix_from_js(napi_env env, napi_value object, struct sockaddr_storage *out, socklen_t *length) {
  struct sockaddr_un *un = (struct sockaddr_un *)out;
  napi_value path;
  size_t count;
  char text[sizeof un->sun_path + 1];
  if (!get_property(env, object, "path", &path)) return false;
  if (!arg_string(env, path, "path", text, sizeof text, &count)) return false;
  if (count == 0) {
    throw_type_error(env, "path", "a socket's path or @name");
    return false;
  }
  const bool abstract = text[0] == '@';
  if (!abstract && count >= sizeof un->sun_path) {
    throw_range_error(env, "path is longer than 107 bytes");
    return false;
  }
  un->sun_family = AF_UNIX;
  memcpy(un->sun_path, text, count);
  if (abstract) un->sun_path[0] = 0;
  /* An abstract name is exactly as long as the address says: a NUL more would be another name. */
  *length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + count + (abstract ? 0 : 1));
  return true;
}

bool address_from_js(napi_env env, napi_value value, struct sockaddr_storage *out, socklen_t *length) {
  static const struct {
    const char *family;
    bool (*read)(napi_env env, napi_value object, struct sockaddr_storage *out, socklen_t *length);
  } readers[] = {{"inet", inet_from_js}, {"inet6", inet6_from_js}, {"netlink", netlink_from_js},
                 {"packet", packet_from_js}, {"unix", unix_from_js}};
  napi_valuetype type;
  napi_value family;
  char name[16];
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_object) {
    throw_type_error(env, "address", "a socket address");
    return false;
  }
  if (!get_property(env, value, "family", &family)) return false;
  if (!arg_string(env, family, "family", name, sizeof name, NULL)) return false;
  memset(out, 0, sizeof *out);
  for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
    if (strcmp(readers[i].family, name) == 0) return readers[i].read(env, value, out, length);
  }
  throw_type_error(env, "family", "inet, inet6, netlink, packet or unix");
  return false;
}

static bool set_text(napi_env env, napi_value object, const char *name, const char *text, size_t length) {
  napi_value value;
  if (napi_create_string_utf8(env, text, length, &value) != napi_ok) return false;
  return set_property(env, object, name, value);
}

static bool ip_to_js(napi_env env, napi_value object, int family, const void *address, uint16_t port) {
  char text[INET6_ADDRSTRLEN];
  if (inet_ntop(family, address, text, sizeof text) == NULL) return false;
  return set_text(env, object, "family", family == AF_INET ? "inet" : "inet6", NAPI_AUTO_LENGTH) &&
         set_text(env, object, "address", text, NAPI_AUTO_LENGTH) &&
         set_property(env, object, "port", js_int(env, ntohs(port)));
}

static bool packet_to_js(napi_env env, napi_value object, const struct sockaddr_ll *ll) {
  napi_value hardware;
  size_t count = ll->sll_halen <= sizeof ll->sll_addr ? ll->sll_halen : sizeof ll->sll_addr;
  if (napi_create_buffer_copy(env, count, ll->sll_addr, NULL, &hardware) != napi_ok) return false;
  return set_text(env, object, "family", "packet", NAPI_AUTO_LENGTH) &&
         set_property(env, object, "ifindex", js_int(env, ll->sll_ifindex)) &&
         set_property(env, object, "protocol", js_int(env, ntohs(ll->sll_protocol))) &&
         set_property(env, object, "packetType", js_int(env, ll->sll_pkttype)) &&
         set_property(env, object, "hardwareAddress", hardware);
}

static bool unix_to_js(napi_env env, napi_value object, const struct sockaddr_un *un, socklen_t length) {
  size_t count = length - offsetof(struct sockaddr_un, sun_path);
  char text[sizeof un->sun_path];
  memcpy(text, un->sun_path, count);
  if (count > 0 && text[0] == 0) text[0] = '@';
  else count = strnlen(text, count);
  return set_text(env, object, "family", "unix", NAPI_AUTO_LENGTH) && set_text(env, object, "path", text, count);
}

static bool fill_address(napi_env env, napi_value object, const struct sockaddr_storage *address, socklen_t length) {
  const struct sockaddr_in *in = (const struct sockaddr_in *)address;
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
  const struct sockaddr_nl *nl = (const struct sockaddr_nl *)address;
  switch (address->ss_family) {
    case AF_INET:
      return ip_to_js(env, object, AF_INET, &in->sin_addr, in->sin_port);
    case AF_INET6:
      return ip_to_js(env, object, AF_INET6, &in6->sin6_addr, in6->sin6_port) &&
             set_property(env, object, "scopeId", js_int(env, in6->sin6_scope_id));
    case AF_NETLINK:
      return set_text(env, object, "family", "netlink", NAPI_AUTO_LENGTH) &&
             set_property(env, object, "portId", js_int(env, nl->nl_pid)) &&
             set_property(env, object, "groups", js_int(env, nl->nl_groups));
    case AF_PACKET:
      return packet_to_js(env, object, (const struct sockaddr_ll *)address);
    default:
      return unix_to_js(env, object, (const struct sockaddr_un *)address, length);
  }
}

napi_value address_to_js(napi_env env, const struct sockaddr_storage *address, socklen_t length) {
  napi_value object;
  const bool known = length >= sizeof address->ss_family &&
                     (address->ss_family == AF_INET || address->ss_family == AF_INET6 || address->ss_family == AF_UNIX ||
                      address->ss_family == AF_NETLINK || address->ss_family == AF_PACKET);
  if (!known) return js_undefined(env);
  TRY_NAPI(env, napi_create_object(env, &object));
  return fill_address(env, object, address, length) ? object : throw_napi_error(env);
}
