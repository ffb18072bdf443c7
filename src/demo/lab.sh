#!/usr/bin/env bash
# Runs a command in a laboratory of its own: private network, mount, process and (without root) user namespace, with an
# empty /run and a copied /etc. The kernel takes all of it down when this script ends, however it ends.
set -euo pipefail

if [ "${1:-}" = --inside ]; then
  shift
  mount --make-rprivate /
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/netns /run/lock
  etc=$(mktemp -d /run/etc.XXXXXX)
  cp -a /etc/. "$etc" 2>/dev/null || true
  rm -f "$etc/resolv.conf"
  printf '# the laboratory has no resolver yet\n' >"$etc/resolv.conf"
  mount --bind "$etc" /etc
  # Its /sys/class/net still shows the host's interfaces until it is mounted from inside.
  mount -t sysfs sysfs /sys 2>/dev/null || true
  # Modems of this machine are nobody's business in here: discovery would open them.
  for bus in /sys/bus/usb /sys/bus/pci /sys/class/wwan; do
    [ ! -d "$bus" ] || mount -t tmpfs -o mode=755 tmpfs "$bus"
  done
  ip link set lo up
  unset DBUS_SESSION_BUS_ADDRESS DBUS_SYSTEM_BUS_ADDRESS DBUS_STARTER_ADDRESS XDG_RUNTIME_DIR
  export WWAND_LAB=1
  # This shell is process 1 here: it must outlive the command to reap what that leaves behind.
  "$@" <&0 &
  command=$!
  trap 'kill -TERM "$command" 2>/dev/null' TERM INT HUP
  status=0
  while kill -0 "$command" 2>/dev/null; do
    status=0
    wait "$command" || status=$?
  done
  exit "$status"
fi

# npm's shell dies of a signal without passing it on; then this script must not stay behind.
if [ "${WWAND_LAB_TIED:-}" != "$PPID" ]; then
  WWAND_LAB_TIED=$PPID exec setpriv --pdeathsig TERM "$0" "$@"
fi
unset WWAND_LAB_TIED

user=()
[ "$(id -u)" = 0 ] || user=(--user --map-root-user)
# --kill-child: when this script or unshare dies, so does everything inside.
setpriv --pdeathsig KILL unshare "${user[@]}" --net --mount --pid --fork --mount-proc --kill-child=KILL "$0" --inside "$@" <&0 &
lab=$!
# unshare itself ignores both signals while it waits.
trap 'pkill -TERM -P "$lab" 2>/dev/null; for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$lab" 2>/dev/null || break; sleep 0.2; done; kill -KILL "$lab" 2>/dev/null' TERM INT HUP
trap 'kill -KILL "$lab" 2>/dev/null || true' EXIT
status=0
while kill -0 "$lab" 2>/dev/null; do
  status=0
  wait "$lab" || status=$?
done
exit "$status"
