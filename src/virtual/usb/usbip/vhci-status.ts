/** The kernel's table of virtual ports as text. Pure. @see drivers/usb/usbip/vhci_sysfs.c of Linux, status_show_vhci */

/** VDEV_ST_NULL: nothing is attached. */
const free = 4;

/** Numbers of the free ports for devices up to high speed, in order. */
export function freePorts(status: string): readonly number[] {
  return status.split("\n").flatMap((line) => {
    const [hub, port, state] = line.trim().split(/\s+/);
    return hub === "hs" && Number(state) === free && port !== undefined ? [Number(port)] : [];
  });
}
