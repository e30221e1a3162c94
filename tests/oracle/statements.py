# SPDX-License-Identifier: Apache-2.0
"""Statements and programs: every statement has text(depth), infer(slots) and execute(run)."""
from dataclasses import dataclass
from typing import Any

from language import INT64, NUMBER, UINT64, Binary, Int, Map, Run, Slots, Step, Tally, Variable, common, promote, readable, wrap


class Break(Exception):
    pass


class Continue(Exception):
    pass


class Return(Exception):
    pass


def show(value):
    """As print and maps show a value."""
    if isinstance(value, tuple):
        return "(" + ", ".join(map(show, value)) + ")"
    return str(value)


def indent(depth):
    return "\t" * depth


def block_text(statements, depth):
    inner = "".join(statement.text(depth + 1) for statement in statements)
    return f"{{\n{inner}{indent(depth)}}}"


def execute_all(statements, run):
    for statement in statements:
        run.step()
        statement.execute(run)


@dataclass
class Assign:
    target: Any
    expression: Any
    op: str = ""

    def text(self, depth):
        return f"{indent(depth)}{self.target.text()} {self.op}= {self.expression.text()};\n"

    def infer(self, slots):
        value = Binary(self.op, self.target, self.expression) if self.op else self.expression
        self.target.grow(slots, value.type(slots))

    def execute(self, run):
        if not self.op:
            self.target.assign(run, self.expression.value(run))
            return
        binary = Binary(self.op, self.target, self.expression)
        right = self.expression.value(run)
        if isinstance(self.target, Variable):
            self.target.assign(run, binary.apply(run, self.target.value(run), right))
            return
        place = self.target.place(run)
        self.target.put(run, place, binary.apply(run, self.target.at(run, place), right))


@dataclass
class Do:
    """An expression for its effect."""
    expression: Any

    def text(self, depth):
        return f"{indent(depth)}{self.expression.text()};\n"

    def infer(self, slots):
        self.expression.type(slots)

    def execute(self, run):
        self.expression.value(run)


@dataclass
class Update:
    """A value for an aggregation."""
    target: Map
    how: str
    expression: Any  # None for count

    def text(self, depth):
        argument = self.expression.text() if self.expression else ""
        return f"{indent(depth)}{self.target.text()} = {self.how}({argument});\n"

    def infer(self, slots):
        kind = self.expression.type(slots) if self.expression else UINT64
        self.target.type(slots)
        kinds = promote(kind), slots.values.get(self.target.name)
        slots.values[self.target.name] = UINT64 if UINT64 in kinds else INT64

    def execute(self, run):
        kind = run.slots.values[self.target.name]
        value = wrap(self.expression.value(run), kind) if self.expression else 1
        place = self.target.place(run)
        run.maps.setdefault(self.target.name, {}).setdefault(place, Tally(self.how, kind)).values.append(value)


@dataclass
class Delete:
    target: Map

    def text(self, depth):
        return f"{indent(depth)}delete({self.target.text()});\n"

    def infer(self, slots):
        self.target.type(slots)

    def execute(self, run):
        run.maps.get(self.target.name, {}).pop(self.target.place(run), None)


@dataclass
class If:
    condition: Any
    then: list
    otherwise: list

    def text(self, depth):
        text = f"{indent(depth)}if ({self.condition.text()}) {block_text(self.then, depth)}"
        if len(self.otherwise) == 1 and isinstance(self.otherwise[0], If):
            return f"{text} else {self.otherwise[0].text(depth).lstrip()}"
        if self.otherwise:
            text += f" else {block_text(self.otherwise, depth)}"
        return text + "\n"

    def infer(self, slots):
        self.condition.type(slots)
        for statement in self.then + self.otherwise:
            statement.infer(slots)

    def execute(self, run):
        execute_all(self.then if self.condition.value(run) else self.otherwise, run)


@dataclass
class While:
    """Counts a variable of its own up to limit."""
    counter: Variable
    limit: int
    also: Any  # a further condition, or None
    body: list

    def text(self, depth):
        counter = self.counter.text()
        also = f" && {self.also.text()}" if self.also else ""
        body = [Do(Step(self.counter, "++", True))] + self.body
        return (f"{indent(depth)}{counter} = 0;\n"
                f"{indent(depth)}while ({counter} < {self.limit}{also}) {block_text(body, depth)}\n")

    def infer(self, slots):
        self.counter.grow(slots, NUMBER)
        if self.also:
            self.also.type(slots)
        for statement in self.body:
            statement.infer(slots)

    def execute(self, run):
        self.counter.assign(run, 0)

        def times():
            count = self.counter.value(run)
            if count >= self.limit or (self.also and not self.also.value(run)):
                return False
            self.counter.assign(run, count + 1)
            return True

        repeat(self.body, run, times)


def repeat(body, run, times):
    """Calls times() before each round; it says whether there is one."""
    while times():
        try:
            execute_all(body, run)
        except Break:
            break
        except Continue:
            continue


@dataclass
class ForRange:
    """A variable of its own from first to before end; changing it would change a copy."""
    counter: Variable
    first: Any
    end: Any
    body: list

    def text(self, depth):
        return (f"{indent(depth)}for ({self.counter.text()} : {self.first.text()}..{self.end.text()}) "
                f"{block_text(self.body, depth)}\n")

    def infer(self, slots):
        first, end = self.first.type(slots), self.end.type(slots)
        if first and end:
            self.counter.grow(slots, promote(first) if promote(first) == promote(end) else INT64)
        for statement in self.body:
            statement.infer(slots)

    def execute(self, run):
        rounds = iter(range(self.first.value(run), self.end.value(run)))

        def times():
            value = next(rounds, None)
            run.variables[self.counter.name] = value
            return value is not None

        repeat(self.body, run, times)


@dataclass
class ForMap:
    """What the elements of a map hold, but for those of one value: the order in which they come does not
    matter."""
    element: Variable
    name: str
    target: Variable
    number: int  # 0: its key, 1: its value
    op: str
    left_out: int

    def text(self, depth):
        element = f"{self.element.text()}.{self.number}"
        return (f"{indent(depth)}for ({self.element.text()} : {self.name}) {{\n"
                f"{indent(depth + 1)}if ({element} == {self.left_out}) {{ continue; }}\n"
                f"{indent(depth + 1)}{self.target.text()} {self.op}= {element};\n{indent(depth)}}}\n")

    def kind(self, slots):
        return (slots.keys, slots.values)[self.number].get(self.name)

    def infer(self, slots):
        kind = self.kind(slots)
        self.target.grow(slots, common(kind, self.target.type(slots)) if kind else None)

    def execute(self, run):
        for pair in run.maps.get(self.name, {}).items():
            element = readable(pair[self.number])
            if element != self.left_out:
                binary = Binary(self.op, self.target, Variable(self.element.name))
                run.slots.variables[self.element.name] = self.kind(run.slots)
                self.target.assign(run, binary.apply(run, self.target.value(run), element))


@dataclass
class Let:
    """A variable of a declared type, in which it stays."""
    variable: Variable
    kind: Int
    expression: Any

    def text(self, depth):
        return f"{indent(depth)}let {self.variable.text()} : {self.kind} = ({self.kind}){self.expression.text()};\n"

    def infer(self, slots):
        self.variable.grow(slots, self.kind)
        slots.declared.add(self.variable.name)
        self.expression.type(slots)

    def execute(self, run):
        self.variable.assign(run, self.expression.value(run))


@dataclass
class Unroll:
    count: int
    body: list

    def text(self, depth):
        return f"{indent(depth)}unroll ({self.count}) {block_text(self.body, depth)}\n"

    def infer(self, slots):
        for statement in self.body:
            statement.infer(slots)

    def execute(self, run):
        rounds = iter(range(self.count))
        repeat(self.body, run, lambda: next(rounds, None) is not None)


@dataclass
class Jump:
    word: str

    def text(self, depth):
        return f"{indent(depth)}{self.word};\n"

    def infer(self, slots):
        pass

    def execute(self, run):
        raise {"break": Break, "continue": Continue, "return": Return}[self.word]


def format_integer(conversion, value, kind):
    """As many bits as the type has, signed if the conversion is; hh and h show only the low ones of them, l and ll
    all of the 64 to which the type extends the value."""
    sizes = {"hh": 1, "h": 2, "": 8, "l": 8, "ll": 8}
    length, letter = conversion[:-1], conversion[-1]
    size = kind.declared or kind.size
    if length not in ("l", "ll") and (letter != "d" or size >= 4):
        value = wrap(value, Int(size, letter == "d"))
    value = wrap(value, Int(sizes[length], letter == "d"))
    return format(value, letter if letter in "xXo" else "d")


@dataclass
class Printf:
    """Values as columns, each by its own conversion."""
    label: str
    conversions: list
    arguments: list

    def text(self, depth):
        columns = " ".join(f"%{conversion}" for conversion in self.conversions)
        arguments = ", ".join(argument.text() for argument in self.arguments)
        return f'{indent(depth)}printf("{self.label} {columns}\\n", {arguments});\n'

    def infer(self, slots):
        for argument in self.arguments:
            argument.type(slots)

    def execute(self, run):
        shown = []
        for conversion, argument in zip(self.conversions, self.arguments):
            value, kind = argument.value(run), argument.type(run.slots)
            shown.append(value if conversion == "s" else format_integer(conversion, value, kind))
        run.lines.append(f"{self.label} {' '.join(shown)}")


@dataclass
class Print:
    """print(value)"""
    argument: Any

    def text(self, depth):
        return f"{indent(depth)}print({self.argument.text()});\n"

    def infer(self, slots):
        self.argument.type(slots)

    def execute(self, run):
        run.lines.append(show(self.argument.value(run)))


# ---- programs ----

@dataclass
class Program:
    number: int
    statements: list

    def text(self):
        return "".join(statement.text(1) for statement in self.statements)

    def slots(self):
        """The types of everything, from rounds over the program until nothing grows."""
        slots, before = Slots(), None
        while before != repr(slots):
            before = repr(slots)
            for statement in self.statements:
                statement.infer(slots)
        return slots

    def run(self):
        """The lines that it prints, and the set of those that its maps give at the end."""
        run = Run(self.slots())
        try:
            execute_all(self.statements, run)
        except Return:
            pass
        return run.lines, self.final(run)

    @staticmethod
    def final(run):
        lines = set()
        for name, elements in run.maps.items():
            for place, value in elements.items():
                key = show(place)
                if isinstance(place, tuple):
                    key = key[1:-1]
                lines.add(f"{name}: {show(value)}" if place is None else f"{name}[{key}]: {show(value)}")
        return lines
