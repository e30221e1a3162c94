/* SPDX-License-Identifier: Apache-2.0 */
/* What calls with a format like that of printf() share. */
#pragma once

#include "bpftrace/compiler/emit/emitter.h"

/* The check of a row: the format, and whether the values fit it. */
void print_check_formatted(struct compilation *c, struct unit *unit, struct node *node);

/* Sends the values to user space, which does the action with the formatted text. */
struct value print_emit_formatted(struct emitter *e, struct node *node, enum action action);
