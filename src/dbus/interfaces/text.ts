import { sendableText } from "../message.js";

/** Text that a modem or a card gave, without what no D-Bus string can hold: one bad byte must not hide a whole object. */
export function foreignText(text: string): string;
export function foreignText(text: string | undefined): string | undefined;
export function foreignText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : sendableText(text);
}
