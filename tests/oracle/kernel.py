# SPDX-License-Identifier: Apache-2.0
"""Programs on the running kernel: several at a time in one script, half of them in BEGIN and half in END."""
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from generate import PARAMETERS

SECONDS = 60


@dataclass
class Outcome:
    lines: list  # of printf and print, in their order
    final: set   # of maps at the end
    error: str   # what went wrong instead


# Random programs compare strings that are too long to be equal.
NEVER_EQUAL = re.compile(r".*: WARNING: .* never equals this string of .*\n.*\n.*~\n(?:HINT: .*\n)?(?:NOTE: .*\n)*")


def script(programs):
    half = (len(programs) + 1) // 2
    begin = "".join(program.text() for program in programs[:half])
    end = "".join(program.text() for program in programs[half:])
    return f"BEGIN {{\n{begin}\texit();\n}}\n" + (f"END {{\n{end}}}\n" if end else "")


def run(bpftrace, programs):
    """What came out of the programs together."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "programs.bt")
        path.write_text(script(programs))
        try:
            done = subprocess.run([bpftrace, "-q", path, *PARAMETERS], stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True, timeout=SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return Outcome([], set(), f"it ran for more than {SECONDS} s")
    messages = NEVER_EQUAL.sub("", done.stderr)
    if done.returncode or messages:
        return Outcome([], set(), f"status {done.returncode}\n{messages}")
    lines = [line for line in done.stdout.split("\n") if line]
    return Outcome([line for line in lines if not line.startswith("@")],
                   {line for line in lines if line.startswith("@")}, "")


def is_too_complex(outcome):
    """The verifier gave up, which it may: smaller scripts will do."""
    return any(words in outcome.error for words in ("too large", "too complex", "too long", "processed 1000001"))


def expect(programs):
    lines, final = [], set()
    for program in programs:
        program_lines, program_final = program.run()
        lines += program_lines
        final |= program_final
    return Outcome(lines, final, "")


def difference(bpftrace, programs):
    """None, or how what happened differs from what the programs mean, in lines."""
    return compare(expect(programs), run(bpftrace, programs))


def kind(text):
    """What differs: the output, or a message without its names and numbers."""
    if text is None or re.match(" *(expected|got) ", text):
        return text and "output"
    message = re.search("(ERROR|error): .*", text)
    return re.sub(r"[@$'\"(].*|\d+", "", message.group() if message else text)


def compare(expected, outcome):
    if outcome.error:
        return outcome.error
    lines = []
    for place in range(max(len(expected.lines), len(outcome.lines))):
        wanted = expected.lines[place] if place < len(expected.lines) else "(nothing)"
        got = outcome.lines[place] if place < len(outcome.lines) else "(nothing)"
        if wanted != got:
            lines.append(f"expected {wanted}\n     got {got}")
            break
    lines += [f"expected {line}" for line in sorted(expected.final - outcome.final)]
    lines += [f"     got {line}" for line in sorted(outcome.final - expected.final)]
    return "\n".join(lines) or None
