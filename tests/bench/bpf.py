# SPDX-License-Identifier: Apache-2.0
"""Questions to the kernel by bpf(2): which programs, links and maps exist, and what programs cost.

The layouts are those of union bpf_attr and struct bpf_prog_info in linux/bpf.h. Objects are known by
their ids; asking by id takes no reference that could keep an object alive, unless it says so.
"""
import ctypes
import os
import platform
import struct

SYSCALL = {"x86_64": 321, "aarch64": 280}[platform.machine()]
MAP_GET_NEXT_KEY, PROG_GET_NEXT_ID, PROG_GET_FD_BY_ID, MAP_GET_FD_BY_ID = 4, 11, 13, 14
OBJ_GET_INFO_BY_FD, LINK_GET_NEXT_ID, ENABLE_STATS = 15, 31, 32
HASH_TYPES = {1, 5}  # hash, per-CPU hash
# Where struct bpf_prog_info keeps run_time_ns and run_cnt, and how much of it is asked for.
RUN_TIME_OFFSET, INFO_SIZE = 192, 208

libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    """The result of the call; OSError where it failed. The kernel may write to the attributes."""
    result = libc.syscall(ctypes.c_long(SYSCALL), ctypes.c_long(command), attributes, ctypes.c_long(len(attributes)))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def attributes(layout, *values):
    return ctypes.create_string_buffer(struct.pack(layout, *values).ljust(128, b"\0"), 128)


def exists(command, number):
    """Whether an object has this id; the command is the one that walks objects of its kind."""
    asked = attributes("=II", number - 1, 0)
    try:
        bpf(command, asked)
    except FileNotFoundError:
        return False
    return struct.unpack_from("=I", asked, 4)[0] == number


def program_exists(number):
    return exists(PROG_GET_NEXT_ID, number)


def link_exists(number):
    return exists(LINK_GET_NEXT_ID, number)


def map_has_key(number):
    """Whether a hash map has any element; False too when the map is gone."""
    try:
        fd = bpf(MAP_GET_FD_BY_ID, attributes("=III", number, 0, 0))
    except OSError:
        return False
    try:
        key = ctypes.create_string_buffer(512)
        bpf(MAP_GET_NEXT_KEY, attributes("=IIQQ", fd, 0, 0, ctypes.addressof(key)))
    except OSError:
        return False
    finally:
        os.close(fd)
    return True


def stats_on():
    """A descriptor; while it is open the kernel measures all programs."""
    return bpf(ENABLE_STATS, attributes("=I", 0))


def run_stats(number):
    """How long a program ran in all, in nanoseconds, and how often, while that was measured."""
    fd = bpf(PROG_GET_FD_BY_ID, attributes("=III", number, 0, 0))
    try:
        info = ctypes.create_string_buffer(INFO_SIZE)
        bpf(OBJ_GET_INFO_BY_FD, attributes("=IIQ", fd, INFO_SIZE, ctypes.addressof(info)))
    finally:
        os.close(fd)
    return struct.unpack_from("=QQ", info, RUN_TIME_OFFSET)
