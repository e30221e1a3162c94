/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passes that give the tree its meaning, in their order. Each takes the compilation, reports
 * mistakes in c->diags and continues as far as it can.
 */
#pragma once

#include "bpftrace/compiler/compilation.h"

/* The definitions and probes of imported files, before the script's own. */
void import_files(struct compilation *c);

/* config block: c->settings = defaults < block < environment; unknown keys suggest the nearest. */
void config_apply(struct compilation *c);

/* Options that the script declares, c->options, and the words of the command line by them,
 * c->arguments. */
void options_collect(struct compilation *c);

/* The option that a getopt() call declares; NULL when the call was refused. */
const struct script_option *options_of_call(const struct compilation *c, const struct call *call);

/* Positional parameters: $1 in expressions becomes INTEGER or STRING, $# INTEGER, str($1 + n) a
 * STRING, $1 in attach points its text. */
void params_substitute(struct compilation *c);

/* Warns about parameters that are used, but neither given nor tested by the script; to be called
 * before they are substituted. */
void params_warn_missing(struct compilation *c);

/* Calls of the script's macros become EXPANSIONs. */
void expand_macros(struct compilation *c);

/* Attach points to matches: groups each block's matches by context and clones the block per group,
 * which gives c->units with their args structs. Counts against max_probes and max_bpf_progs. */
void expand_probes(struct compilation *c);

/* C definitions of the script. */
void cdef_parse(struct compilation *c);

/* Names: builtins of CALL and IDENTIFIER nodes and whether the probe has them, variables with their
 * blocks' scopes, maps, enum constants (an IDENTIFIER becomes INTEGER). */
void scope_resolve(struct compilation *c);

/* Of which generation the script is: c->newer. */
void generation_decide(struct compilation *c);

/* Notes that 0.20 refuses the node, for passes that replace what generation_decide would look for
 * and for infer, which alone knows types. Without effect where --compat sets the generation. */
void generation_note(struct compilation *c, const struct node *node);

/* Types of all expressions, variables, map keys and values; inserts CAST nodes (their child type is
 * NULL, their own type counts) where a value must change form. Ends when no slot grows any more. */
void infer_types(struct compilation *c);

/* For builtins' infer callbacks: the type of an expression, 0 while unknown. Callbacks run in every
 * round; what they report must hold in the last one, c->infer_last. */
uint32_t infer_expression(struct compilation *c, struct unit *unit, struct node *node);
