#!/usr/bin/env bash
# Live playing, for real: the program in a virtual machine whose kernel has the ALSA sequencer, a reader beside it. LIVE_VM names the
# command that runs something there (`$LIVE_VM run --virtual-time -- COMMAND`); the machine itself sets LIVE_VM=1. Results in the Test
# Anything Protocol. ESTRO: the program (build/estro); STYLE: what is played (reel).
set -u
cd "$(dirname "$0")/../.." || exit 1
estro=${ESTRO:-$PWD/build/estro}
style=${STYLE:-reel}
work=build/live
n=0 bad=0

skip() { echo "1..0 # SKIP $*"; echo "ok 1 # SKIP live: $*"; exit 0; }
check() { # NAME COMMAND...
    local name=$1
    shift
    n=$((n + 1))
    if "$@"; then echo "ok $n - $name"; else echo "not ok $n - $name"; bad=1; fi
}

# ---------------------------------------------------------------- outside: build the reader, start the machine

if [ "${LIVE_VM:-}" != 1 ]; then
    [ -n "${LIVE_VM:-}" ] || skip "LIVE_VM names no virtual machine with an ALSA sequencer"
    [ -x "$estro" ] || skip "$estro is not built"
    mkdir -p $work
    ${CC:-cc} -O1 -o $work/listen tests/live/listen.c -lasound 2>/dev/null || skip "no ALSA library to build the reader with"
    rm -f $work/piece.mid
    # Once outside, with the same seed: what a file holds.
    "$estro" generate "$style" --seed 7 -o $work/piece.mid 2>$work/generate.log || {
        cat $work/generate.log
        echo "not ok 1 - a piece can be generated"
        exit 1
    }
    exec "$LIVE_VM" run --virtual-time --timeout 280 --env "ESTRO=$estro" --env "STYLE=$style" -- bash tests/live/live.sh
fi

# ---------------------------------------------------------------- inside

dir=/tmp/live
mkdir -p $dir
cp $work/listen $work/piece.mid $dir

# listen FILE: the reader starts, a device called Ear is there; hush: it ends.
listen() {
    rm -f $dir/quit $dir/ready
    mkfifo $dir/quit
    $dir/listen Ear "$1" <>$dir/quit >$dir/ready &
    ear=$!
    for _ in $(seq 200); do grep -q ready $dir/ready 2>/dev/null && return; sleep 0.05; done
    echo "# the reader did not start"
}
hush() { sleep 0.2; echo >$dir/quit; wait "$ear"; }

# expected FILE.mid: what a device must get, from the text of the messages: "SECONDS KIND CHANNEL A B".
expected() {
    "$estro" play "$1" --text 2>/dev/null | awk '
        $4 == "note-on"  { print $2, "on", $6, $7, $10 }
        $4 == "note-off" { print $2, "off", $6, $7, 0 }
        $4 == "program"  { print $2, "program", $6, $7, 0 }
        $4 == "control"  { print $2, "control", $6, $7, $8 }'
}
# Within a channel the order is that of the file, whatever other channels do at the same instant.
by_channel() { awk '{ print $3, $2, $4, $5 }' "$1" | sort -s -k 1,1n; }
same_messages() { cmp <(by_channel "$1") <(by_channel "$2"); }
in_order() { sort -n -c -k 1,1 "$1"; }
# late BOUND EXPECTED GOT: no message further than BOUND ms from its time, counted from the first.
in_time() {
    paste -d ' ' <(awk '{ print $3, $2, $4, $5, $1 }' "$2" | sort -s -k 1,1n) <(awk '{ print $3, $1 }' "$3" | sort -s -k 1,1n) | awk -v bound="$1" '
        { t[NR] = $7 / 1e6 - $5 * 1000; if (NR == 1 || t[NR] < first) first = t[NR] }
        END { for (i in t) { d = t[i] - first; if (d > worst) worst = d }
              printf "# %d messages, worst %.3f ms late\n", NR, worst; exit worst > bound || NR == 0 }'
}
silent() { # Every note that began has ended.
    awk '$2 == "on" { k = $3 " " $4; if (on[k]++) twice++; n++ } $2 == "off" { k = $3 " " $4; if (on[k]) on[k]--; else stray++ }
        END { for (k in on) left += on[k]; printf "# %d notes, %d left sounding, %d struck twice, %d stray note-offs\n", n, left, twice, stray
              exit left || twice || stray || n == 0 }' "$1"
}
clock_is_even() { # Starts, 24 pulses a quarter, stops; pulses at one distance but for the slowing down at the end.
    awk '$2 == "start" { starts++; if (clocks) early++ } $2 == "stop" { stops++; after = 0 } $2 == "clock" { clocks++; if (stops) after++
            if (last) { d = $1 - last; if (clocks == 3) first = d; if (clocks > 2 && clocks < 200 && (d > first + 1e6 || d < first - 1e6)) uneven++ } last = $1 }
        END { printf "# %d starts, %d pulses, %d stops, %d uneven\n", starts, clocks, stops, uneven
              exit starts != 1 || stops != 1 || early || after || uneven || clocks < 200 }' "$1"
}

# First without the clock that counts: read programs and styles in.
"$estro" play $dir/piece.mid --text >/dev/null 2>&1
"$estro" play "$style" --seed 7 --text >/dev/null 2>&1
"$estro" devices >$dir/devices 2>&1
check "devices are listed" grep -q "VirMIDI 0-0" $dir/devices
expected $dir/piece.mid >$dir/expected

"$estro" play $dir/piece.mid --device "no such thing" >/dev/null 2>$dir/error
check "a device that is not there: exit 1" test $? = 1
check "... and the message lists those that are" grep -q "VirMIDI" $dir/error

listen $dir/got
"$estro" play "$style" --seed 7 --device ear 2>$dir/talk
check "a style plays to its end" test $? = 0
hush
sed 's/^/# /' $dir/talk
check "messages come in order" in_order $dir/got
check "the messages are those of the file of the same seed" same_messages $dir/expected $dir/got
check "each in its time, to 2 ms" in_time 2 $dir/expected $dir/got
check "no note is left sounding" silent $dir/got

listen $dir/got
"$estro" play $dir/piece.mid --device Ear --clock 2>/dev/null
check "a file plays" test $? = 0
hush
check "the clock starts, runs evenly and stops" clock_is_even $dir/got
grep -v -E " (start|clock|stop) " $dir/got >$dir/notes
check "the file's messages arrive" same_messages $dir/expected $dir/notes
check "each in its time, to 2 ms" in_time 2 $dir/expected $dir/notes

listen $dir/got
"$estro" play $dir/piece.mid --device Ear --latency 30 2>/dev/null
check "a file plays through the device's queue" test $? = 0
hush
check "the file's messages arrive" same_messages $dir/expected $dir/got
check "each in its time, to 6 ms (the queue runs on the kernel's tick of 4)" in_time 6 $dir/expected $dir/got

stopped() { # SIGNAL: plays without end, and is stopped in the middle
    listen $dir/got
    "$estro" play "$style" --seed 7 --endless --device Ear 2>$dir/talk &
    local player=$!
    for _ in $(seq 600); do [ "$(grep -c " on " $dir/got)" -gt 40 ] && break; sleep 0.1; done
    stopped_at=$(cut -d ' ' -f 1 /proc/uptime)
    kill -"$1" $player
    wait $player
    status=$?
    hush
    echo "# SIG$1: exit $status"
}
quiet_after() { # No note begins later than half a second after $1 seconds.
    awk -v limit="$(echo "$1" | awk '{ print ($1 + 0.5) * 1e9 }')" '$2 == "on" && $1 > limit { n++ } END { printf "# %d notes later\n", n; exit n > 0 }' "$2"
}
stopped TERM
check "SIGTERM in the middle: it ends at once, exit 0" test $status = 0
check "... and plays no more" quiet_after "$stopped_at" $dir/got
check "... and leaves no note sounding" silent $dir/got
more_after() { ! quiet_after "$@"; }
stopped INT
check "SIGINT: it ends at a cadence, exit 0" test $status = 0
check "... and leaves no note sounding" silent $dir/got
check "... after more music" more_after "$stopped_at" $dir/got

# The synthesizer, into the loopback card; sox records its other end.
heard() { # FILE: four seconds that are not silent and do not clip
    sox "$1" -n stat 2>&1 | awk '/^Length/ { length_s = $3 } /^Maximum amp/ { most = $3 } /^RMS.*amp/ { rms = $3 }
        END { printf "# %.1f s, peak %.3f, RMS %.3f\n", length_s, most, rms; exit !(length_s > 3.9 && rms > 0.005 && most < 0.999) }'
}
if sox --help 2>&1 | grep -q alsa; then
    printf 'pcm.!default { type plug slave.pcm "hw:Loopback,0,0" }\n' >~/.asoundrc
    "$estro" play "$style" --seed 7 --endless --synth --latency 200 2>$dir/talk &
    player=$!
    sleep 2
    timeout 60 sox -q -r 44100 -c 2 -b 16 -t alsa hw:Loopback,1,0 $dir/sound.wav trim 0 4 2>$dir/sox
    kill -TERM $player
    wait $player
    check "the synthesizer plays until it is stopped" test $? = 0
    check "... and is heard" heard $dir/sound.wav
else
    n=$((n + 1))
    echo "ok $n # SKIP the synthesizer: no sox that records from ALSA"
fi

echo "1..$n"
exit $bad
