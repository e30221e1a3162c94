# SPDX-License-Identifier: Apache-2.0
"""The language once more, small: expressions that know their text, their types and what they do.

Written from the guide and the man page, not from the compiler. Every expression has text(), type(slots)
and value(run). Values are int, str, tuple and bytes (of an array). Types are found as the language does it: a variable, map value or map key is a slot
that grows to hold all that is put into it.
"""
from dataclasses import dataclass, field
from typing import Any


# ---- types ----

@dataclass(frozen=True)
class Int:
    size: int
    signed: bool
    declared: int = 0  # bytes that printf shows of one that was widened, 8: of a literal; 0: it was not

    def __str__(self):
        return f"{'' if self.signed else 'u'}int{self.size * 8}"


@dataclass(frozen=True)
class Str:
    size: int


@dataclass(frozen=True)
class Tuple:
    elements: tuple


@dataclass(frozen=True)
class Array:
    element: Int
    count: int

    def __str__(self):
        return f"{self.element}[{self.count}]"


INT64, UINT64 = Int(8, True), Int(8, False)
BOOL = Int(1, False, 1)
NUMBER = Int(8, True, 8)  # gives way to UINT64, which gives way to INT64
MAX_STRLEN = 64


def wrap(value, kind):
    """The value that is kept in the bits of an integer type."""
    bits = kind.size * 8
    value &= (1 << bits) - 1
    return value - (1 << bits) if kind.signed and value >> (bits - 1) else value


def promote(kind):
    """Operators work on 64 bits."""
    if kind.signed:
        return NUMBER if kind.declared else INT64
    return UINT64 if kind.size == 8 else NUMBER


def widen(kind):
    """Maps keep integers in 64 bits."""
    return kind if kind.size == 8 else Int(8, True, kind.size)


def common(a, b):
    kinds = [promote(kind) for kind in (a, b) if kind]
    return max(kinds, key=[NUMBER, UINT64, INT64].index)


def join_integers(a, b):
    """The narrowest type that has all values of both, or int64."""
    if a == b:
        return a
    if a.signed == b.signed:
        return NUMBER if a.signed and a.declared and b.declared else Int(max(a.size, b.size), a.signed)
    signed, unsigned = (a, b) if a.signed else (b, a)
    if signed.declared:
        return UINT64 if unsigned.size == 8 else signed
    if unsigned.size == 8:
        return INT64
    return Int(max(signed.size, unsigned.size * 2), True)


def join(a, b):
    if a is None or b is None:
        return a or b
    if isinstance(a, Int):
        return join_integers(a, b)
    if isinstance(a, Str):
        return Str(max(a.size, b.size))
    if isinstance(a, Tuple):
        return Tuple(tuple(map(join, a.elements, b.elements)))
    assert a == b
    return a


def convert(value, kind):
    if isinstance(kind, Int):
        return wrap(value, kind)
    if isinstance(kind, Tuple):
        return tuple(map(convert, value, kind.elements))
    return value


def zero(kind):
    if isinstance(kind, Tuple):
        return tuple(map(zero, kind.elements))
    return "" if isinstance(kind, Str) else 0


# ---- state ----

@dataclass
class Slots:
    """Types of what is named. A map has two: of its keys and of its values."""
    variables: dict = field(default_factory=dict)
    keys: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    declared: set = field(default_factory=set)  # variables whose type does not grow

    def grow(self, where, name, kind):
        if kind and name not in self.declared:
            where[name] = join(where.get(name), kind)


@dataclass
class Run:
    """One run of a program: what its variables and maps hold, and the lines it printed."""
    slots: Slots
    variables: dict = field(default_factory=dict)
    maps: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)
    steps: int = 0

    def step(self):
        self.steps += 1
        if self.steps > 100000:
            raise RecursionError("a program that does not end")


# ---- expressions ----

@dataclass
class Literal:
    number: int  # not negative
    spelling: str = ""

    def text(self):
        return self.spelling or str(self.number)

    def type(self, slots):
        return NUMBER if self.number < 1 << 63 else UINT64

    def value(self, run):
        return self.number


@dataclass
class Text:
    string: str

    def text(self):
        escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
        return '"' + "".join(escapes.get(c, c) for c in self.string) + '"'

    def type(self, slots):
        return Str(len(self.string.encode()) + 1)

    def value(self, run):
        return self.string


@dataclass
class Parameter:
    """$1, or str($1)."""
    index: int
    given: Any

    def text(self):
        return f"str(${self.index})" if isinstance(self.given, str) else f"${self.index}"

    def type(self, slots):
        if isinstance(self.given, str):
            return Str(len(self.given) + 1)
        return NUMBER if self.given >= 0 else INT64

    def value(self, run):
        return self.given


@dataclass
class Variable:
    name: str

    def text(self):
        return self.name

    def type(self, slots):
        return slots.variables.get(self.name)

    def value(self, run):
        return run.variables[self.name]

    def assign(self, run, value):
        run.variables[self.name] = convert(value, run.slots.variables[self.name])

    def grow(self, slots, kind):
        slots.grow(slots.variables, self.name, kind)


AGGREGATIONS = ["count", "sum", "min", "max", "avg"]


@dataclass
class Tally:
    """The values that an aggregation was updated with, and their result, one number: an expression and the end read it. The total of an
    average of unsigned values may take more than 64 bits."""
    how: str
    kind: Any
    values: list = field(default_factory=list)

    def number(self):
        total = wrap(sum(self.values), self.kind)
        average = divide(total if self.kind.signed else sum(self.values), len(self.values))
        return {"count": len(self.values), "sum": total, "min": min(self.values), "max": max(self.values),
                "avg": average}[self.how]

    def __str__(self):
        return str(self.number())


def readable(kept):
    return kept.number() if isinstance(kept, Tally) else kept


@dataclass
class Map:
    name: str
    key: Any = None  # an expression

    def text(self):
        if not self.key:
            return self.name
        key = self.key.text()
        several = isinstance(self.key, TupleOf) and self.key.bare
        return f"{self.name}[{key[1:-1] if several else key}]"

    def type(self, slots):
        if self.key:
            slots.grow(slots.keys, self.name, self.key.type(slots))
        return slots.values.get(self.name)

    def place(self, run):
        return convert(self.key.value(run), run.slots.keys[self.name]) if self.key else None

    def value(self, run):
        return self.at(run, self.place(run))

    def at(self, run, place):
        kept = run.maps.get(self.name, {})
        return readable(kept[place]) if place in kept else zero(run.slots.values[self.name])

    def put(self, run, place, value):
        kept = run.maps.setdefault(self.name, {})
        kept[place] = convert(value, run.slots.values[self.name])

    def assign(self, run, value):
        self.put(run, self.place(run), value)

    def grow(self, slots, kind):
        self.type(slots)
        slots.grow(slots.values, self.name, widen(kind) if isinstance(kind, Int) else kind)


@dataclass
class Unary:
    op: str
    operand: Any

    def text(self):
        return f"{self.op}({self.operand.text()})"

    def type(self, slots):
        kind = self.operand.type(slots)
        if self.op != "~" or not kind:
            return BOOL if self.op == "!" else INT64
        return promote(kind) if kind.signed or kind == BOOL else kind

    def value(self, run):
        value = self.operand.value(run)
        if self.op == "!":
            return int(value == 0)
        return wrap(-value if self.op == "-" else ~value, self.type(run.slots))


COMPARISONS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def divide(a, b):
    """Cuts towards 0; by 0 it gives 0."""
    if b == 0:
        return 0
    quotient = abs(a) // abs(b)
    return -quotient if (a < 0) != (b < 0) else quotient


ARITHMETIC = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": divide,
    "%": lambda a, b: a - divide(a, b) * b,  # a % 0 is a
    "&": lambda a, b: a & b,
    "|": lambda a, b: a | b,
    "^": lambda a, b: a ^ b,
}

SHIFTS = {
    "<<": lambda a, b: a << (b & 63),
    ">>": lambda a, b: a >> (b & 63),
}


@dataclass
class Binary:
    op: str
    left: Any
    right: Any

    def text(self):
        return f"({self.left.text()} {self.op} {self.right.text()})"

    def type(self, slots):
        left, right = self.left.type(slots), self.right.type(slots)
        if self.op in COMPARISONS or self.op in ("&&", "||"):
            return BOOL
        if self.op == "-":
            return INT64
        if self.op in SHIFTS:
            return promote(left) if left else INT64
        return common(left, right) if left or right else None

    def value(self, run):
        left = self.left.value(run)
        if self.op == "&&":
            return int(left != 0 and self.right.value(run) != 0)
        if self.op == "||":
            return int(left != 0 or self.right.value(run) != 0)
        return self.apply(run, left, self.right.value(run))

    def apply(self, run, left, right):
        if isinstance(left, (str, bytes)):
            return int(COMPARISONS[self.op](left, right))
        if isinstance(left, tuple):
            shape = join(self.left.type(run.slots), self.right.type(run.slots))
            return int(COMPARISONS[self.op](convert(left, shape), convert(right, shape)))
        if self.op in SHIFTS:
            kind = promote(self.left.type(run.slots))
            return wrap(SHIFTS[self.op](wrap(left, kind), right), kind)
        kind = common(self.left.type(run.slots), self.right.type(run.slots))
        left, right = wrap(left, kind), wrap(right, kind)
        if self.op in COMPARISONS:
            return int(COMPARISONS[self.op](left, right))
        return wrap(ARITHMETIC[self.op](left, right), INT64 if self.op == "-" else kind)


@dataclass
class Ternary:
    condition: Any
    then: Any
    otherwise: Any

    def text(self):
        return f"({self.condition.text()} ? {self.then.text()} : {self.otherwise.text()})"

    def type(self, slots):
        self.condition.type(slots)
        return join(self.then.type(slots), self.otherwise.type(slots))

    def value(self, run):
        arm = self.then if self.condition.value(run) else self.otherwise
        return convert(arm.value(run), self.type(run.slots))


@dataclass
class Cast:
    kind: Int
    operand: Any

    def text(self):
        return f"(({self.kind}){self.operand.text()})"

    def type(self, slots):
        self.operand.type(slots)
        return self.kind

    def value(self, run):
        value = self.operand.value(run)
        if isinstance(value, bytes):
            value = int.from_bytes(value, "little")
        return wrap(value, self.kind)


@dataclass
class ArrayCast:
    """A 64-bit integer as an array; sized: its length is written."""
    kind: Array
    operand: Any
    sized: bool = True

    def text(self):
        kind = str(self.kind) if self.sized else f"{self.kind.element}[]"
        return f"(({kind})(uint64){self.operand.text()})"

    def type(self, slots):
        self.operand.type(slots)
        return self.kind

    def value(self, run):
        return wrap(self.operand.value(run), UINT64).to_bytes(8, "little")


@dataclass
class Index:
    """An element of an array; 0 where it has none."""
    array: Any
    index: Any

    def text(self):
        return f"{self.array.text()}[{self.index.text()}]"

    def type(self, slots):
        self.index.type(slots)
        kind = self.array.type(slots)
        return kind.element if kind else None

    def value(self, run):
        data, kind = self.array.value(run), self.array.type(run.slots).element
        at = self.index.value(run) * kind.size
        if not 0 <= at < len(data):
            return 0
        return wrap(int.from_bytes(data[at:at + kind.size], "little"), kind)


@dataclass
class TupleOf:
    elements: list
    bare: bool = False  # the keys of a map, written without parentheses

    def text(self):
        return "(" + ", ".join(element.text() for element in self.elements) + ")"

    def type(self, slots):
        kinds = tuple(element.type(slots) for element in self.elements)
        return Tuple(kinds) if all(kinds) else None

    def value(self, run):
        return tuple(element.value(run) for element in self.elements)


@dataclass
class Element:
    operand: Any
    number: int
    indexed: bool = False

    def text(self):
        return self.operand.text() + (f"[{self.number}]" if self.indexed else f".{self.number}")

    def type(self, slots):
        kind = self.operand.type(slots)
        return kind.elements[self.number] if kind else None

    def value(self, run):
        return self.operand.value(run)[self.number]


@dataclass
class Step:
    """++ and --: a map counts from 0."""
    target: Any
    op: str
    post: bool

    def text(self):
        target = self.target.text()
        return f"{target}{self.op}" if self.post else f"{self.op}{target}"

    def type(self, slots):
        kind = NUMBER
        if isinstance(self.target, Variable):
            kind = self.target.type(slots) and promote(self.target.type(slots))
        self.target.grow(slots, INT64 if self.op == "--" else kind)
        return self.target.type(slots)

    def value(self, run):
        change = 1 if self.op == "++" else -1
        if isinstance(self.target, Variable):
            old = self.target.value(run)
            self.target.assign(run, old + change)
            return old if self.post else self.target.value(run)
        place = self.target.place(run)
        old = self.target.at(run, place)
        self.target.put(run, place, old + change)
        return old if self.post else self.target.at(run, place)
