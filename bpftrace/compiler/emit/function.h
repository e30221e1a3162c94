/* SPDX-License-Identifier: Apache-2.0 */
/* Functions of the object. */
#pragma once

#include "emitter.h"

/*
 * Begins a function of count pointers with the names given; the builder is in its body. Sets
 * e->function. With a section it is a program, without one a static function of the object.
 */
void function_begin(struct emitter *e, struct bpf_function *function, const char *name,
	const char *section, LLVMTypeRef result, const char *const *parameters, size_t count,
	struct span span);

/* The same for a global function, which the verifier checks once for all calls: from i64 to i64. */
void function_begin_global(struct emitter *e, struct bpf_function *function, const char *name,
	const char *parameter, struct span span);

void function_forbid_inlining(struct emitter *e, const struct bpf_function *function);

/* Makes the function part of each that calls it; for those that the kernel does not call. */
void function_force_inlining(struct emitter *e, const struct bpf_function *function);

/* Ends the function, whose blocks all have a terminator; the caller restores e->function. */
void function_end(struct emitter *e, struct bpf_function *function);
