/* SPDX-License-Identifier: Apache-2.0 */
/* printf in a pinned iterator, where the kernel formats. */
#pragma once

#include "emitter.h"

struct format;

/* Returns what of a format the kernel cannot print, in words; NULL when it can print all of it. */
const char *seqfile_refusal(const struct format *format);

/* The same of a line for the trace_pipe. */
const char *seqfile_refusal_of_trace(const struct format *format);

/* Writes a line to the trace_pipe: the arguments from this one on. */
void seqfile_trace(struct emitter *e, const struct format *format, struct node *argument);

/* Prints the arguments from this one on. */
void seqfile_print(struct emitter *e, const struct format *format, struct node *argument);
