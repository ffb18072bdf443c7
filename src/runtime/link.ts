/** What a link tells its one listener. `closed` comes exactly once and last. */
export interface LinkListener {
  /** Bytes as they arrived; on a FrameLink exactly one whole message. */
  data(bytes: Buffer): void;
  /** The far end went away (`unplugged`), the link failed, or `close` was called. */
  closed(reason: Error): void;
}

interface Link {
  /** For logs and errors: `/dev/cdc-wdm0`, `unix:/run/modem.sock`. */
  readonly name: string;
  /** Attaches the listener; data that arrived before is delivered first. Call once. */
  listen(listener: LinkListener): void;
  /** Resolves when the bytes are with the kernel. Rejects with ModemError `unplugged` when the link is gone. */
  write(bytes: Buffer): Promise<void>;
  /** Idempotent; the listener hears `closed`. */
  close(): void;
}

/** A byte stream without message boundaries: tty, pty, stream socket. */
export interface ByteLink extends Link {
  readonly kind: "bytes";
  /**
   * Drops DTR for a moment, which ends a call and brings most modems back from data to commands (V.250 6.2.8, `&D2`).
   * Absent where there is no such line.
   */
  dropDtr?(): Promise<void>;
  /** DCD, which follows a call's carrier where the modem shows it (V.250 `&C1`). Absent where there is no such line. */
  hasCarrier?(): boolean;
  /** Closes the port without hanging up: DTR stays as it is for the next program. Absent where there is no such line. */
  letGo?(): void;
}

/** A channel that keeps message boundaries: one write is one message (cdc-wdm). */
export interface FrameLink extends Link {
  readonly kind: "frames";
  /** The largest message the device takes, in bytes (cdc-wdm: wMaxCommand of the descriptor, by IOCTL_WDM_MAX_COMMAND). */
  readonly maxFrameBytes: number;
}
