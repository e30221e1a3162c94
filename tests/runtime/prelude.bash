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

# same WORD EXPECTED FOUND: the two are equal.
same() {
    [ "$2" = "$3" ] || { echo "$1: expected '$2', found '$3'" >&2; return 1; }
}

# at_most WORD NUMBER LIMIT
at_most() {
    [ "$2" -le "$3" ] || { echo "$1: $2 is more than $3" >&2; return 1; }
}

# skip REASON: the machine lacks something.
skip() {
    echo "$*"
    exit 77
}
