/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What programs and runner share in memory while the script runs: the variable "state" in the .bss
 * section of the bundle, mapped by the runner. All members are 64-bit words; the compiler builds
 * the same struct from state.def, followed by the words of each map of the manifest.
 */
#pragma once

#include <stdint.h>

struct state_map {
	uint64_t failures;    /* updates the kernel refused: the map was full */
	uint64_t generation;  /* 0 or 1: which of a double-buffered map's two is in use */
	uint64_t elements[2]; /* keys of each of the two maps; counted if the script uses len() */
};

struct state {
#define STATE(name, doc) uint64_t name;
#include "state.def"
#undef STATE
	struct state_map maps[];
};

enum state_word {
#define STATE(name, doc) STATE_##name,
#include "state.def"
#undef STATE
	NR_STATE_WORDS,
};

/*
 * Constants of a run, set by the runner before loading: the variable "constants",
 * alone in the section SECTION_CONSTANTS, whose map is frozen. The verifier reads its words like
 * immediate values and removes code that they make unreachable, also calls of helpers that the
 * kernel lacks.
 */
struct constants {
#define CONSTANT(name, doc) uint64_t name;
#include "constants.def"
#undef CONSTANT
};

enum constant_word {
#define CONSTANT(name, doc) CONSTANT_##name,
#include "constants.def"
#undef CONSTANT
	NR_CONSTANT_WORDS,
};

/* Every record of both rings starts with this word; a control record has the data ring's producer
 * position (bpf_ringbuf_query) in its second one. */
struct record_head {
	uint64_t site;
};

struct control_head {
	uint64_t site;
	uint64_t data_position;
};

/* Names in the bundle. */
#define SECTION_MANIFEST  "bpftrace.manifest"
#define SECTION_CONSTANTS ".rodata.run" /* also the name of libbpf's map */
#define SECTION_ADDRESSES                                                                          \
	".rodata.kaddr" /* the same: a uint64_t for each address of the manifest */
#define SECTION_OPTIONS  ".rodata.getopt" /* the same: values of the script's options */
#define MAP_DATA_RING    "data_ring"
#define MAP_CONTROL_RING "control_ring"
#define MAP_PACKETS      "packets" /* PERF_EVENT_ARRAY; the runner sets max_entries = CPUs */
#define MAP_SCRATCH      "scratch" /* ARRAY; the runner sets max_entries = CPUs * SCRATCH_LEVELS */
#define SCRATCH_LEVELS   4

/* A function of the bundle, the only one that reads the pidns constants. */
#define FUNCTION_TASK_NUMBER "task_number"

/* Not a helper: the runner replaces a call of this number by one of the kernel function
 * bpf_session_is_return, whose BTF id differs between kernels. Calls of other kernel functions are
 * refused. */
#define CALL_IS_RETURN (1 << 24)
