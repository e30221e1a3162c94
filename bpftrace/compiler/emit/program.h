/* SPDX-License-Identifier: Apache-2.0 */
/* The programs of the object. */
#pragma once

#include "emitter.h"

/* A unit, and its block once that is emitted. */
struct dispatched {
	struct unit *unit;
	LLVMValueRef block;
};

/* Emits all blocks and the programs that call them; fills probes and links of the manifest. */
void program_emit_all(struct emitter *e);

/* Begins a program, which returns at once when tracing has stopped or the process is not one that
 * is traced. */
void program_begin(struct emitter *e, struct bpf_function *program, const char *name,
	const struct probe_match *match, struct span span);

/* Calls the block of a unit; probe: names_word() of the attach point. Branches to none when there
 * is no scratch memory for it. */
void program_call(struct emitter *e, const struct unit *unit, LLVMValueRef block,
	LLVMValueRef probe, LLVMBasicBlockRef none);

void program_end(struct emitter *e, struct bpf_function *program);

/* Returns "sched_switch_3": the name in the kernel's lists of programs, 15 characters at the most.
 * part numbers the programs of a unit. */
const char *program_name_of(
	struct emitter *e, const struct unit *unit, const struct probe_match *match, size_t part);

/* Adds a link of the program, which calls the blocks from first to last, to the manifest; returns
 * its index. */
uint32_t program_add_link(struct emitter *e, const struct probe_match *match, const char *program,
	const struct unit *first, const struct unit *last);

/* Adds an attach point of such a link. */
void program_add_probe(
	struct emitter *e, const struct unit *unit, const struct probe_match *match, uint32_t link);
