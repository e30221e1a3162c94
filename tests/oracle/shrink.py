# SPDX-License-Identifier: Apache-2.0
"""Makes a program that shows a difference as small as it gets."""
import copy
import dataclasses

from language import Literal, Variable
from statements import Program


def lists_of(program):
    """All lists of statements in the program, outer ones first."""
    found = []

    def visit(statements):
        found.append(statements)
        for statement in statements:
            for part in vars(statement).values():
                if isinstance(part, list) and part and hasattr(part[0], "execute"):
                    visit(part)

    visit(program.statements)
    return found


def places_of(node):
    """(owner, attribute or index, expression) for each expression below a node."""
    found = []
    for name, part in vars(node).items():
        if dataclasses.is_dataclass(part) and hasattr(part, "value"):
            found.append((node, name, part))
            found += places_of(part)
        elif isinstance(part, list):
            for index, element in enumerate(part):
                if hasattr(element, "value"):
                    found.append((part, index, element))
                if dataclasses.is_dataclass(element):
                    found += places_of(element)
    return found


def set_place(owner, where, node):
    if isinstance(owner, list):
        owner[where] = node
    else:
        setattr(owner, where, node)


def children(node):
    return [part for _, _, part in places_of(node)]


def without_statements(program):
    """Copies with one statement less; of one with a body, also with the body in its place."""
    for number, statements in enumerate(lists_of(program)):
        for index in reversed(range(len(statements))):
            smaller = copy.deepcopy(program)
            del lists_of(smaller)[number][index]
            yield smaller


def with_smaller_expressions(program):
    """Copies in which one expression is replaced by a part of it, or by a number."""
    count = len(places_of(program))
    for number in range(count):
        _, where, node = places_of(program)[number]
        if where == "target" or isinstance(node, (Literal, Variable)):
            continue
        for replacement in [Literal(1)] + children(node):
            smaller = copy.deepcopy(program)
            owner, where, _ = places_of(smaller)[number]
            set_place(owner, where, copy.deepcopy(replacement))
            yield smaller


def is_valid(program):
    """Whether it still means something: evaluation finds values of the right kinds."""
    try:
        program.run()
    except Exception:  # pylint: disable=broad-except
        return False
    return True


def shrink(program: Program, shows_difference, tries=300):
    """The smallest program found with at most so many runs of shows_difference(program)."""
    smaller_found = True
    while smaller_found and tries > 0:
        smaller_found = False
        for make in (without_statements, with_smaller_expressions):
            again = True
            while again and tries > 0:
                again = False
                for smaller in make(program):
                    if not is_valid(smaller):
                        continue
                    tries -= 1
                    if shows_difference(smaller):
                        program, again, smaller_found = smaller, True, True
                        break
                    if tries <= 0:
                        break
    return program
