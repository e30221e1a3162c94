# SPDX-License-Identifier: Apache-2.0
"""Random functions in C whose arguments and results are known: what compilers do with types, in registers and on the
stack, cannot be listed, but it can be tried."""
import random

INTEGERS = [("signed char", 8, True), ("unsigned char", 8, False), ("short", 16, True), ("unsigned short", 16, False),
            ("int", 32, True), ("unsigned int", 32, False), ("long", 64, True), ("unsigned long", 64, False)]
WORD = 1 << 64
FUNCTIONS = 20  # in a program
PARAMETERS_MOST = 10
MEMBERS_MOST = 6
DEPTH_MOST = 2

PROLOGUE = """\
enum narrow { FIRST = -3, SECOND = 0, THIRD = 2000000000 };
enum wide { ONE = 1, ALL = 0xffffffffffffffffull };
static volatile int sink;
static inline void use(volatile void *value) { __asm__ volatile("" :: "r"(value) : "memory"); }
"""


class Number:
    """An integer, or a bit-field of one."""

    def __init__(self, name, bits, is_signed, width=None):
        self.name, self.width, self.is_signed = name, width or bits, is_signed
        self.suffix = f" : {width}" if width else ""

    def value(self, draw):
        low, high = (-(1 << (self.width - 1)), (1 << (self.width - 1)) - 1) if self.is_signed else (0, (1 << self.width) - 1)
        number = draw.choice([low, high, -1 if self.is_signed else high, draw.randint(low, high)])
        return f"(long)0x{number % WORD:x}ul", number

    def is_readable(self):
        return True


class Constant:
    """A type with a few values: enums, bool, floating-point numbers."""
    suffix = ""

    def __init__(self, name, values, is_readable=True):
        self.name, self.values, self.readable = name, values, is_readable

    def value(self, draw):
        return draw.choice(self.values)

    def is_readable(self):
        return self.readable


class Pointer:
    name, suffix = "void *", ""

    def value(self, draw):
        address = draw.choice([0, 1 << 47, WORD - 1, draw.getrandbits(64)])
        return f"(void *)0x{address:x}ul", f"0x{address:x}"

    def is_readable(self):
        return True


class Array:
    def __init__(self, element, count):
        self.element, self.count, self.name, self.suffix = element, count, element.name, f"[{count}]"

    def value(self, draw):
        texts, numbers = zip(*(self.element.value(draw) for _ in range(self.count)))
        return "{" + ", ".join(texts) + "}", list(numbers)

    def is_readable(self):
        return self.element.is_readable()


class Record:
    """A struct or union; of a union only the first member is set."""
    suffix = ""

    def __init__(self, name, members, attribute):
        self.name, self.members, self.attribute = name, members, attribute

    def definition(self):
        members = " ".join(f"{member.name} m{index}{member.suffix};" for index, member in enumerate(self.members))
        return f"{self.name} {{ {members} }}{self.attribute};\n"

    def value(self, draw):
        is_set = self.members[:1] if self.name.startswith("union") else self.members
        pairs = [member.value(draw) for member in is_set]
        return "{" + ", ".join(text for text, _ in pairs) + "}", {f"m{index}": truth for index, (_, truth) in enumerate(pairs)}

    def is_readable(self):
        return all(member.is_readable() for member in self.members)


FLOATS = [Constant("float", [("0.5f", 0.5), ("-1.25f", -1.25)], False), Constant("double", [("1024.0", 1024.0), ("-0.75", -0.75)], False)]
WORDS = [Constant("_Bool", [("0", 0), ("1", 1)]), Constant("enum narrow", [("FIRST", -3), ("SECOND", 0), ("THIRD", 2000000000)]),
         Constant("enum wide", [("ONE", 1), ("ALL", WORD - 1)]), Pointer()]


class Program:
    """Functions, each called once: source is in C, functions are (name, [(parameter, type, truth)], (type, truth))."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.definitions = self.values = self.bodies = self.calls = ""
        self.records = 0
        self.functions = [self.make_function(f"fn{number}") for number in range(FUNCTIONS)]

    def source(self):
        return f"{PROLOGUE}{self.definitions}{self.values}{self.bodies}int main(void)\n{{\n{self.calls}\treturn 0;\n}}\n"

    def make_scalar(self):
        kind = self.draw.random()
        if kind < 0.6:
            return Number(*self.draw.choice(INTEGERS))
        return self.draw.choice(WORDS if kind < 0.8 else FLOATS)

    def make_member(self, style, depth):
        kind = self.draw.random()
        integer = self.draw.choice(INTEGERS)
        if style == "bits":
            # clang describes a bit-field as wide as its type in a packed struct by the wrong bits
            return Number(*integer, width=self.draw.randint(2, integer[1] - 1))
        if style == "floats":
            return self.draw.choice(FLOATS)
        if kind < 0.15 and depth < DEPTH_MOST:
            return self.make_record(depth + 1)
        if kind < 0.3:
            return Array(Number(*integer), self.draw.randint(1, 5))
        return self.make_scalar()

    def make_record(self, depth=0):
        style = self.draw.choice(["any", "any", "bits", "floats"])
        keyword = "union" if self.draw.random() < 0.1 else "struct"
        members = [self.make_member(style, depth) for _ in range(self.draw.randint(1, MEMBERS_MOST))]
        packs = all(member.is_readable() for member in members) and self.draw.random() < 0.1
        aligns = not packs and self.draw.random() < 0.1
        attribute = " __attribute__((packed))" if packs else " __attribute__((aligned(16)))" if aligns else ""
        record = Record(f"{keyword} r{self.records}", members, attribute)
        self.records += 1
        self.definitions += record.definition()
        return record

    def make_value(self, name):
        """A type, the value in the variable, and what is known of it."""
        kind = self.make_record() if self.draw.random() < 0.4 else self.make_scalar()
        text, truth = kind.value(self.draw)
        self.values += f"{kind.name} {name} = {text};\n"
        return kind, truth

    def make_function(self, name):
        parameters = [(f"p{number}", *self.make_value(f"{name}_{number}")) for number in range(self.draw.randint(1, PARAMETERS_MOST))]
        result = self.make_value(f"{name}_result")
        declared = ", ".join(f"{kind.name} {parameter}" for parameter, kind, _ in parameters)
        uses = "".join(f" use(&{parameter});" for parameter, _, _ in parameters if self.draw.random() < 0.6)
        linkage = self.draw.choice(["static ", "", ""])
        self.bodies += f"{linkage}__attribute__((noinline)) {result[0].name} {name}({declared})\n{{{uses} sink++; return {name}_result; }}\n"
        given = ", ".join(f"{name}_{number}" for number in range(len(parameters)))
        self.calls += f"\tuse(&({result[0].name}[1]){{{name}({given})}});\n"
        return name, parameters, result


def agrees(truth, shown):
    """Whether a value of JSON is the one that is known; of unions only the first member is."""
    if isinstance(truth, dict):
        return isinstance(shown, dict) and all(name in shown and agrees(value, shown[name]) for name, value in truth.items())
    if isinstance(truth, list):
        return isinstance(shown, list) and len(shown) == len(truth) and all(map(agrees, truth, shown))
    return truth == shown
