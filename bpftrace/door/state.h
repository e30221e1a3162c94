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
	uint64_t generation;  /* 0 or 1: which of the two maps behind a taken one programs use */
	uint64_t elements[2]; /* keys of each generation; counted if the script asks for them */
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
#define SECTION_MANIFEST "bpftrace.manifest"
#define MAP_DATA_RING    "data_ring"
#define MAP_CONTROL_RING "control_ring"
#define MAP_PACKETS      "packets" /* PERF_EVENT_ARRAY; the runner sets max_entries = CPUs */
#define MAP_SCRATCH      "scratch" /* ARRAY; the runner sets max_entries = CPUs * SCRATCH_LEVELS */
#define SCRATCH_LEVELS   4

/* The number of no helper: where a program calls it, the runner puts the kernel's function
 * bpf_session_is_return, whose number only the running kernel knows. Bundles call no other one. */
#define CALL_IS_RETURN (1 << 24)
