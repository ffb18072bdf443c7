/** Policies for tests, through the real loader. */
import { policyFrom } from "../../src/config/policy.js";
import type { Policy } from "../../src/network/policy/types.js";

export const policyOf = (text: string): Policy => policyFrom([{ file: "policy.toml", text }], "policy.d");

/** Ethernet first, the modem behind it; three rounds of a second, back after 30 s. */
export const ethernetFirst = `
version = 1
[uplink.eth]
match = { name = "eth0" }
check = "internet"
[uplink.lte]
match = { modem = "any" }
check = "frugal"
[check.internet]
targets = ["icmp://1.1.1.1", "icmp://9.9.9.9"]
[check.frugal]
extends = "internet"
[group]
default = { tiers = [["eth"], ["lte"]] }
`;
