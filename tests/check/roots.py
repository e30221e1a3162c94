# SPDX-License-Identifier: Apache-2.0
"""The files of other kernels that scripts are compiled for: captured from virtual machines (tests/vm/capture)."""
import shutil
import subprocess

import report

ROOTS = report.TOP / "tests/work/roots"
NEEDED = "no kernel's files are captured: tests/vm/capture"


def kernels():
    """Names of the kernels whose files are complete."""
    return [path.name for path in sorted(ROOTS.glob("*")) if (path / "proc/kallsyms").exists()]


def make(kernel, top, borrowed):
    """A copy of the captured files below top, with files of this machine that stand for the other one's programs."""
    root = top / kernel
    shutil.copytree(ROOTS / kernel, root, symlinks=True, ignore=lambda path, names: [name for name in names if name == "work"])
    for source in borrowed:
        if source.exists():
            target = root / str(source)[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    return root


def libraries(*names):
    """Where Debian has these libraries on this machine."""
    machine = subprocess.run(["uname", "-m"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    return [f"/lib/{machine}-linux-gnu/{name}" for name in names]
