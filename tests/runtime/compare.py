# SPDX-License-Identifier: Apache-2.0
"""Compares what a program said with what its test expects. Each function returns complaints, a list of
lines that is empty when all is well."""
import json
import re
from pathlib import Path

# What the program says about itself on standard error; a test that is about them names them.
NOTICES = re.compile(r"Attaching \d+ probes?\.\.\.|Attached \d+ probes?|__BPFTRACE_NOTIFY_PROBES_ATTACHED")

# A kernel of 7.x keeps events of any task from a program while another one runs on the same CPU. A test that
# counts what contends compares by the function `exact` of prelude.bash; any other is repeated.
MISSED = re.compile(r'WARNING: \d+ events? w(?:as|ere) missed: .*|{"type": "missed_events", .*}')

# Calls of all processes count, so other work of the machine can take the kernel's room.
MISSED_RETURN = re.compile(r"WARNING: \d+ returns? w(?:as|ere) missed: .*")

# A hypervisor can lose the cause of a debug exception (DR6), seen with KVM when the host takes the CPU away just then.
# The kernel then takes it for an INT1 instruction and ends the watched process by SIGTRAP.
TRAPPED = "Trace/breakpoint trap"
WATCHPOINT = re.compile(r"\b(watchpoint|w|aw):")
IS_GUEST = "hypervisor" in Path("/proc/cpuinfo").read_text()


def line_matches(kind, wanted, line):
    if kind.endswith("regex"):
        return re.fullmatch(wanted, line) is not None
    if kind == "expect-json":
        try:
            return json.loads(line) == json.loads(wanted)
        except ValueError:
            return False
    return wanted == line


def wanted_lines(directives, kinds):
    return [(kind, line) for kind, text in directives if kind in kinds for line in text.split("\n")]


def compare_sequence(what, wanted, lines):
    for number, (kind, text) in enumerate(wanted):
        if number >= len(lines):
            return [f"{what} ends before: {text}", *shown(what, lines)]
        if not line_matches(kind, text, lines[number]):
            return [f"{what} line {number + 1}: expected {text!r}, found {lines[number]!r}", *shown(what, lines)]
    if len(lines) > len(wanted):
        return [f"{what} has more: {lines[len(wanted)]!r}", *shown(what, lines)]
    return []


def shown(what, lines):
    return [f"  {what}: {line}" for line in lines[:40]]


def in_any_order(wanted, lines):
    """Puts the lines that are wanted literally where they are wanted."""
    rest = list(lines)
    ordered = []
    for kind, text in wanted:
        found = next((line for line in rest if line_matches(kind, text, line)), None)
        if found is None:
            return lines
        rest.remove(found)
        ordered.append(found)
    return ordered + rest


def is_inconclusive(test, lines, kernel):
    """The kernel kept events from the program, which reported it, or ended a watched process."""
    missed = any(MISSED_RETURN.fullmatch(line) or (kernel == "7.x" and MISSED.fullmatch(line)) for line in lines)
    watches = WATCHPOINT.search(test.once.get(test.kind, "")) is not None
    return missed or (IS_GUEST and watches and any(TRAPPED in line for line in lines))


def without_missed(lines, kernel):
    return [line for line in lines if kernel != "7.x" or not MISSED.fullmatch(line)]


def compare_stdout(test, text, fill, kernel):
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    lines = without_missed(lines, kernel)
    exact = test.once.get("layout") == "exact"
    wanted = [(kind, fill(line)) for kind, line in wanted_lines(test.stdout, ("expect", "expect-regex", "expect-json"))]
    if not exact:
        lines = [line for line in lines if line]
        wanted = [(kind, line) for kind, line in wanted if line]
    if test.once.get("order") == "any":
        lines = in_any_order(wanted, lines)
    complaints = []
    contained = [fill(line) for _, line in wanted_lines(test.stdout, ("contains",))]
    for line in contained:
        if line not in lines:
            complaints += [f"stdout lacks: {line}", *shown("stdout", lines)]
    for _, pattern in wanted_lines(test.stdout, ("reject",)):
        complaints += [f"stdout has what it must not: {line}" for line in lines if re.search(pattern, line)]
    if not contained and (wanted or "check" not in test.once):
        complaints += compare_sequence("stdout", wanted, lines)
    return complaints


def compare_stderr(test, text, fill, kernel):
    named = any(re.search("Attach(ing|ed)", line) for _, line in test.stderr)
    lines = [line for line in text.split("\n") if line and (named or not NOTICES.fullmatch(line))]
    lines = without_missed(lines, kernel)
    partial = [(kind, fill(line)) for kind, line in wanted_lines(test.stderr, ("error-contains",))]
    complaints = []
    for _, pattern in partial:
        if not any(re.search(pattern, line) for line in lines):
            complaints += [f"stderr lacks: {pattern}", *shown("stderr", lines)]
    if not partial:
        wanted = [(kind, fill(line)) for kind, line in wanted_lines(test.stderr, ("error", "error-regex"))]
        complaints += compare_sequence("stderr", [pair for pair in wanted if pair[1]], lines)
    return complaints


def compare(test, result, fill, kernel):
    complaints = []
    if result.status != test.status:
        complaints.append(f"exit status {result.status}, expected {test.status}")
    complaints += compare_stdout(test, result.out, fill, kernel)
    complaints += compare_stderr(test, result.err, fill, kernel)
    return complaints
