/** Every file of scenarios, in the order in which they run. */
import "./machine.js";
import "./usb.js";
import "./mbim.js";
import "./qmi.js";
import "./peers.js";
import "./at.js";
import "./discovery.js";
import "./every-profile.js";
import "./plugging.js";
