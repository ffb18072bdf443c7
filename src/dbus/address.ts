import type { NetConnectOpts } from "node:net";

/** Where Debian's and every other system bus listens. */
export const systemBusAddress = (): string =>
  process.env.DBUS_SYSTEM_BUS_ADDRESS ?? "unix:path=/var/run/dbus/system_bus_socket";

function one(address: string): NetConnectOpts {
  const [transport = "", list = ""] = [address.slice(0, address.indexOf(":")), address.slice(address.indexOf(":") + 1)];
  const keys = new Map(
    list.split(",").map((pair) => {
      const [key = "", ...value] = pair.split("=");
      return [key, decodeURIComponent(value.join("="))] as const;
    }),
  );
  const path = keys.get("path");
  if (transport === "unix" && path !== undefined) return { path };
  const port = Number(keys.get("port"));
  if (transport === "tcp" && port > 0) return { host: keys.get("host") ?? "localhost", port };
  throw new Error(`bus address "${address}": unix:path=PATH or tcp:host=HOST,port=PORT was expected`);
}

/**
 * The places that a D-Bus address names, in order.
 * @throws Error when one is of a kind that cannot be reached from Node (abstract sockets among them).
 * @see D-Bus Specification, "Server Addresses"
 */
export const parseAddress = (addresses: string): readonly NetConnectOpts[] =>
  addresses
    .split(";")
    .filter((address) => address !== "")
    .map(one);
