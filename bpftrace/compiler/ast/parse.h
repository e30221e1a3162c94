/* SPDX-License-Identifier: Apache-2.0 */
/* From script text to syntax tree. */
#pragma once

#include "ast.h"

/*
 * Parses source number source of diags. Always returns a tree, of what could be understood; all
 * errors found are in diags. The tree lives in arena.
 */
struct program *parse(struct arena *arena, struct diags *diags, uint32_t source);

/* Parses a type as scripts spell it ("struct task_struct *", "uint8[16]"); NULL after an error. */
struct type *parse_type_text(struct arena *arena, struct diags *diags, uint32_t source);
