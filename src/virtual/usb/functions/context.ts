/** What every function is given of its device and its modem. */
import type { PlugContext } from "../../plug.js";
import type { ModeSwitch } from "../description/composition.js";

export interface FunctionContext extends PlugContext {
  /** The host did what makes some devices leave the bus and come back as another. */
  switchBy(by: ModeSwitch["by"]): void;
}
