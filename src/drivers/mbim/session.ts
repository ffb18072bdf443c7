/** One MBIM session (0 to MaxSessions - 1): its CONNECT commands and what the function says about it. */

import { networkCause } from "../../codec/network-cause.js";
import type { MbimClient, Outcome } from "../../mbim/client.js";
import type { ResponseOf, SetOf } from "../../mbim/command.js";
import { connect } from "../../mbim/services/basic-connect.js";
import { contextTypes } from "../../mbim/services/basic-connect-types.js";
import { statusError, status as statusOf } from "../../mbim/status.js";
import type { DataCallRequest } from "../../modem/types.js";
import type { IpSettings } from "../../network/types.js";
import { ModemError } from "../../runtime/error.js";
import { type Families, type IpConfiguration, ipConfigurationOf, requestedIpType } from "./ip-settings.js";

/** The network interface of one session beside the first. */
export interface SessionLink {
  readonly interfaceName: string;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Where the kernel can give each session of the device an interface of its own. */
export interface SessionLinks {
  /** @throws with errno as cause when the kernel refuses */
  open(sessionId: number, signal: AbortSignal): Promise<SessionLink>;
}

export type ConnectInfo = ResponseOf<typeof connect>;

/**
 * `activating`: CONNECT is on its way. `configuring`: active, addresses are being fetched. `withdrawing`: given up while
 * starting, and kept until it is certain that the function has no session left. `leaving`: down in the function, its
 * interface is being removed.
 */
export type SessionState =
  | { readonly is: "activating" | "configuring" | "withdrawing" | "leaving" }
  | { readonly is: "up"; readonly settings: IpSettings }
  | { readonly is: "stopping"; readonly done: Promise<void> };

export class Session {
  state: SessionState = { is: "activating" };
  families: Families = { ipv4: true, ipv6: false };
  configuration: IpConfiguration;
  /** The activation, from when it was sent; settled or not. */
  activation: Promise<Outcome<ConnectInfo>> | undefined;
  isActivationAnswered = false;
  /** Absent: the device's own interface, which is session 0. */
  link: SessionLink | undefined;
  /** Aborts a start when the network or the modem ends the session meanwhile. */
  readonly ended = new AbortController();
  /** Resolves when the session's number is free again. */
  readonly released: Promise<void>;
  release: () => void = () => undefined;

  constructor(
    readonly id: number,
    readonly handle: number,
  ) {
    this.configuration = ipConfigurationOf(id);
    this.released = new Promise((resolve) => {
      this.release = resolve;
    });
  }
}

/** @see MBIM 1.0 table 10-64: limits of the strings, in characters */
export function checkRequest({ apn, username, password }: DataCallRequest): void {
  if (apn.length > 100) throw new ModemError("invalid", `an APN has at most 100 characters, not ${apn.length}`);
  if (username.length > 255 || password.length > 255)
    throw new ModemError("invalid", "user name and password have at most 255 characters");
}

export const activationOf = (sessionId: number, request: DataCallRequest): SetOf<typeof connect> => ({
  sessionId,
  command: "activate",
  accessString: request.apn,
  userName: request.username,
  password: request.password,
  compression: "none",
  authProtocol: request.auth,
  ipType: requestedIpType[request.protocol],
  contextType: contextTypes.internet,
});

/** The cause of a session's refusal or end. */
export const sessionCause = (nwError: number, isEps: boolean) => networkCause(isEps ? "esm" : "sm", nwError);

export function refusal({ status, values }: Outcome<ConnectInfo>, isEps: boolean): ModemError {
  return statusError("CONNECT", status, sessionCause(values?.nwError ?? 0, isEps));
}

/** Statuses of a deactivation that mean: there is no session. */
const alreadyDown: readonly number[] = [
  statusOf.success,
  statusOf.contextNotActivated,
  statusOf.packetServiceDetached,
  statusOf.notRegistered,
  statusOf.radioPowerOff,
  statusOf.simNotInserted,
];

/** Deactivates; a session that is down already counts as done. Resolves with what the function says it is now. */
export async function deactivate(client: MbimClient, sessionId: number, signal: AbortSignal) {
  const request: SetOf<typeof connect> = {
    sessionId,
    command: "deactivate",
    accessString: "",
    userName: "",
    password: "",
    compression: "none",
    authProtocol: "none",
    ipType: "default",
    contextType: contextTypes.internet,
  };
  const { status, values } = await client.trySet(connect, request, signal);
  if (!alreadyDown.includes(status)) throw statusError("CONNECT deactivate", status);
  return status === statusOf.success ? (values?.activationState ?? "deactivated") : "deactivated";
}

/** Whether the function has this session up, from an earlier owner. */
export async function isActive(client: MbimClient, sessionId: number, signal: AbortSignal): Promise<boolean> {
  const question: ConnectInfo = {
    sessionId,
    activationState: "unknown",
    voiceCallState: "none",
    ipType: "default",
    contextType: contextTypes.internet,
    nwError: 0,
  };
  const { activationState } = await client.query(connect, question, signal);
  return activationState === "activated" || activationState === "activating";
}
