# SPDX-License-Identifier: Apache-2.0
"""Functions of the language, as expressions."""
from dataclasses import dataclass
from typing import Any

from language import BOOL, INT64, MAX_STRLEN, UINT64, Literal, Map, Str, wrap


@dataclass
class Strncmp:
    """Whether the first count bytes of two strings differ."""
    left: Any
    right: Any
    count: int

    def text(self):
        return f"(strncmp({self.left.text()}, {self.right.text()}, {self.count}) != 0)"

    def type(self, slots):
        self.left.type(slots)
        self.right.type(slots)
        return INT64

    def value(self, run):
        return int(self.left.value(run)[:self.count] != self.right.value(run)[:self.count])


@dataclass
class Contains:
    haystack: Any
    needle: Any

    def text(self):
        return f"strcontains({self.haystack.text()}, {self.needle.text()})"

    def type(self, slots):
        self.haystack.type(slots)
        self.needle.type(slots)
        return BOOL

    def value(self, run):
        return int(self.needle.value(run) in self.haystack.value(run))


@dataclass
class StringLength:
    operand: Any

    def text(self):
        return f"strlen({self.operand.text()})"

    def type(self, slots):
        self.operand.type(slots)
        return INT64

    def value(self, run):
        return len(self.operand.value(run))


@dataclass
class Cut:
    """The beginning of a string. The length counts the NUL, as that of a type does."""
    operand: Any
    length: Any

    def text(self):
        return f"str({self.operand.text()}, {self.length.text()})"

    def type(self, slots):
        self.operand.type(slots)
        self.length.type(slots)
        return Str(max(self.length.number, 1)) if isinstance(self.length, Literal) else Str(MAX_STRLEN)

    def value(self, run):
        string, length = self.operand.value(run), wrap(self.length.value(run), UINT64)
        return string[:max(length - 1, 0)]


@dataclass
class SizeOf:
    operand: Any  # an integer

    def text(self):
        return f"sizeof({self.operand.text()})"

    def type(self, slots):
        self.operand.type(slots)
        return UINT64

    def value(self, run):
        return self.operand.type(run.slots).size


@dataclass
class HasKey:
    name: str
    key: Any

    def text(self):
        return f"has_key({self.name}, {self.key.text()})"

    def type(self, slots):
        slots.grow(slots.keys, self.name, self.key.type(slots))
        return BOOL

    def value(self, run):
        return int(Map(self.name, self.key).place(run) in run.maps.get(self.name, {}))


@dataclass
class Length:
    """How many elements a map has."""
    name: str

    def text(self):
        return f"len({self.name})"

    def type(self, slots):
        return INT64

    def value(self, run):
        return len(run.maps.get(self.name, {}))
