/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which functions of the kernel the programs of trampolines are made for. Names are not enough, for
 * a module may have a function of the same name as the kernel: a function is an id among the types
 * of its module.
 */
#pragma once

#include "attach.h"

struct trampolines;

/* *ret_id: the id of the link's function, 0 when the types do not describe it. The first call looks
 * up the functions of all links. */
struct error *trampolines_find(struct attachments *attachments, uint32_t link, uint32_t *ret_id);

/* How many 64-bit words the arguments of the link's function take; 0 when it is not known. */
uint32_t trampolines_words(const struct attachments *attachments, uint32_t link);

/* attach_ops.prepare_load of the kinds that use trampolines. */
int trampolines_prepare_load(
	struct bpf_program *program, struct bpf_prog_load_opts *options, long cookie);

void trampolines_free(struct trampolines *trampolines); /* NULL-safe */
