import { join } from "node:path";
import { busAddress, modemControl, type Places } from "./programs.js";

/** What to type to look at the running demo. */
export function lookAround(places: Places, json: boolean): string {
  const bus = busAddress(places);
  const tool = (name: string) => join(places.root, "bin", name);
  const commands = [
    `${tool("wwanctl")} --bus ${bus} status`,
    `${tool("wwanctl")} --bus ${bus} why`,
    `busctl --address=${bus} tree org.ofono`,
    `DBUS_SYSTEM_BUS_ADDRESS=${bus} ${join(places.root, ".cache/debs/root/usr/share/ofono/scripts/list-modems")}`,
    `${tool("wwand-virtual")} ctl ${modemControl(places)} state`,
    "ip route get 203.0.113.10",
    "ip -n isp link set lan0 down     # pulls the cable",
  ];
  const enter = `nsenter --target "$(pgrep -of '^node dist/wwand-demo')" --all`;
  if (json) return JSON.stringify({ event: "keep", enter, commands });
  return `
Everything is left running. In another terminal, enter the demo's world with

  ${enter}

(without root: add --user --preserve-credentials) and look around:

${commands.map((command) => `  ${command}`).join("\n")}

Ctrl-C here ends it all.`;
}
