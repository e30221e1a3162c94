# SPDX-License-Identifier: Apache-2.0
"""Random programs. Each is valid by construction and ends; most of its inputs come out of a map, so that
the compiler cannot compute it beforehand."""
import random

from functions import Contains, Cut, HasKey, Length, SizeOf, StringLength, Strncmp
from language import (AGGREGATIONS, ARITHMETIC, COMPARISONS, INT64, SHIFTS, Array, ArrayCast, Binary, Cast, Element,
                      Index, Int, Literal, Map, Parameter, Step, Ternary, Text, TupleOf, Unary, Variable)
from statements import (Assign, Delete, Do, ForMap, ForRange, If, Jump, Let, Print, Printf, Program, Update, Unroll,
                        While)

PARAMETERS = ["5", "-7", "0x7fffffff", "hello"]
PARAMETER_VALUES = [5, -7, 0x7fffffff, "hello"]

INTEGERS = [Int(size, signed) for size in (1, 2, 4, 8) for signed in (True, False)]
EXTREMES = [0, 1, 2, 3, 7, 8, 63, 64, 65, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2147483647, 2147483648,
            4294967295, 4294967296, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
SPELLINGS = {255: ["0xff", "0377"], 1000000: ["1e6", "1_000_000"], 97: ["'a'"], 4294967295: ["0xffff_ffff"]}
STRINGS = ["", "a", "b", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "hello", "two words", 'q"\\',
           "a string that is rather longer than all of the other ones", "a string that is rather longer", "\t"]
CONVERSIONS = ["d", "d", "d", "u", "x", "ld", "lu", "llx", "hd", "hhd", "hhu", "hu", "X", "o"]

INT_KEY, STRING_KEY, TUPLE_KEY, NESTED_KEY, NO_KEY = range(5)
FIRST_KEYS = [Literal(0), Text("a"), TupleOf([Literal(0), Text("a")], bare=True),
              TupleOf([TupleOf([Literal(0), Text("a")]), Literal(0)], bare=True), None]


class Generator:
    def __init__(self, seed, number, old):
        self.old = old
        self.random = random.Random(f"{seed}/{number}")
        self.number = number
        self.prefix = f"p{number}"
        self.counters = 0
        self.ranges = 0  # loops around, whose variables are out of the verifier's sight
        self.printed = 0
        self.integers = [Variable(f"${self.prefix}_i{i}") for i in range(self.random.randint(2, 5))]
        self.declared = [Variable(f"${self.prefix}_d{i}") for i in range(self.random.randint(0, 2))]
        self.readable = self.integers + self.declared
        self.strings = [Variable(f"${self.prefix}_s{i}") for i in range(self.random.randint(1, 2))]
        self.tuples = [Variable(f"${self.prefix}_t")]
        self.arrays = [(Variable(f"${self.prefix}_a{kind.size}"), Array(kind, 8 // kind.size))
                       for kind in self.random.sample(INTEGERS[:6], self.random.randint(0, 2))]
        self.arrays = list({variable.name: (variable, kind) for variable, kind in self.arrays}.values())
        self.inputs = Map(f"@{self.prefix}_in")
        self.input_count = self.random.randint(2, 5)
        self.maps = [(f"@{self.prefix}_m{i}", self.random.randrange(5)) for i in range(self.random.randint(1, 3))]
        tellers = [how for how in AGGREGATIONS if not old or how not in ("min", "max")]
        self.tallies = [(f"@{self.prefix}_g{i}", self.random.randrange(5), self.random.choice(tellers))
                        for i in range(self.random.randint(0, 2))]
        self.string_map = f"@{self.prefix}_sm"
        self.tuple_map = f"@{self.prefix}_tm"

    # ---- expressions ----

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def number_literal(self):
        pick = self.random.randrange(10)
        if pick < 5:
            value = self.random.choice(EXTREMES)
        elif pick < 8:
            value = self.random.randrange(20)
        else:
            value = self.random.choice(list(SPELLINGS) + [self.random.getrandbits(64)])
        spelling = self.random.choice(SPELLINGS[value]) if value in SPELLINGS and self.chance(50) else ""
        return Literal(value, spelling)

    def literal(self):
        literal = self.number_literal()
        return Unary("-", literal) if self.chance(30) else literal

    def input(self):
        return Map(self.inputs.name, Literal(self.random.randrange(self.input_count)))

    def key(self, kind, depth):
        if kind == NO_KEY:
            return None
        if kind == INT_KEY:
            if self.chance(40):
                return Cast(self.random.choice(INTEGERS), self.integer(depth - 1))
            return Literal(self.random.randrange(4)) if self.chance(60) else self.integer(depth - 1)
        if kind == STRING_KEY:
            return self.string(depth - 1)
        pair = [Literal(self.random.randrange(3)) if self.chance(50) else self.integer(depth - 1),
                self.string(depth - 1)]
        if kind == TUPLE_KEY:
            return TupleOf(pair, bare=True)
        return TupleOf([TupleOf(pair), Literal(self.random.randrange(2))], bare=True)

    def map(self, depth):
        name, kind = self.random.choice(self.maps)
        return Map(name, self.key(kind, depth))

    def tally(self, depth):
        if not self.tallies:
            return self.map(depth)
        name, kind, _ = self.random.choice(self.tallies)
        return Map(name, self.key(kind, depth))

    def leaf(self):
        pick = self.random.randrange(20)
        if pick < 5:
            return self.literal()
        if pick < 13:
            return self.random.choice(self.readable)
        if pick < 17:
            return self.input()
        if pick < 18:
            index = self.random.randrange(3)
            return Parameter(index + 1, PARAMETER_VALUES[index])
        if pick < 19 and self.arrays:
            variable, kind = self.random.choice(self.arrays)
            return Index(variable, Literal(self.random.randrange(kind.count)))
        return Element(self.random.choice(self.tuples), 0, self.chance(50))

    def integer(self, depth):
        """An integer of any type."""
        if depth <= 0:
            return self.leaf()
        pick = self.random.randrange(100)
        if pick < 34:
            return Binary(self.random.choice(list(ARITHMETIC)), self.integer(depth - 1), self.integer(depth - 1))
        if pick < 42:
            return Binary(self.random.choice(list(SHIFTS)), self.integer(depth - 1), self.integer(depth - 1))
        if pick < 56:
            return self.condition(depth)
        if pick < 70:
            return Cast(self.random.choice(INTEGERS), self.integer(depth - 1))
        if pick < 77:
            return Unary(self.random.choice("-~"), self.integer(depth - 1))
        if pick < 83:
            return Ternary(self.condition(depth - 1), self.integer(depth - 1), self.integer(depth - 1))
        if pick < 89:
            return self.map(depth)
        if pick < 92 and self.arrays:
            return self.array(depth)
        if pick < 96:
            return self.step(depth)
        if pick < 98:
            return self.tally(depth)
        if pick < 99:
            return StringLength(self.string(depth - 1))
        return SizeOf(Cast(self.random.choice(INTEGERS), self.integer(depth - 1)) if self.chance(50) else self.input())

    def array(self, depth):
        variable, kind = self.random.choice(self.arrays)
        if self.chance(30):
            return Cast(self.random.choice([INT64, Int(8, False)]), variable)
        index = self.integer(depth - 1)
        outside = Binary("+", self.input(), index)  # perhaps; a constant one would be refused
        return Index(variable, outside if self.chance(30) else Binary("&", index, Literal(kind.count - 1)))

    def step(self, depth):
        target = self.map(depth) if self.chance(40) else self.random.choice(self.integers + self.declared)
        return Step(target, self.random.choice(["++", "--"]), self.chance(50))

    def condition(self, depth):
        if depth <= 0:
            return self.leaf()
        pick = self.random.randrange(100)
        if pick < 50:
            return Binary(self.random.choice(list(COMPARISONS)), self.integer(depth - 1), self.integer(depth - 1))
        if pick < 65:
            return Binary(self.random.choice(["&&", "||"]), self.condition(depth - 1), self.condition(depth - 1))
        if pick < 75:
            return Unary("!", self.condition(depth - 1))
        if pick < 85:
            return self.equality(depth)
        if pick < 87:
            return self.map_question(depth)
        if pick < 91:
            return Strncmp(self.string(depth - 1), self.string(depth - 1), self.random.randint(1, 9))
        if pick < 93:
            return Contains(self.string(depth - 1), self.string(depth - 1))
        return self.integer(depth - 1)

    def equality(self, depth):
        """Of what has no order."""
        op = self.random.choice(["==", "!="])
        pick = self.random.randrange(10)
        if pick < 6:
            return Binary(op, self.string(depth - 1), self.string(depth - 1))
        if pick < 9 or not self.arrays:
            return Binary(op, self.tuple(depth - 1), self.tuple(depth - 1))
        variable, kind = self.random.choice(self.arrays)
        return Binary(op, variable, ArrayCast(kind, self.integer(depth - 1), self.chance(70)))

    def map_question(self, depth):
        name, kind = self.random.choice(self.maps)
        if kind == NO_KEY:
            return self.leaf()
        return Length(name) if self.chance(30) else HasKey(name, self.key(kind, depth))

    def string(self, depth):
        pick = self.random.randrange(100)
        if depth <= 0 or pick < 40:
            return Text(self.random.choice(STRINGS))
        if pick < 65:
            return self.random.choice(self.strings)
        if pick < 72:
            return Parameter(4, PARAMETER_VALUES[3])
        if pick < 80:
            return Element(self.random.choice(self.tuples), 1, self.chance(50))
        if pick < 90:
            return Map(self.string_map, Literal(self.random.randrange(3)))
        if pick < 94:
            length = self.random.randrange(10)
            return Cut(self.string(depth - 1), Literal(length) if self.chance(50) else self.cut_length(length))
        return Ternary(self.condition(depth - 1), self.string(depth - 1), self.string(depth - 1))

    def cut_length(self, most):
        """Known at run time only."""
        return Binary("&", self.input(), Literal(most))

    def tuple(self, depth):
        """All tuples of a program have one shape, so that any goes into any place."""
        pick = self.random.randrange(100)
        if pick < 15:
            return self.random.choice(self.tuples)
        if pick < 25:
            return Map(self.tuple_map, Literal(self.random.randrange(2)))
        if pick < 35 and depth > 0:
            return Ternary(self.condition(depth - 1), self.tuple(depth - 1), self.tuple(depth - 1))
        return self.new_tuple(depth)

    def new_tuple(self, depth):
        return TupleOf([self.integer(depth - 1), self.string(depth - 1),
                        TupleOf([self.integer(depth - 2), Cast(self.random.choice(INTEGERS), self.leaf())])])

    # ---- statements ----

    def assignment(self):
        pick = self.random.randrange(100)
        if pick < 30:
            return Assign(self.random.choice(self.integers), self.integer(3))
        if pick < 45:
            return Assign(self.random.choice(self.integers + self.declared), self.pure(), self.operator())
        if pick < 60:
            return Assign(self.map(2), self.pure())
        if pick < 75:
            return Assign(self.map(2), self.pure(), self.operator())
        if pick < 82:
            return Assign(self.random.choice(self.strings), self.string(2))
        if pick < 88:
            return Assign(Map(self.string_map, Literal(self.random.randrange(3))), self.string(2))
        if pick < 92:
            return Assign(self.random.choice(self.tuples), self.tuple(2))
        if pick < 96:
            return Assign(Map(self.tuple_map, Literal(self.random.randrange(2))), self.tuple(2))
        if pick < 98 and self.tallies:
            return self.update()
        if self.arrays:
            variable, kind = self.random.choice(self.arrays)
            return Assign(variable, ArrayCast(kind, self.integer(2), self.chance(70)))
        return Do(self.step(2))

    def update(self):
        name, kind, how = self.random.choice(self.tallies)
        return Update(Map(name, self.key(kind, 2)), how, None if how == "count" else self.pure())

    def operator(self):
        return self.random.choice(list(ARITHMETIC) + list(SHIFTS))

    def pure(self):
        """Without side effects: beside a target that may have some."""
        return self.leaf() if self.chance(50) else Binary(
            self.random.choice(list(ARITHMETIC)), self.leaf(), self.leaf())

    def statements(self, depth, count):
        return [self.statement(depth) for _ in range(count)]

    def statement(self, depth):
        pick = self.random.randrange(100)
        if depth <= 0 or pick < 50:
            return self.assignment()
        if pick < 60:
            return Do(self.step(2))
        if pick < 65:
            name, kind = self.random.choice(self.maps)
            return Delete(Map(name, self.key(kind, 1))) if kind != NO_KEY else Do(self.step(2))
        if pick < 82:
            otherwise = self.statements(depth - 1, self.random.randint(1, 2)) if self.chance(50) else []
            return If(self.condition(3), self.statements(depth - 1, self.random.randint(1, 3)), otherwise)
        if pick < 88:
            return self.loop(depth)
        if pick < 92:
            return self.range(depth)
        return self.printf()

    def loop(self, depth):
        body = self.statements(depth - 1, self.random.randint(1, 2))
        if self.chance(60):
            body.insert(self.random.randrange(len(body) + 1),
                        If(self.condition(2), [Jump(self.random.choice(["break", "continue"]))], []))
        pick = self.random.randrange(100)
        if pick < 30:
            return Unroll(self.random.randint(1, 3), body)
        if pick < 40:
            return self.sum(body)
        self.counters += 1
        counter = Variable(f"${self.prefix}_c{self.counters}")
        also = self.condition(2) if self.chance(30) else None
        return While(counter, self.random.randint(1, 4), also, body)

    def sum(self, body):
        name, kind = self.random.choice(self.maps + [tally[:2] for tally in self.tallies])
        if self.old or kind == NO_KEY:
            return Unroll(2, body)
        self.counters += 1
        return ForMap(Variable(f"${self.prefix}_e{self.counters}"), name, self.random.choice(self.integers),
                      self.random.randrange(2) if kind == INT_KEY else 1, self.random.choice("+^|&"),
                      self.random.randrange(4))

    def range(self, depth):
        """Its body reads the counter, too."""
        self.counters += 1
        counter = Variable(f"${self.prefix}_c{self.counters}")
        first = self.random.choice([Literal(0), Literal(1), Unary("-", Literal(2)), Cast(Int(1, True), self.leaf())])
        if self.old:
            first = Literal(self.random.randrange(3))
        end = Literal(self.random.randint(0, 4))
        if not isinstance(first, Literal):
            end = Binary("+", Literal(self.random.randint(0, 3)), first)
        self.readable.append(counter)
        self.ranges += 1
        body = self.statements(depth - 1, self.random.randint(1, 2))
        self.ranges -= 1
        self.readable.pop()
        if self.chance(50):
            body.append(If(self.condition(2), [Jump(self.random.choice(["break", "continue"]))], []))
        return ForRange(counter, first, end, body)

    def printf(self):
        arguments = [self.string(2) if self.chance(20) else self.integer(3)
                     for _ in range(self.random.randint(1, 4))]
        return self.printf_of(arguments)

    def printf_of(self, arguments):
        self.printed += 1
        conversions = ["s" if self.is_string(argument) else self.random.choice(CONVERSIONS)
                       for argument in arguments]
        return Printf(f"{self.prefix}.{self.printed}", conversions, arguments)

    def is_string(self, node):
        if isinstance(node, (Text, Cut)) or node in self.strings:
            return True
        if isinstance(node, Parameter):
            return isinstance(node.given, str)
        if isinstance(node, Map):
            return node.name == self.string_map
        if isinstance(node, Element):
            return node.number == 1
        return isinstance(node, Ternary) and self.is_string(node.then)

    # ---- programs ----

    def beginning(self):
        """Every variable and map gets a value of its kind."""
        statements = [Assign(Map(self.inputs.name, Literal(i)), self.literal()) for i in range(self.input_count)]
        for variable in self.integers:
            value = self.input() if self.chance(70) else self.literal()
            cast = self.chance(60)
            statements.append(Assign(variable, Cast(self.random.choice(INTEGERS), value) if cast else value))
        for variable in self.declared:
            statements.append(Let(variable, self.random.choice(INTEGERS), self.input()))
        for name, kind in self.maps:
            statements.append(Assign(Map(name, FIRST_KEYS[kind]), self.input()))
        for name, kind, how in self.tallies:
            statements.append(Update(Map(name, FIRST_KEYS[kind]), how, None if how == "count" else self.input()))
        for variable in self.strings:
            statements.append(Assign(variable, Text(self.random.choice(STRINGS))))
        statements.append(Assign(Map(self.string_map, Literal(0)), Text(self.random.choice(STRINGS))))
        first = TupleOf([self.input(), Text("t"), TupleOf([Literal(1), Cast(self.random.choice(INTEGERS), self.input())])])
        statements.append(Assign(Map(self.tuple_map, Literal(0)), first))
        statements.append(Assign(self.tuples[0], first))
        for variable, kind in self.arrays:
            statements.append(Assign(variable, ArrayCast(kind, self.input(), self.chance(70))))
        return statements

    def end(self):
        """What variables hold at the end; maps are shown anyway."""
        statements = [self.printf_of([variable]) for variable in self.readable + self.strings]
        statements += [Print(variable) for variable in self.random.sample(self.integers, 1) + self.tuples]
        statements += [self.printf_of([Index(variable, Literal(i)) for i in range(min(kind.count, 4))])
                       for variable, kind in self.arrays]
        return statements

    def program(self):
        middle = self.statements(2, self.random.randint(4, 9))
        return Program(self.number, self.beginning() + middle + self.end())


def program(seed, number, old=False):
    """old: for kernels of all ages, without what needs a newer one."""
    return Generator(seed, number, old).program()
