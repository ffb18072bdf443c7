/** How long the domain waits for a modem, in ms. One place, because they must fit each other and the clients' patience. */
export const deadlinesMs = {
  /** Opening port and protocol at power-on; oFono's own limit, then Timedout. */
  enable: 20_000,
  /** Reading a state. */
  read: 10_000,
  /** A PIN operation; cards with slow applications take several seconds. With `read` below a client's 25 s. */
  pin: 14_000,
  /** A change that the modem carries out before it answers: bands, a slot, a reset. */
  change: 20_000,
  /** Some commands, the last of which may be answered by silence. */
  composition: 40_000,
  /** One command to the card; an eUICC may think about a download for long. */
  card: 20_000,
  radio: 15_000,
  register: 60_000,
  /** A scan over all bands; oFono's clients wait 120 s. */
  scan: 180_000,
  attach: 60_000,
  /** A dialogue by USSD, per word of the network: below the 100 s that oFono's clients wait. */
  ussd: 90_000,
  /** One part of a message: what the modem and the network may take together. */
  sms: 65_000,
  /** Below the 40 s after which ConnMan gives up on a call. */
  clientStart: 34_000,
  /** After that a client hears of a failure, whatever still runs. */
  clientReply: 36_000,
  /** A bearer that the network ends again and again: a client's next start waits up to this long, within clientReply. */
  clientRest: 15_000,
  /** Nobody waits for it: as long as a network may take. */
  standingStart: 120_000,
  /** A quick re-activation; the bus has not been told of the loss yet. */
  quickStart: 10_000,
  /** With `link` below the 25 s that a client on the bus waits by default. */
  stop: 14_000,
  /** After an abandoned start the modem may still answer; its call must be seen to be stopped. */
  lateAnswer: 10_000,
  link: 10_000,
  /** A driver promises 2 s. */
  close: 3_000,
} as const;

/** A bearer that lasted this long is stable: earlier failures say nothing about the next attempt. */
export const stableAfterMs = 60_000;
