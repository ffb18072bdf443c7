/** What a connection over PPP needs to know. */

export type PppAuth = "none" | "pap" | "chap";

export interface PppRequest {
  /** The serial port, in data mode: the modem has answered CONNECT. pppd opens it itself. */
  readonly ttyPath: string;
  /** Default 115200; USB ports do not care. */
  readonly baudRate?: number;
  /** RTS/CTS. Default false: USB ports do not need it, and a UART without the lines would stand still. */
  readonly hardwareFlowControl?: boolean;
  /**
   * The modem shows the call on DCD (V.250 `&C1`): its fall ends the connection, and pppd drops DTR at its own end. Default
   * false, since pppd would wait for ever for a DCD that never rises.
   */
  readonly carrierDetect?: boolean;
  /** Name wished for the interface; default: the kernel's next `pppN`. */
  readonly interfaceName?: string;
  readonly families: "ip" | "ipv6" | "dual";
  readonly username: string;
  /** Never logged. */
  readonly password: string;
  /** The only way allowed to authenticate. `none`, and every way without a user name: the context has no credentials. */
  readonly auth: PppAuth;
  /** Bytes. The peer's wish counts where it is smaller. */
  readonly mtu?: number;
}

/** The way in which the context can authenticate itself. */
export const authOf = ({ auth, username, password }: PppRequest): PppAuth =>
  username === "" && password === "" ? "none" : auth;
