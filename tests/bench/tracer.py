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

TIMEOUT = 90
POLL = 0.0005


class Wrong(Exception):
    """A program failed, or did something else than it was asked for."""


class Usage:
    def __init__(self, rusage):
        self.cpu = rusage.ru_utime + rusage.ru_stime  # with the children it waited for: the compiler
        self.largest = rusage.ru_maxrss * 1024        # of the largest process among them


class Tracer:
    def __init__(self, side, script, stdout=None):
        self.side, self.script, self.file = side, script, stdout
        self.programs, self.links, self.hashes = set(), set(), set()
        self.stdout, self.peak, self.usage, self.ended, self.pidfd = b"", 0, None, None, None
        self.errors = tempfile.TemporaryFile()

    def __enter__(self):
        env = {name: value for name, value in os.environ.items() if not name.startswith("BPFTRACE_")}
        words = [self.side.program, "-e", self.side.spell(self.script)]
        self.started = time.monotonic()
        self.process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self.file or subprocess.PIPE,
                                        stderr=self.errors, env=env, start_new_session=True)
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

    def message(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def fail(self, why):
        raise Wrong(f"{self.side.name}: {why}\nscript: {self.script}\n{self.message()}")

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

    def wait_counted(self):
        """Until a keyed map has its first element; returns the seconds since the start."""
        while not any(bpf.map_has_key(number) for number in self.hashes):
            if not self.hashes:
                self.look()
            if self.elapsed() > TIMEOUT or self._gone():
                self.fail("counted nothing")
            time.sleep(POLL)
        return self.elapsed()

    def _gone(self):
        return self._proc("stat").rpartition(")")[2].split()[:1] in ([], ["Z"])

    def children(self):
        """Names of processes that it started and that still run."""
        pids = self._proc(f"task/{self.process.pid}/children").split()
        names = []
        for pid in pids:
            try:
                with open(f"/proc/{pid}/comm", encoding="utf-8") as file:
                    names.append(file.read().strip())
            except OSError:
                pass
        return names

    def measure_peak(self):
        """Peak resident memory of the program alone, in bytes; grows until it has ended."""
        found = re.search(r"^VmHWM:\s+(\d+) kB", self._proc("status"), re.M)
        if found:
            self.peak = max(self.peak, int(found[1]) * 1024)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)

    def wait(self, trigger=None, watch_peak=False):
        """Until standard output is at its end and the program is waited for; returns the seconds
        since the start. Calls trigger again and again meanwhile."""
        poller = select.poll()
        if self.file is None:
            poller.register(self.process.stdout, select.POLLIN)
        open_end = self.file is None
        while open_end:
            if poller.poll(1 if trigger or watch_peak else 1000):
                data = os.read(self.process.stdout.fileno(), 1 << 20)
                self.stdout += data
                open_end = bool(data)
            if trigger:
                trigger()
            if watch_peak:
                self.measure_peak()
            if self.elapsed() > TIMEOUT:
                self.fail("did not end")
        self._reap()
        return self.ended - self.started

    def _reap(self):
        deadline = time.monotonic() + TIMEOUT
        while True:
            # A file as output has no end to wait for: then the wait itself is asked, with a limit.
            pid, status, rusage = os.wait4(self.process.pid, 0 if self.file is None else os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                self.fail("did not end")
            time.sleep(POLL)
        self.ended = time.monotonic()
        self.usage = Usage(rusage)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        if self.process.returncode:
            self.fail(f"status {self.process.returncode}")

    def wait_gone(self):
        """Until nothing of it is left in the kernel; returns the seconds since the start."""
        while any(map(bpf.program_exists, self.programs)) or any(map(bpf.link_exists, self.links)):
            if self.elapsed() > TIMEOUT:
                self.fail("left programs or links in the kernel")
            time.sleep(POLL * 4)
        return self.elapsed()
