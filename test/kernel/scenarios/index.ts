/** Every file of scenarios, in the order in which they begin: the longest first, so that guests side by side end together. */
import "./machine.js";
import "./plugging.js";
import "./every-profile.js";
import "./tunnels.js";
import "./latency.js";
import "./usb.js";
import "./mbim.js";
import "./qmi.js";
import "./peers.js";
import "./at.js";
import "./ppp.js";
import "./ppp-incidents.js";
import "./at-modems.js";
import "./serial.js";
import "./connman.js";
import "./discovery.js";
import "./composition.js";
