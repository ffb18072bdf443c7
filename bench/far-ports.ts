/** What clients and far-server.ts agree on. */
export const farPorts = { web: 8080, echo: 7010 } as const;

/** @see NetworkManager.conf(5), section connectivity, key response */
export const onlinePage = "NetworkManager is online\n";
