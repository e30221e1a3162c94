/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which functions of the kernel the programs of trampolines are made for. Names are not enough, for
 * a module may have a function of the same name as the kernel: a function is an id among the types
 * of its module.
 */
#pragma once

#include "attach.h"

struct trampolines;

/* Looks the functions of all such links up at the first call. *ret_id: that of the link's function,
 * 0 when the types do not describe it. */
struct error *trampolines_find(struct session *session, uint32_t link, uint32_t *ret_id);

/* For attach_row.hand_over. */
int trampolines_hand_over(
	struct bpf_program *program, struct bpf_prog_load_opts *options, long session);

void trampolines_free(struct trampolines *trampolines); /* NULL-safe */
