/** QMI frames in MBIM messages, as a link for a QMI client: for what this function does not tell by MBIM. */
import type { MbimClient } from "../../mbim/client.js";
import { qmiMessage } from "../../mbim/services/qmi.js";
import { ModemError } from "../../runtime/error.js";
import type { FrameLink, LinkListener } from "../../runtime/link.js";

const maxFrameBytes = 4096;

export function qmiLink(client: MbimClient, name: string): FrameLink {
  const ended = new AbortController();
  let listener: LinkListener | undefined;
  let unwatch = (): void => undefined;
  const over = (reason: Error): void => {
    if (ended.signal.aborted) return;
    ended.abort(reason);
    unwatch();
    listener?.closed(reason);
  };
  /** A silent modem is the QMI client's own matter; one that refuses will refuse the next frame as well. */
  const failed = (error: unknown): void => {
    if (error instanceof ModemError && error.code !== "timeout" && error.code !== "aborted") over(error);
  };
  return {
    kind: "frames",
    name: `${name} (QMI in MBIM)`,
    maxFrameBytes,
    listen: (to) => {
      listener = to;
      unwatch = client.watch(qmiMessage, ({ frame }) => to.data(frame));
    },
    // The answer comes with the command's; waiting for it here would hold up the frames behind it.
    write: async (frame) => {
      ended.signal.throwIfAborted();
      client.set(qmiMessage, { frame }, ended.signal).then((answer) => listener?.data(answer.frame), failed);
    },
    close: () => over(new ModemError("aborted", `${name} was closed`)),
  };
}
