# SPDX-License-Identifier: Apache-2.0
"""What is measured. A group is one way of running both programs; each run of it gives values for
the figures that the group lists.
"""
import contextlib
import ctypes
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import bpf
import handwritten
import largeprogram
from tracer import Tracer, Wrong, cpu_time, descendants

MB = 1e6
SETTLE = 0.2  # seconds until a program surely has nothing more to do


class Figure:
    """One line of the table. What counts is ours as part of the package's (ratio), or ours alone
    (value); limit is the most, or the least where more is better."""

    def __init__(self, key, words, unit, limit=None, least=False, alone=False):
        self.key, self.words, self.unit = key, words, unit
        self.limit, self.least, self.alone = limit, least, alone

    def met(self, ours, ratio):
        if self.limit is None:
            return None
        found = ours if self.alone else ratio
        if found is None:
            return None
        return found >= self.limit if self.least else found <= self.limit

    def target(self):
        if self.limit is None:
            return ""
        return f"{'>=' if self.least else '<='} {self.limit:g}{' ' + self.unit if self.alone else ''}"


class Group:
    name = None
    pairs = 5        # how often both are run
    figures = []

    def __init__(self, settings):
        self.settings = settings

    def run(self, side):
        """One run of one side: {key of figure: value}."""
        raise NotImplementedError


class Startup(Group):
    """A script that only ends."""
    name = "startup"
    pairs = 15
    figures = [Figure("wall", "BEGIN { exit(); }: wall", "ms", 0.15),
               Figure("cpu", "BEGIN { exit(); }: CPU, with the compiler", "ms", 0.7)]

    script = "BEGIN { exit(); }"

    def run(self, side):
        with Tracer(side, self.script) as tracer:
            wall = tracer.wait()
            return {"wall": wall * 1e3, "cpu": tracer.usage.cpu * 1e3}


class StartupHeader(Startup):
    """The same with a small header, for which both load a C compiler."""
    name = "startup-header"
    figures = [Figure("wall", "#include <errno.h>: wall", "ms", 0.5),
               Figure("cpu", "#include <errno.h>: CPU, with the compiler", "ms", 0.7)]
    script = "#include <errno.h>\nBEGIN { printf(\"%d\\n\", ENOENT); exit(); }"


class Count(Group):
    """One tracepoint with a keyed count, ended by a signal. The map is looked at from outside every half
    millisecond: its first element is the first counted event in each of the programs. Tasks are
    switched all the time, for one by this looking."""
    name = "count"
    pairs = 11
    figures = [Figure("first", "sched_switch { @[pid] = count(); }: start to first event", "ms", 0.8),
               Figure("runner", "  peak memory of what runs on", "MB", 15, alone=True),
               Figure("both", "  sum of the peaks of that and of the compiler", "MB", 0.9),
               Figure("compilers", "  compilers still there at the first event", "", 0, alone=True)]

    def run(self, side):
        script = "tracepoint:sched:sched_switch { @[pid] = count(); }"
        with Tracer(side, script, watch_peak=True) as tracer:
            first = tracer.wait_counted()
            compilers = tracer.children()
            tracer.interrupt()
            tracer.wait()
            tracer.output_number(r"^@\[\d+\]: (\d+)")
            # The kernel reports the peak of the largest process that was waited for: the compiler's, where there is one.
            compiler = tracer.usage.largest if side.ours else 0
            return {"first": first * 1e3, "runner": tracer.peak / MB, "both": (tracer.peak + compiler) / MB,
                    "compilers": compilers}


class Listing(Group):
    """A list of probes or a type, with what must be in it."""
    pairs = 15

    def __init__(self, settings, name, words, expected, figures):
        super().__init__(settings)
        self.name, self.words, self.expected, self.figures = name, words, expected, figures

    def run(self, side):
        with tempfile.TemporaryFile() as answer:
            process = subprocess.Popen([side.program, *self.words], stdin=subprocess.DEVNULL, stdout=answer,
                                       stderr=subprocess.DEVNULL)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            answer.seek(0)
            if process.returncode or self.expected not in answer.read().splitlines():
                raise Wrong(f"{side.name}: {' '.join(self.words)} does not show {self.expected}", side)
            return {"cpu": (usage.ru_utime + usage.ru_stime) * 1e3}


class Compile(Group):
    """The CPU time of the compiler for scripts that are large in one way, and what ten times as much comes to. Only
    ours is run: the package needs minutes for them."""
    name = "compile"
    pairs = 3
    SCRIPTS = {
        "variables": lambda n: "BEGIN { %s print($v7); }" % "".join(f"$v{i} = {i};\n" for i in range(n)),
        "members": lambda n: "struct s { %s }; BEGIN { print(((struct s *)0)->m7); }" % "".join(
            f"int m{i};\n" for i in range(n)),
    }
    figures = [figure for kind in SCRIPTS for figure in (
        Figure(kind, f"compiler, 20,000 {kind}: CPU", "ms", alone=True),
        Figure(kind + "-growth", "  as a multiple of that for 2,000", "", 20, alone=True))]

    @staticmethod
    def cpu(side, script):
        program = Path(side.program).parent.parent / "compiler/bpftrace-compile"
        with tempfile.NamedTemporaryFile("w", suffix=".bt") as file:
            file.write(script)
            file.flush()
            process = subprocess.Popen([program, "-o", "/dev/null", file.name])
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise Wrong(f"{side.name}: the compiler refuses a large script", side)
        return (usage.ru_utime + usage.ru_stime) * 1e3

    def run(self, side):
        values = {}
        for kind, script in self.SCRIPTS.items() if side.ours else ():
            values[kind] = self.cpu(side, script(20000))
            values[kind + "-growth"] = values[kind] / self.cpu(side, script(2000))
        return values


class DebugInformation(Group):
    """args of one function of a program with 500 MB of debug information, of which one unit describes it. Only ours
    is run: the package reads all of it, for minutes."""
    name = "debug-information"
    figures = [Figure("wall", "args in 500 MB of debug information: compiler", "ms", 300, alone=True),
               Figure("peak", "  its peak of resident memory", "MB", 100, alone=True),
               Figure("file", "  as much of the program as was read", "MB", 50, alone=True)]
    SCRIPT = "uprobe:%s:needle { print((args.key, str(args.text), str(args.from->name))); }"

    def __init__(self, settings):
        super().__init__(settings)
        self.path = None

    def run(self, side):
        if not side.ours:
            return {}
        self.path = self.path or largeprogram.make()
        program = Path(side.program).parent.parent / "compiler/bpftrace-compile"
        largeprogram.evict(self.path)
        started = time.monotonic()
        process = subprocess.Popen([program, "-o", "/dev/null", "-e", self.SCRIPT % self.path])
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise Wrong(f"{side.name}: the compiler refuses the arguments of a large program", side)
        return {"wall": wall * 1e3, "peak": usage.ru_maxrss * 1024 / MB,
                "file": largeprogram.resident(self.path) / MB}


class Exit(Group):
    """exit() in a script whose links are slow to close. The event that fires it is made here, so that
    its moment is known. Then come standard output at its end and the end of the process, which is the
    prompt, and at last the moment when nothing is left in the kernel."""
    pairs = 7

    def __init__(self, settings, name, script, events):
        super().__init__(settings)
        self.name, self.script, self.events = name, script, events
        self.figures = [Figure("prompt", f"{name}: exit() to prompt", "ms", 0.1),
                        Figure("gone", "  exit() to no link left in the kernel", "ms"),
                        Figure("freed", "  exit() to programs freed by the kernel", "ms")]

    def run(self, side):
        with Tracer(side, self.script) as tracer:
            tracer.wait_attached()
            self.events.count()
            time.sleep(SETTLE)
            fired = tracer.elapsed()
            self.events.end()
            times = {"prompt": tracer.wait(), "gone": tracer.wait_gone(), "freed": tracer.wait_freed()}
            tracer.output_number(r"^@\[.*\]: (\d+)")
            return {key: (value - fired) * 1e3 for key, value in times.items()}


class Whole(Group):
    """All of a run with many probes: from its start until no link is left in the kernel."""
    pairs = 2
    TIMEOUT = 300  # seconds: the package closes its links one after another

    def __init__(self, settings, name, words, script, limit, events, check):
        super().__init__(settings)
        self.name, self.script, self.events, self.check = name, script, events, check
        self.figures = [Figure("gone", f"{words}: start to no link left", "ms", limit),
                        Figure("attached", "  start to all attached", "ms"),
                        Figure("prompt", "  start to prompt", "ms"),
                        Figure("freed", "  start to programs freed by the kernel", "ms")]

    def run(self, side):
        with Tracer(side, self.script, timeout=self.TIMEOUT) as tracer:
            tracer.wait_attached()
            times = {"attached": tracer.elapsed()}
            self.events.count()
            self.events.end()
            times.update(prompt=tracer.wait(), gone=tracer.wait_gone(), freed=tracer.wait_freed())
            self.check(tracer)
            return {key: value * 1e3 for key, value in times.items()}


class Cost(Group):
    """What tracing adds to a system call: the load calls in a loop, untraced and traced. Then what the
    kernel says that the BPF programs alone take for one call."""
    ROUNDS, CALLS = 200, 2000

    def __init__(self, settings, name, script, limit, counted):
        super().__init__(settings)
        self.name, self.script, self.counted = name, script, counted
        self.figures = [Figure("added", f"{name}: added to a call", "ns", limit),
                        Figure("programs", "  its BPF programs, as the kernel measures", "ns")]

    def calls(self, rounds):
        return self.settings.load("calls", rounds, self.CALLS)[0]

    def in_programs(self, tracer):
        measuring = bpf.stats_on()
        try:
            before = sum(bpf.run_stats(number)[0] for number in tracer.programs)
            self.calls(self.ROUNDS // 4)
            after = sum(bpf.run_stats(number)[0] for number in tracer.programs)
        finally:
            os.close(measuring)
        return (after - before) / (self.ROUNDS // 4 * self.CALLS)

    def run(self, side):
        base = self.calls(self.ROUNDS)
        with Tracer(side, self.script) as tracer:
            tracer.wait_attached()
            added = self.calls(self.ROUNDS) - base
            programs = self.in_programs(tracer)
            tracer.interrupt()
            tracer.wait()
            if tracer.output_number(self.counted) < self.ROUNDS * self.CALLS:
                tracer.fail("counted less calls than were made")
            return {"added": added, "programs": programs}


class Printing(Group):
    """printf to a file while the load calls, on a CPU of its own where there are several: a reader that
    takes turns with the load on one CPU would slow it down instead of losing lines. Of ours, each call
    must be printed or reported lost."""
    MILLISECONDS = 1500

    def __init__(self, settings, name, rate, figures):
        super().__init__(settings)
        self.name, self.rate, self.figures = name, rate, figures

    def run(self, side):
        script = 'tracepoint:syscalls:sys_enter_sched_get_priority_max { printf("%d %s\\n", pid, comm); }'
        with tempfile.TemporaryFile() as file, Tracer(side, script, file) as tracer:
            tracer.wait_attached()
            os.sched_setaffinity(tracer.process.pid, self.settings.others)
            began, took, made = self.settings.load("flood", self.MILLISECONDS, self.rate)
            written = self.wait_written(file, tracer)
            tracer.interrupt()
            tracer.wait()
            printed, lost = self.count(file, tracer)
            if side.ours and printed + lost != made:
                tracer.fail(f"{printed:.0f} printed + {lost:.0f} lost, but {made:.0f} calls")
            return {"speed": printed / (written - began / 1e9), "lost": lost, "unaccounted": made - printed - lost,
                    "offered": made / took * 1e9, "printed": printed}

    @staticmethod
    def wait_written(file, tracer):
        """When the file was written last, in seconds since 1970: it has not grown for a while."""
        size, since = -1, time.monotonic()
        while time.monotonic() - since < 2 * SETTLE:
            status = os.fstat(file.fileno())
            if status.st_size != size:
                size, since = status.st_size, time.monotonic()
            if tracer.elapsed() > tracer.timeout:
                tracer.fail("does not cease to print")
            time.sleep(0.01)
        return status.st_mtime_ns / 1e9

    @staticmethod
    def count(file, tracer):
        """Lines printed, and how many records the program says it lost."""
        file.seek(0)
        text = file.read()
        printed = len(re.findall(rb"^\d+ benchload$", text, re.M))
        others = re.sub(rb"^\d+ benchload\n", b"", text, flags=re.M).decode(errors="replace")
        if tracer.side.ours and others.strip():
            tracer.fail(f"strange output: {others[:200]!r}")
        return printed, sum(map(int, re.findall(r"Lost (\d+)", others + tracer.message())))


def limits(count):
    """Environment for maps of so many keys. The variable has been renamed since the package's release."""
    return {"BPFTRACE_MAX_MAP_KEYS": str(count), "BPFTRACE_MAP_KEYS_MAX": str(count)}


class Keys(Group):
    """A map of a million keys, printed at the end into a file."""
    name = "million-keys"
    pairs = 2
    COUNT = 1000000
    TIMEOUT = 300  # seconds: the package takes half a minute
    figures = [Figure("prompt", "a million keys: signal to prompt", "ms", 0.5),
               Figure("cpu", "  CPU time of that", "ms", 0.5),
               Figure("peak", "  peak memory of what runs", "MB", 100, alone=True)]

    def run(self, side):
        script = f"uprobe:{self.settings.target}:target_hit {{ @[arg0] = count(); }}"
        with tempfile.TemporaryFile() as file, Tracer(side, script, file, environment=limits(self.COUNT),
                                                      timeout=self.TIMEOUT, patience=self.TIMEOUT,
                                                      watch_peak=True) as tracer:
            tracer.wait_attached()
            subprocess.run([self.settings.target, "race", "1", str(self.COUNT)], check=True)
            used, began = tracer.cpu(), tracer.elapsed()
            tracer.interrupt()
            prompt = tracer.wait() - began
            file.seek(0)
            lines = len(re.findall(rb"^@\[\d+\]: 1$", file.read(), re.M))
            if lines != self.COUNT:
                tracer.fail(f"{lines} keys were printed")
            return {"prompt": prompt * 1e3, "cpu": (tracer.usage.cpu - used) * 1e3, "peak": tracer.peak / MB}


class Stacks(Group):
    """Different stacks, printed at the end into a file. Memory is measured in a run of its own, which that makes
    slower: from the end of the load on, and over the whole run, in which a program may have been compiled."""
    pairs = 3
    TIMEOUT = 120

    def script(self, side):
        raise NotImplementedError

    def load(self, tracer):
        """A context: what makes the stacks; it has done so when it is entered."""
        raise NotImplementedError

    def environment(self, side):
        return limits(self.KEYS)

    def traced(self, side, watch_all):
        """One run: seconds from the signal to the prompt, CPU time of that, peaks, and what was printed."""
        with tempfile.TemporaryFile() as file, \
                Tracer(side, self.script(side), file, environment=self.environment(side), timeout=self.TIMEOUT,
                       patience=self.TIMEOUT, watch_all=watch_all) as tracer:
            tracer.wait_attached()
            whole, tracer.peak = tracer.peak, 0
            with self.load(tracer):
                time.sleep(SETTLE)
                used, began = sum(map(cpu_time, descendants(tracer.process.pid))), tracer.elapsed()
                tracer.interrupt()
                prompt = tracer.wait() - began
            file.seek(0)
            return {"prompt": prompt * 1e3, "cpu": (tracer.usage.cpu - used) * 1e3, "peak": tracer.peak / MB,
                    "whole": max(whole, tracer.peak) / MB, "stacks": self.check(tracer, file.read().decode())}

    def check(self, tracer, text):
        """Returns how many stacks were printed."""
        raise NotImplementedError


class UserStacks(Stacks):
    """Of 30 frames and those of the C library before, along paths through 50 libraries. The package loses stacks
    whose numbers collide, leaves the caller of the probed function out, and reads symbols again for each frame unless
    it is asked to keep them."""
    name = "user-stacks"
    COUNT, DEPTH = 10000, 27
    KEYS = 16384
    figures = [Figure("prompt", "10,000 user stacks in 50 libraries: signal to prompt", "ms", 0.5),
               Figure("cpu", "  CPU time of that", "ms", 0.5),
               Figure("peak", "  peak memory of all its processes from then on", "MB", 0.25),
               Figure("whole", "  the same of the whole run", "MB")]

    def script(self, side):
        return f"uprobe:{self.settings.program}:stack_end {{ @[ustack] = count(); }}"

    def environment(self, side):
        return limits(self.KEYS) | ({} if side.ours else {"BPFTRACE_CACHE_USER_SYMBOLS": "1"})

    @contextlib.contextmanager
    def load(self, tracer):
        command = [self.settings.program, "paths", *map(str, (self.settings.cpu, self.COUNT, self.DEPTH))]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as load:
            load.stdout.readline()
            yield
            load.stdin.close()

    def check(self, tracer, text):
        stacks = re.findall(r"^@\[\n *stack_end\+0\n((?: *step_\d\d_\d\d\+\d+\n)+) *path_walk\+", text, re.M)
        whole = sum(stack.count("\n") >= self.DEPTH - (not tracer.side.ours) for stack in stacks)
        if tracer.side.ours and (whole != self.COUNT or len(set(stacks)) != self.COUNT):
            tracer.fail(f"{whole} whole stacks, {len(set(stacks))} different ones were printed")
        if whole < self.COUNT * 0.9:
            tracer.fail(f"{whole} whole stacks were printed")
        return whole

    def run(self, side):
        found = self.traced(side, False)
        measured = self.traced(side, True)
        return found | {key: measured[key] for key in ("peak", "whole")}


class KernelStacks(Stacks):
    """As many as sampling finds; how long 10,000 of them would take."""
    name = "kernel-stacks"
    KEYS = 65536
    RATE, SECONDS = 9999, 8
    figures = [Figure("prompt", "kernel stacks: signal to prompt, for 10,000", "ms", 0.3),
               Figure("cpu", "  CPU time of that", "ms", 0.3),
               Figure("stacks", "  stacks that were found", "")]

    def script(self, side):
        return f"profile:hz:{self.RATE} {{ @[kstack] = count(); }}"

    @contextlib.contextmanager
    def load(self, tracer):
        subprocess.run([Path(__file__).parent / "kernelload", str(self.SECONDS)], check=True)
        yield

    def check(self, tracer, text):
        named, bare = len(re.findall(r"^ +[a-z_]\S*\+\d+", text, re.M | re.I)), len(re.findall("^ +0x", text, re.M))
        if bare > named / 100:
            tracer.fail(f"{bare} of {bare + named} frames have no names")
        return len(re.findall(r"^@\[\n", text, re.M))

    def run(self, side):
        found = self.traced(side, False)
        return found | {key: found[key] / found["stacks"] * 10000 for key in ("prompt", "cpu")}


class StackCount(Group):
    """What counting stacks of 30 frames adds to a system call, beside a program that is written by hand."""
    name = "cost-ustack"
    ROUNDS, CALLS, DEPTH = 41, 2000, 27
    SCRIPT = "rawtracepoint:sys_enter { @[ustack] = count(); }"
    figures = [Figure("added", "cost-ustack, beside bpf_get_stackid by hand: added", "ns", 1.05),
               Figure("programs", "  its BPF programs, as the kernel measures", "ns", 1.05)]

    def calls(self):
        return self.settings.load("deep-calls", self.ROUNDS, self.CALLS, self.DEPTH)[0]

    def measure(self, programs):
        """Nanoseconds of a call, and of the programs for it."""
        took, measuring = self.calls(), bpf.stats_on()
        try:
            before = [bpf.run_stats(number) for number in programs]
            self.calls()
            after = [bpf.run_stats(number) for number in programs]
        finally:
            os.close(measuring)
        spent, runs = (sum(a[i] - b[i] for a, b in zip(after, before)) for i in (0, 1))
        return took, spent / runs

    def run(self, side):
        base = self.calls()
        if not side.ours:
            with handwritten.StackCounter() as counter:
                took, programs = self.measure(counter.programs)
                if not counter.counted():
                    raise Wrong("the program written by hand counted nothing", side)
            return {"added": took - base, "programs": programs}
        with Tracer(side, self.SCRIPT, environment=limits(65536)) as tracer:
            tracer.wait_attached()
            took, programs = self.measure(tracer.programs)
            tracer.interrupt()
            tracer.wait()
            counts = map(int, re.findall(rb"^\]: (\d+)$", tracer.stdout, re.M))
            if max(counts, default=0) < self.ROUNDS * self.CALLS:
                tracer.fail("counted less calls than were made")
        return {"added": took - base, "programs": programs}


class SystemCalls:
    """Events in a system call that the benchmark makes: counted at the one, ended at the other."""
    ENDING = f"tracepoint:syscalls:sys_enter_getpgid /pid == {os.getpid()}/ {{ exit(); }}"

    @staticmethod
    def count():
        os.getppid()

    @staticmethod
    def end():
        os.getpgid(0)


class Functions:
    """Calls of functions of the library: the first 200 are counted, the next one ends the run."""
    COUNT = 200

    def __init__(self, library):
        self.path, self.library = library, ctypes.CDLL(library)

    def names(self):
        return [f"many_{number:03}" for number in range(self.COUNT)]

    def count(self):
        for name in self.names():
            self.library[name]()

    def end(self):
        self.library[f"many_{self.COUNT}"]()

    def check(self, tracer):
        for name in self.names():
            tracer.output_number(rf"^@\[uprobe:.*:{name}\]: (\d+)")


def groups(settings):
    calls, functions = SystemCalls(), Functions(settings.library)
    library = f"uprobe:{functions.path}"
    ending = f"{library}:many_{functions.COUNT} {{ exit(); }}"
    enter, leave = "tracepoint:raw_syscalls:sys_enter", "tracepoint:raw_syscalls:sys_exit"
    return [
        Startup(settings),
        StartupHeader(settings),
        Count(settings),
        Listing(settings, "list-all", ["-l"], b"tracepoint:sched:sched_switch",
                [Figure("cpu", "list of all probes: CPU", "ms", 0.4)]),
        Listing(settings, "list-struct", ["-lv", "struct task_struct"], b"struct task_struct {",
                [Figure("cpu", "definition of a struct: CPU", "ms", 30, alone=True)]),
        Compile(settings),
        DebugInformation(settings),
        Exit(settings, "exit-tracepoint", "tracepoint:sched:sched_switch { @[pid] = count(); } " + calls.ENDING, calls),
        Exit(settings, "exit-uprobe", f"{library}:many_000 {{ @[pid] = count(); }} {ending}", functions),
        Whole(settings, "all-syscalls", "syscalls:sys_enter_* { @ = count(); }",
              "tracepoint:syscalls:sys_enter_* { @ = count(); } " + calls.ENDING, 0.02, calls,
              lambda tracer: tracer.output_number(r"^@: (\d+)")),
        Whole(settings, "uprobes", "200 uprobes of one library",
              f"{library}:many_0*,{library}:many_1* {{ @[probe] = count(); }} {ending}", 0.05, functions, functions.check),
        Cost(settings, "cost-count", enter + " { @ = count(); }", 0.7, r"^@: (\d+)"),
        Cost(settings, "cost-pid", enter + " { @[pid] = count(); }", 0.8, r"^@\[\d+\]: (\d+)\n\Z"),
        Cost(settings, "cost-comm", enter + " { @[comm] = count(); }", 0.8, r"^@\[benchload\]: (\d+)"),
        Cost(settings, "cost-hist", enter + " { @ = hist(args.id); }", 0.8, r"^\[128, 256\) +(\d+)"),
        Cost(settings, "cost-latency", f"{enter} {{ @start[tid] = nsecs; }} {leave} /@start[tid]/ "
             "{ @ns = hist(nsecs - @start[tid]); delete(@start[tid]); }", 0.8, r"^\[\d+, \d+\) +(\d{6,})"),
        Printing(settings, "printf", 0, [
            Figure("speed", "printf at full speed", "lines/s", 4, least=True),
            Figure("lost", "  reported lost", "records"),
            Figure("unaccounted", "  neither printed nor reported", "records", 0, alone=True)]),
        Printing(settings, "printf-million", 1000000, [
            Figure("lost", "printf, a million lines a second offered: lost", "records", 0, alone=True),
            Figure("printed", "  printed", "lines"),
            Figure("offered", "  really offered", "lines/s")]),
        Keys(settings),
        UserStacks(settings),
        KernelStacks(settings),
        StackCount(settings),
    ]
