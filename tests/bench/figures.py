# SPDX-License-Identifier: Apache-2.0
"""What is measured. A group is one way of running both programs; each run of it gives values for
the figures that the group lists.
"""
from tracer import Tracer, Wrong


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

    def run(self, side):
        with Tracer(side, "BEGIN { exit(); }") as tracer:
            wall = tracer.wait()
            return {"wall": wall * 1e3, "cpu": tracer.usage.cpu * 1e3}


GROUPS = [Startup]
