export { settle, VirtualClock } from "../../src/runtime/virtual-clock.js";
