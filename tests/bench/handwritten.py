# SPDX-License-Identifier: Apache-2.0
"""A program as somebody would write it by hand: it counts user stacks of system calls by bpf_get_stackid.

Its key is what names of such a stack are found by: the process and the number of the stack."""
import ctypes
import os
import struct

import bpf

MAP_CREATE, PROG_LOAD, RAW_TRACEPOINT_OPEN = 0, 5, 17
MAP_PERCPU_HASH, MAP_STACK_TRACE = 5, 7
PROG_RAW_TRACEPOINT = 17
LOOKUP, UPDATE, CURRENT_PID_TGID, GET_STACKID = 1, 2, 14, 27  # helpers
USER_STACK = 0x100
STACKS = 65536
DEPTH = 127
R0, R1, R2, R3, R4, R7, R10 = 0, 1, 2, 3, 4, 7, 10


def instruction(code, to=0, source=0, offset=0, number=0):
    return struct.pack("=BBhi", code, source << 4 | to, offset, number)


def move(to, number):
    return instruction(0xb7, to, number=number)


def copy(to, source):
    return instruction(0xbf, to, source)


def address_on_stack(to, offset):
    return copy(to, R10) + instruction(0x07, to, number=offset)


def store(size, offset, source):
    return instruction({4: 0x63, 8: 0x7b}[size], R10, source, offset)


def map_address(to, fd):
    return instruction(0x18, to, 1, number=fd) + instruction(0)


def call(helper):
    return instruction(0x85, number=helper)


def leave():
    return move(R0, 0) + instruction(0x95)


def skip(condition, to, code):
    """Jumps over the code when the register compares so with 0."""
    return instruction({"==": 0x15, "s<": 0xc5, "s>=": 0x75}[condition], to, offset=len(code) // 8) + code


def program(stacks, counts):
    """The key stands at -8: the process, the stack; the first count at -16."""
    count = map_address(R1, counts) + address_on_stack(R2, -8) + call(LOOKUP)
    increment = instruction(0x79, R1, R0) + instruction(0x07, R1, number=1) + instruction(0x7b, R0, R1)
    insert = (move(R1, 1) + store(8, -16, R1) + map_address(R1, counts) + address_on_stack(R2, -8) +
              address_on_stack(R3, -16) + move(R4, 0) + call(UPDATE) + leave())
    return (map_address(R2, stacks) + move(R3, USER_STACK) + call(GET_STACKID) + skip("s>=", R0, leave()) +
            copy(R7, R0) + call(CURRENT_PID_TGID) + instruction(0x77, R0, number=32) + store(4, -8, R0) +
            store(4, -4, R7) + count + skip("==", R0, increment + leave()) + insert)


def create_map(kind, key_size, value_size):
    return bpf.bpf(MAP_CREATE, bpf.attributes("=IIII", kind, key_size, value_size, STACKS))


def load(code):
    instructions, license_text = ctypes.create_string_buffer(code, len(code)), ctypes.create_string_buffer(b"GPL")
    log = ctypes.create_string_buffer(1 << 16)
    try:
        return bpf.bpf(PROG_LOAD, bpf.attributes(
            "=IIQQIIQ", PROG_RAW_TRACEPOINT, len(code) // 8, ctypes.addressof(instructions),
            ctypes.addressof(license_text), 1, len(log), ctypes.addressof(log)))
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}\n{log.value.decode()}") from error


class StackCounter:
    """A context: the program runs at the entry of each system call."""

    def __enter__(self):
        stacks = create_map(MAP_STACK_TRACE, 4, DEPTH * 8)
        counts = create_map(MAP_PERCPU_HASH, 8, 8)
        loaded = load(program(stacks, counts))
        name = ctypes.create_string_buffer(b"sys_enter")
        link = bpf.bpf(RAW_TRACEPOINT_OPEN, bpf.attributes("=QI", ctypes.addressof(name), loaded))
        self.fds = [link, loaded, counts, stacks]
        with open(f"/proc/self/fdinfo/{loaded}", encoding="ascii") as file:
            info = dict(line.split(":", 1) for line in file)
        self.programs = {int(info["prog_id"])}
        self.counts = counts
        return self

    def counted(self):
        """Whether any stack was counted."""
        key = ctypes.create_string_buffer(8)
        try:
            bpf.bpf(bpf.MAP_GET_NEXT_KEY, bpf.attributes("=IIQQ", self.counts, 0, 0, ctypes.addressof(key)))
        except FileNotFoundError:
            return False
        return True

    def __exit__(self, *_):
        for fd in self.fds:
            os.close(fd)
