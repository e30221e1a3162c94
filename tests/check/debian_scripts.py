# SPDX-License-Identifier: Apache-2.0
"""The scripts of Debian's package bpftrace, compiled for a machine whose files were captured."""
import subprocess
from pathlib import Path

import roots

# What the scripts name on this machine, which stands for the programs of the traced one.
BORROWED = [Path(name) for name in ["/bin/bash", "/etc/ld.so.cache",
                                    *roots.libraries("libc.so.6", "libpthread.so.0", "libssl.so.3", "libcrypto.so.3")]]


def find():
    """The scripts of the package; none when it is not installed."""
    done = subprocess.run(["dpkg-query", "-L", "bpftrace"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return sorted(Path(line) for line in done.stdout.splitlines() if line.endswith(".bt") and Path(line).is_file())


def compile_script(compiler, root, script, output):
    """Status, and what was said but warnings."""
    done = subprocess.run([compiler, "--root", root, "--unsafe", "--no-warnings", "-o", output, script], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120, check=False)
    return done.returncode, done.stdout
