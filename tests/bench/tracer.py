# SPDX-License-Identifier: Apache-2.0
"""One run of a tracing program, ours or the package's: started, watched and ended the same way.

What belongs to the program in the kernel is known from its descriptors (/proc/PID/fdinfo), so that
other users of BPF on the machine do not disturb. Its standard output is a pipe or a file; standard
error goes to a file. Everything is killed when the context is left.
"""
import os
import re
import select
import signal
import subprocess
import tempfile
import time

import bpf

TIMEOUT = 60   # seconds for one run, where nothing else is said
PATIENCE = 2   # seconds until the package is reminded of a signal
POLL = 0.0005  # seconds between two looks at something that has no event
PR_SET_CHILD_SUBREAPER = 36
ATTACHED = "__BPFTRACE_NOTIFY_PROBES_ATTACHED"


class Wrong(Exception):
    """A program failed, or did something else than it was asked for."""

    def __init__(self, message, side=None):
        super().__init__(message)
        self.side = side


class Usage:
    """What the kernel says of a process that ended."""

    def __init__(self, rusage):
        self.cpu = rusage.ru_utime + rusage.ru_stime  # with the children it waited for: the compiler
        self.largest = rusage.ru_maxrss * 1024        # of the largest process among them


class Tracer:
    def __init__(self, side, script, stdout=None, timeout=TIMEOUT, watch_peak=False, environment=None,
                 patience=PATIENCE, watch_all=False):
        self.side, self.script, self.file, self.timeout = side, script, stdout, timeout
        self.environment, self.patience = environment or {}, patience
        self.watch_peak, self.watch_all = watch_peak or watch_all, watch_all  # the peak of one process, or of all
        self.errors = tempfile.TemporaryFile()
        self.programs, self.links, self.hashes = set(), set(), set()  # ids
        self.process = self.interrupted = self.ended = self.usage = None
        self.stdout, self.peak = b"", 0

    def __enter__(self):
        env = {name: value for name, value in os.environ.items() if not name.startswith("BPFTRACE_")}
        env.update(self.environment, **{ATTACHED: "1"})
        words = [self.side.program, "-e", self.side.spell(self.script)]
        self.started = time.monotonic()
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.file or subprocess.PIPE,
                                        stderr=self.errors, env=env, process_group=0)
        return self

    def __exit__(self, *_):
        if self.usage is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        self.errors.close()

    def elapsed(self):
        return time.monotonic() - self.started

    def cpu(self):
        """Seconds of CPU time up to now, the compiler's included."""
        return cpu_time(self.process.pid)

    def message(self):
        # Not by seek and read: the program writes at the same position of the same open file.
        return os.pread(self.errors.fileno(), 1 << 20, 0).decode(errors="replace")

    def fail(self, why):
        raise Wrong(f"{self.side.name}: {why}\nscript: {self.script}\n{self.message()}", self.side)

    def _proc(self, name):
        try:
            with open(f"/proc/{self.process.pid}/{name}", encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return ""

    def look(self):
        """Learns the ids of what the program holds now."""
        try:
            names = os.listdir(f"/proc/{self.process.pid}/fdinfo")
        except OSError:
            return
        for name in names:
            info = dict(line.split(":", 1) for line in self._proc("fdinfo/" + name).splitlines() if ":" in line)
            for key, known in (("prog_id", self.programs), ("link_id", self.links)):
                if key in info:
                    known.add(int(info[key]))
            if "map_id" in info and int(info["map_type"]) in bpf.HASH_TYPES:
                self.hashes.add(int(info["map_id"]))

    def _pause(self, complaint):
        """Until the next look at something that is to come; fails when it comes no more."""
        if self.elapsed() > self.timeout or self._proc("stat").rpartition(")")[2].split()[:1] in ([], ["Z"]):
            self.fail(complaint)
        if self.watch_all:
            self._measure_peak()
        time.sleep(POLL)

    def wait_counted(self, event=lambda: None):
        """Until a keyed map has its first element; returns the seconds since the start. Calls event,
        which is to be counted, again and again."""
        while not any(map(bpf.map_has_key, self.hashes)):
            if not self.hashes:
                self.look()
            event()
            self._pause("counted nothing")
        return self.elapsed()

    def wait_attached(self):
        """Until all is attached; learns the ids of what there is then."""
        while ATTACHED not in self.message():
            self._pause("never attached")
        self.look()

    def children(self):
        """How many processes that it started are still there."""
        return len(self._proc(f"task/{self.process.pid}/children").split())

    def _measure_peak(self):
        """Peak resident memory of the program alone, or of all its processes, in bytes; grows until it has ended."""
        if self.watch_all:
            self.peak = max(self.peak, sum(map(proportional_size, descendants(self.process.pid))))
            return
        found = re.search(r"^VmHWM:\s+(\d+) kB", self._proc("status"), re.M)
        if found:
            self.peak = max(self.peak, int(found[1]) * 1024)

    def output_number(self, pattern):
        """The number that the output has at the group of the pattern."""
        text = self.stdout.decode(errors="replace")
        found = re.search(pattern, text, re.M)
        if not found:
            self.fail(f"no {pattern} in the output: {text[:1000]}")
        return int(found[1])

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        self.interrupted = time.monotonic()

    def _remind(self):
        """The package at times goes on waiting for events although it got the signal."""
        if self.interrupted and not self.side.ours and time.monotonic() - self.interrupted > self.patience:
            self.interrupt()

    def wait(self):
        """Until standard output is at its end and the program is waited for; returns the seconds
        since the start. The peak is followed where peaks are asked for."""
        poller = select.poll()
        if self.process.stdout:
            poller.register(self.process.stdout, select.POLLIN)
        at_end = not self.process.stdout
        while not at_end:
            if poller.poll(1 if self.watch_peak else 1000):
                data = os.read(self.process.stdout.fileno(), 1 << 20)
                self.stdout += data
                at_end = not data
            if self.watch_peak:
                self._measure_peak()
            self._remind()
            if self.elapsed() > self.timeout:
                self.fail("did not end")
        while self.watch_peak and not os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            self._measure_peak()
            time.sleep(POLL)
        self._reap()
        return self.ended - self.started

    def _reap(self):
        pid = 0
        while not pid:
            pid, status, rusage = os.wait4(self.process.pid, os.WNOHANG)
            if not pid and self.elapsed() > self.timeout:
                self.fail("did not end")
            if not pid:
                self._remind()
                time.sleep(POLL / 2)
        self.ended = time.monotonic()
        self.usage = Usage(rusage)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode:
            self.fail(f"status {self.process.returncode}")

    def wait_gone(self):
        """Until no link of it is left in the kernel, nor a process that it left behind to close them;
        returns the seconds since the start."""
        while any(map(bpf.link_exists, self.links)) or orphans():
            self._left("links")
        return self.elapsed()

    def wait_freed(self):
        """Until its programs are freed too, which the kernel does some time after the last use."""
        while any(map(bpf.program_exists, self.programs)):
            self._left("programs")
        return self.elapsed()

    def _left(self, what):
        if self.elapsed() > self.timeout:
            self.fail(f"left {what} in the kernel")
        time.sleep(POLL)


def descendants(pid):
    """The process and all that it has started."""
    found = [pid]
    for parent in found:
        try:
            with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as file:
                found += map(int, file.read().split())
        except OSError:
            pass
    return found


def cpu_time(pid):
    """Seconds that a process has used, and those of its children that it waited for."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            words = file.read().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, words[11:15])) / os.sysconf("SC_CLK_TCK")


def proportional_size(pid):
    """Resident bytes of a process, where several share them its part; 0 of one that has ended."""
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            return int(re.search(r"^Pss:\s+(\d+) kB", file.read(), re.M)[1]) * 1024
    except (OSError, TypeError):
        return 0


def adopt_orphans():
    """Processes that a tracer leaves behind become children of this one."""
    bpf.libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def orphans():
    """Whether there are any; only to be asked when no other child runs."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True
