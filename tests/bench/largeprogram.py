# SPDX-License-Identifier: Apache-2.0
"""A program with 500 MB of debug information, in hundreds of units of which one has the function `needle`. It is made
once, which takes minutes, and kept in tests/work."""
import os
import subprocess
import tempfile
from pathlib import Path

WORK = Path(__file__).resolve().parent.parent / "work"
UNITS = 350  # besides that of the needle, each of 1.4 MB
TYPES = 12000
NEEDLE = """
struct deep { int first; const char *name; struct deep *next; };
__attribute__((noinline)) int needle(struct deep *from, int key, const char *text)
{
	__asm__ volatile("" : : "r"(from), "r"(text));
	return key;
}
int main(void) { struct deep one = {7, "seven", 0}; return needle(&one, 42, "forty-two") != 42; }
"""


def unit():
    """A source file of many types and functions."""
    lines = ["typedef unsigned long word;"]
    for i in range(TYPES):
        lines.append(f"struct s{i} {{ int a{i}; const char *b{i}; struct s{max(0, i - 1)} *previous; "
                     f"union {{ int x{i}; word y{i}; }}; short z{i}[{i % 7 + 1}]; }};")
        if i % 8 == 0:
            lines.append(f"int f{i}(struct s{i} *one, int two, const char *three) {{ return one->a{i} + two + *three; }}")
    return "\n".join(lines) + "\n"


def build(folder, path):
    """The same unit many times, with other names of functions: to compile each would take an hour."""
    (folder / "unit.c").write_text(unit(), encoding="utf-8")
    (folder / "needle.c").write_text(NEEDLE, encoding="utf-8")
    for name in ("unit", "needle"):
        subprocess.run(["cc", "-g", "-O0", "-c", f"{name}.c"], cwd=folder, check=True)
    objects = []
    for number in range(UNITS):
        objects.append(f"u{number}.o")
        subprocess.run(["objcopy", f"--prefix-symbols=p{number}_", "unit.o", objects[-1]], cwd=folder, check=True)
    objects.insert(UNITS // 2, "needle.o")
    subprocess.run(["cc", "-o", path, *objects], cwd=folder, check=True)


def make():
    """The path of the program."""
    path = WORK / "largeprogram"
    if not path.exists():
        WORK.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            build(Path(folder), f"{folder}/program")
            os.rename(f"{folder}/program", path)
    return path


def evict(path):
    """Drops the file from the page cache."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def resident(path):
    """Bytes of it in the page cache."""
    done = subprocess.run(["fincore", "--bytes", "--noheadings", "--output", "RES", path], stdout=subprocess.PIPE,
                          check=True)
    return int(done.stdout)
