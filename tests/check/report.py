# SPDX-License-Identifier: Apache-2.0
"""What the checks of this folder share: their options, the files of the tree, and how they report."""
import argparse
import subprocess
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent


class Report:
    """Collects what is wrong, under names; each name becomes one line `ok NAME` or `not ok NAME`."""

    def __init__(self):
        self.results = {}
        self.skips = {}
        self.notes = []

    def begin(self, name):
        """From now on a check of this name runs; without complaints it is ok."""
        self.results.setdefault(name, [])
        return lambda complaint: self.results[name].append(complaint)

    def skip(self, name, reason):
        self.results.setdefault(name, [])
        self.skips[name] = reason

    def note(self, text):
        self.notes.append(text)

    def finish(self):
        for note in self.notes:
            print(f"# {note}")
        for name, complaints in self.results.items():
            skip = f" # SKIP {self.skips[name]}" if name in self.skips and not complaints else ""
            print(f"{'not ok' if complaints else 'ok'} {name}{skip}")
            for complaint in complaints:
                print(f"#   {complaint}")
        return 1 if any(self.results.values()) else 0


def parse_options(doc, *more):
    """The options that every check takes, so that `run` can hand the same ones to all of them."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--build", type=Path, default=TOP / "build-release", help="build folder that is tested, build-release by default")
    parser.add_argument("--long", action="store_true", help="take the time that a complete check needs")
    for name, arguments in more:
        parser.add_argument(name, **arguments)
    options = parser.parse_args()
    options.build = options.build.resolve()
    return options


def tracked(*patterns, top=TOP):
    """Files of the tree that git knows or would take up, as paths from the top."""
    command = ["git", "-C", str(top), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    names = {name for name in done.stdout.decode().split("\0") if name}
    return sorted(name for name in names if (top / name).is_file())


def make_repository(top):
    """Lets `tracked` see the files of a scratch tree."""
    subprocess.run(["git", "init", "-q", str(top)], check=True)
