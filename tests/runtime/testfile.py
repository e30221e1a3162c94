# SPDX-License-Identifier: Apache-2.0
"""Reads test files. README.md in this folder says what each directive means; a file that breaks the
rules there is refused, so that no test can pass because of a typing error."""
import fnmatch
import hashlib
import re
import shlex
from pathlib import Path

ROW = re.compile(r"[A-Z][A-Z0-9]*-\d+")
NAME = re.compile(r"(?P<row>[A-Z][A-Z0-9]*-\d+)-[a-z0-9-]+")

# Directives that stand once, and those whose occurrences are a sequence.
ONCE = {"rows", "run", "script", "command", "options", "arguments", "environment", "input", "load", "end",
        "check", "status", "timeout", "kernels", "machine", "needs", "order", "layout"}
STDOUT = {"expect", "expect-regex", "expect-json", "contains", "reject"}
STDERR = {"error", "error-regex", "error-contains"}

# What a test asks of the machine: any share of it, to be the only one, or that nothing comes after it.
MACHINES = ("shared", "alone", "last")

# Those that tests/vm/build makes run only the tests that name them.
BUILT = ("override",)
KERNELS = ("live", "5.10", "6.1", "6.12", "7.x", *BUILT)

# What tests of these areas observe is the work of compiler and runner. On the kernels between the oldest and the newest
# they run only where all tests are asked for, or where the test names its kernels.
AREAS_OF_THE_LANGUAGE = ("CFG", "LANG", "MAPF", "NEW", "OUT")
KERNELS_BETWEEN = ("6.1", "6.12")

# Calls of one process end up in two lines where another one calls in between.
SPLIT_TRACE = re.compile(r"\bstrace\b.* -f\b")


class BadTest(Exception):
    """The file breaks a rule of the format."""


def read_directives(path):
    """Yields (name, value): the rest of the line, or the block of lines indented by a tab below it."""
    lines = path.read_text().split("\n")
    if lines and not lines[-1]:
        lines.pop()
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        if not line or line.startswith("#"):
            continue
        name, colon, value = line.partition(":")
        if not colon or name not in ONCE | STDOUT | STDERR:
            raise BadTest(f"line {index}: no directive: {line}")
        block = []
        while index < len(lines) and (lines[index].startswith("\t") or (block and not lines[index])):
            block.append(lines[index][1:])
            index += 1
        while block and not block[-1]:
            block.pop()
        if block and value.strip():
            raise BadTest(f"line {index}: {name} has both a value and a block")
        yield name, "\n".join(block) if block else value[1:] if value.startswith(" ") else value


class Test:
    """One test file. Members are named as its directives."""

    def __init__(self, path):
        self.path = Path(path)
        self.name = self.path.stem
        self.once = {}
        self.stdout = []  # (directive, text) in order
        self.stderr = []
        for name, value in read_directives(self.path):
            self.add(name, value)
        self.validate()

    def add(self, name, value):
        if name in STDOUT:
            self.stdout.append((name, value))
        elif name in STDERR:
            self.stderr.append((name, value))
        elif name in self.once:
            raise BadTest(f"{name} stands twice")
        else:
            self.once[name] = value

    def validate(self):
        if not NAME.fullmatch(self.name):
            raise BadTest("the file's name is not ROW-words.test")
        if sum(word in self.once for word in ("run", "script", "command")) != 1:
            raise BadTest("needs exactly one of run, script and command")
        if not self.stdout and not self.stderr and "check" not in self.once:
            raise BadTest("observes nothing")
        if self.kind == "command" and {"options", "arguments", "load", "end"} & set(self.once):
            raise BadTest("a command does its own loads and options")
        if not self.path.read_text().startswith("# "):
            raise BadTest("does not begin with what it observes")
        if SPLIT_TRACE.search("\n".join(self.once.values())):
            raise BadTest("strace -f splits calls of processes that run at one time: use strace -ff -o NAME, a file each")
        for kernel in self.words("kernels"):
            if kernel not in KERNELS + ("all",):
                raise BadTest(f"unknown kernel {kernel}")

        if self.machine not in MACHINES:
            raise BadTest(f"unknown machine {self.machine}")
        if self.machine == "last" and (not self.words("kernels") or self.concerns("live")):
            raise BadTest("only a virtual machine can be left changed")

    def words(self, name):
        return shlex.split(self.once.get(name, ""))

    @property
    def title(self):
        return self.path.read_text().split("\n", 1)[0][2:]

    @property
    def kind(self):
        return next(word for word in ("run", "script", "command") if word in self.once)

    @property
    def rows(self):
        return [NAME.fullmatch(self.name)["row"], *self.words("rows")]

    @property
    def tag(self):
        """A word of the test's own, the same in every run: filters by comm use it."""
        return "t" + hashlib.sha1(self.name.encode()).hexdigest()[:10]

    @property
    def status(self):
        return int(self.once.get("status", "0"))

    @property
    def timeout(self):
        return float(self.once.get("timeout", "10"))

    @property
    def machine(self):
        return self.once.get("machine", "shared")

    @property
    def fixtures(self):
        """The programs and libraries of tests/fixtures that it runs or attaches to."""
        return sorted(set(re.findall(r"(?:\{fixtures\}|\$FIXTURES)/(\w+)", "\n".join(self.once.values()))))

    @property
    def packaged(self):
        """A pattern of the scripts of Debian's package that the command attaches, or None."""
        call = re.search(r"\bpackaged '([^']+)'", self.once.get("command", ""))
        return call and call[1]

    @property
    def attaches_to_fixtures(self):
        return "{fixtures}" in self.once.get(self.kind, "") and self.kind != "command"

    def matches(self, patterns):
        """Whether one of these shell patterns, with commas between them, is about the name."""
        return any(fnmatch.fnmatch(self.name, pattern) for pattern in patterns.split(","))

    def concerns(self, kernel):
        """Without the directive: everywhere, except what only looks at the program itself, as commands
        and refused scripts do."""
        kernels = self.words("kernels")
        if kernel in kernels or kernel in BUILT:
            return kernel in kernels
        if kernels:
            return "all" in kernels
        return kernel == "live" or (self.kind != "command" and self.status == 0 and not self.needs_compiler)

    def repeats_others(self, kernel):
        """Whether the same test on the oldest and on the newest kernel observes nearly all that this one would."""
        return kernel in KERNELS_BETWEEN and self.name.startswith(AREAS_OF_THE_LANGUAGE) and not self.words("kernels")

    @property
    def needs_compiler(self):
        """Compiling is part of what is tested: no saved bundle may take its place."""
        return "compiler" in self.words("needs")


def add_options(parser):
    """The options that choose tests."""
    parser.add_argument("--filter", default="*", help="shell patterns of test names, separated by commas")
    parser.add_argument("--long", action="store_true", help="on kernels between the oldest and the newest, too, all tests of the language")


def choose(tests, options):
    """Those for the kernel that the options' patterns name; by default without those that repeat others."""
    tests = [test for test in tests if test.concerns(options.kernel) and test.matches(options.filter)]
    if options.long or options.filter != "*":
        return tests
    return [test for test in tests if not test.repeats_others(options.kernel)]


def load_tests(directory):
    """All tests of a directory by name, and the complaints about those that cannot be read."""
    tests, complaints = [], []
    for path in sorted(Path(directory).rglob("*.test")):
        try:
            tests.append(Test(path))
        except BadTest as error:
            complaints.append((path.stem, str(error)))
    for test in [test for test in tests if test.machine == "last"][1:]:
        complaints.append((test.name, "only one test can be the last"))
    return tests, complaints
