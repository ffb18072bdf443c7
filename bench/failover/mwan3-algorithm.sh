#!/bin/sh
# How mwan3 decides, by its documentation and the defaults in its tracker; written for this benchmark, for a machine
# without uci, ubus and procd. Each member of a policy, in their order: DEVICE=GATEWAY. Its tracker asks one target through
# the device, one ping a turn. A turn without an answer takes one from the score, one with an answer gives one; at `down`
# turns without in a row the member is offline, and the shell moves the policy's default route to the next one.
# usage: mwan3-algorithm.sh TABLE TARGET TIMEOUT_S INTERVAL_S DOWN UP DEVICE=GATEWAY...
table=$1 target=$2 timeout=$3 interval=$4 down=$5 up=$6
shift 6
states=$(mktemp -d)
trap 'trap - TERM; kill 0' TERM

policy() {
  for member in "$@"; do
    device=${member%=*}
    [ "$(cat "$states/$device")" = online ] || continue
    ip route replace default via "${member#*=}" dev "$device" table "$table"
    return
  done
}

# failure_interval and recovery_interval are the interval, where nobody has set them.
track() {
  mine=$1
  shift
  score=$((down + up))
  while :; do
    if ping -I "$mine" -c 1 -W "$timeout" -s 56 -t 60 -q "$target" >/dev/null 2>&1; then
      score=$((score + 1))
      [ "$score" -le "$up" ] || score=$((down + up))
      if [ "$score" -eq "$up" ]; then
        score=$((down + up))
        echo online >"$states/$mine"
        policy "$@"
      fi
      echo "$mine answers"
    else
      score=$((score - 1))
      if [ "$score" -eq "$up" ]; then
        echo offline >"$states/$mine"
        policy "$@"
      fi
      [ "$score" -gt "$up" ] || score=0
    fi
    sleep "$interval"
  done
}

for member in "$@"; do echo online >"$states/${member%=*}"; done
policy "$@"
for member in "$@"; do track "${member%=*}" "$@" & done
wait
