/** What the domain asks of a driver about short messages. The rules of `ports.ts` hold. */

/** A TPDU with the service centre's address in front, as `src/sms` reads it. */
export interface ReceivedSms {
  readonly pdu: Buffer;
  /** The driver's name for where the modem keeps it; absent: it keeps it nowhere. */
  readonly place?: string;
  /** The network waits for a word about it; the driver's name for that. */
  readonly transaction?: number;
}

export interface SmsPort {
  /** From now on the modem keeps what comes and tells it by `smsReceived`. Idempotent; holds over the modem's own restarts. */
  listen(signal: AbortSignal): Promise<void>;
  /** Every message that came and that the modem still keeps, read or not. */
  stored(signal: AbortSignal): Promise<readonly ReceivedSms[]>;
  /** The message is in good hands: it is deleted where it was kept, acknowledged where the network waits. Idempotent. */
  settle(message: ReceivedSms, signal: AbortSignal): Promise<void>;
  /**
   * Sends a SUBMIT. Resolves with the message reference (TP-MR) when the service centre has taken it, undefined where the
   * modem does not tell it. Rejects with a failure of the domain `cms` where the network said why not.
   */
  send(pdu: Buffer, signal: AbortSignal): Promise<number | undefined>;
  /** Empty: none is known. */
  serviceCentre(signal: AbortSignal): Promise<string>;
  setServiceCentre(number: string, signal: AbortSignal): Promise<void>;
}
