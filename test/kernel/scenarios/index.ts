/** Every file of scenarios, in the order in which they run. */
import "./machine.js";
import "./mbim.js";
import "./peers.js";
import "./usb.js";
import "./discovery.js";
