# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the shell texts of tests (command, load, check) may use besides the variables named in README.md.
set -euo pipefail

# await PATTERN [FILE]: until a line of FILE (default: the program's standard output) matches.
await() {
    local tries=0
    until grep -qE -- "$1" "${2:-$OUT}" 2>/dev/null; do
        sleep 0.02
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || { echo "await: nothing matched $1" >&2; return 1; }
    done
}

# await_end PID: until the process is gone.
await_end() {
    local tries=0
    while [ -d "/proc/$1" ]; do
        sleep 0.02
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || { echo "await_end: $1 still runs" >&2; return 1; }
    done
}

# await_exec PID NAME: until the process runs the program.
await_exec() {
    local tries=0
    until [ "$(cat "/proc/$1/comm")" = "$2" ]; do
        sleep 0.02
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || { echo "await_exec: $1 does not run $2" >&2; return 1; }
    done
}

# named NAME PROGRAM: copies the program under the name, in a folder beside $LOAD, and prints its path.
named() {
    mkdir -p own
    cp "$(type -P "$2")" "own/$1"
    echo "own/$1"
}

# sleep_together NAME COUNT: processes called NAME that all sleep at one time, then are ended.
sleep_together() {
    local program pid sleepers=()
    program=$(named "$1" sleep)
    for ((pid = 0; pid < $2; pid++)); do "$program" 600 & sleepers+=($!); done
    for pid in "${sleepers[@]}"; do
        until grep -qE '^(35|101|115|230) ' "/proc/$pid/syscall"; do sleep 0.05; done
    done
    kill "${sleepers[@]}"
    wait "${sleepers[@]}" || true
}

# same WORD EXPECTED FOUND: the two are equal.
same() {
    [ "$2" = "$3" ] || { echo "$1: expected '$2', found '$3'" >&2; return 1; }
}

# at_most WORD NUMBER LIMIT
at_most() {
    [ "$2" -le "$3" ] || { echo "$1: $2 is more than $3" >&2; return 1; }
}

# between WORD LEAST MOST NUMBER
between() {
    { [ "$4" -ge "$2" ] && [ "$4" -le "$3" ]; } ||
        { echo "$1: expected $2 to $3, found '$4'" >&2; return 1; }
}

# sampled WORD RATE SAMPLES: a second of CPU time was sampled at this rate. A virtual machine loses the ticks for
# which its host was busy.
sampled() {
    local least=$(($2 * 6 / 10))
    [ "$KERNEL" = live ] || least=$(($2 * 3 / 10))
    between "$1" "$least" $(($2 * 13 / 10)) "$3"
}

# exact WORD SENT COUNTED: every event was counted. On 7.x, where the kernel itself keeps events of tasks that
# contend from the programs of tracepoints, those that were reported as missed make up for the rest.
exact() {
    local missed
    missed=$(sed -nE 's/^WARNING: ([0-9]+) events? (was|were) missed.*/\1/p' "$ERR")
    if [ "$KERNEL" = 7.x ]; then
        between "$1 (and missed ${missed:-0})" $(($2 - ${missed:-0})) "$2" "$3"
    else
        same "$1" "$2" "$3"
    fi
}

# skip REASON: the machine lacks something.
skip() {
    echo "$*"
    exit 77
}

# tool NAME ARGUMENT...: starts bpftrace-tools/NAME.bt, whose output goes to the file shown; returns when it traces.
tool() {
    rm -f shown messages
    PATH=$(dirname "$BPFTRACE"):$PATH "$TOP/bpftrace-tools/$1.bt" "${@:2}" >shown 2>messages &
    tool=$!
    await __BPFTRACE_NOTIFY_PROBES_ATTACHED messages
}

# end_tool: ends it, and waits until all of its output is there.
end_tool() {
    kill -INT "$tool"
    wait "$tool"
}

# attach_packaged SCRIPT: attaches the bundle of a script of Debian's package, where there is none the script, and
# interrupts it; its status.
attach_packaged() {
    local program=$1 bundle tool
    if [ -n "${BUNDLES:-}" ]; then
        bundle=$BUNDLES/packaged/$(basename "$1" .bt)
        [ -e "$bundle.bundle" ] || { cat "$bundle.log" >messages; return 1; }
        program=$bundle.bundle
    fi
    "$BPFTRACE" --unsafe "$program" </dev/null >shown 2>messages &
    tool=$!
    until grep -q __BPFTRACE_NOTIFY_PROBES_ATTACHED messages || [ ! -d "/proc/$tool" ]; do sleep 0.1; done
    kill -INT "$tool" 2>/dev/null || true
    wait "$tool"
}

# packaged PATTERN: attaches the scripts of Debian's package bpftrace whose names match, one after the other; prints how
# many did what tests/check/packaged.exceptions lets expect, and what the others printed.
packaged() {
    local scripts script name expected status
    scripts=$(dpkg-query -L bpftrace 2>/dev/null | grep '\.bt$') || skip "needs Debian's package bpftrace"
    for script in $scripts; do
        name=$(basename "$script")
        # shellcheck disable=SC2053 # a pattern
        [[ $name = $1 ]] || continue
        status=0
        attach_packaged "$script" || status=$?
        expected=$(sed -n "s/^$KERNEL $name: //p" "$TOP/tests/check/packaged.exceptions")
        if [ $status = $((${#expected} > 0)) ] && grep -qF "${expected:-__BPFTRACE_NOTIFY_PROBES_ATTACHED}" messages; then
            echo ok
        else
            echo "$name: status $status, expected: ${expected:-to attach}: $(head -n 3 messages | tr '\n' ' ')"
        fi
    done | sort | uniq -c | sed 's/^ *//'
}
