import { run } from "../src/demo/command.js";

/** An ISP's router keeps the IPv6 addresses of its `lan0` while the cable is out, as real ones do. */
export const keepAddresses = (netns: string): Promise<string> =>
  run("ip", ..."netns exec".split(" "), netns, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/lan0/keep_addr_on_down");
