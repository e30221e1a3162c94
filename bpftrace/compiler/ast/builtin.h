/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The row of a function or variable of the language. Passes only walk and call: everything about
 *one builtin is in its row, in the file of its family in compiler/builtin/. Types of later passes
 *are forward-declared here, so that no pass includes a later one.
 *
 * A prototype describes the call in the language's own type syntax:
 *
 *	"str(pointer p, [int length]) string"
 *	"strncmp(string a, string b, const int length) int"
 *	"printf(literal format, any...) void"
 *
 * Parameter types: int (any integer), number (an integer, or a pointer used as one), string,
 * literal (a string literal), const int, pointer (or an integer used as one), stack (kstack,
 * ustack), any, map (a map as a whole, without key), element (a map with its key), key (of the map
 * before it), variable (that the call assigns an element of the map in the first parameter to),
 * mode words as boot|tai, or a type's spelling. Brackets enclose what may be left out, "..."
 * repeats the last parameter. The result is void, int64, uint64, uint32, string, or same (as the
 * first argument); where that is not enough, infer computes it. Several prototypes are
 * alternatives; the first that fits counts.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ast.h"
#include "libcommon/probes/probe.h"

struct compilation;
struct unit;
struct emitter;
struct place;
struct value;
struct comptime_value;

enum builtin_kind {
	BUILTIN_VARIABLE, /* pid, comm: a bare word; also callable without arguments where it has a
			     call prototype */
	BUILTIN_FUNCTION,
	BUILTIN_AGGREGATION, /* count(), hist(): only as the right side of an assignment to a map */
};

enum builtin_flag {
	BUILTIN_UNSAFE = 1 << 0,    /* only with --unsafe */
	BUILTIN_STATEMENT = 1 << 1, /* has no value */
	BUILTIN_ASYNC = 1 << 2,     /* user space finishes it: has a call site */
	BUILTIN_NUMBERED = 1 << 3,  /* the name is a prefix before digits: arg0, sarg3 */
	BUILTIN_STEADY = 1 << 4,    /* a variable that does not change while a block runs */
	BUILTIN_WRITES = 1 << 5, /* asynchronous, but in a pinned iterator the kernel finishes it */

	/* What a block that uses it depends on, which decides which matches can share a program. */
	BUILTIN_USES_ARGS = 1 << 6,   /* the struct of the event's arguments */
	BUILTIN_USES_VALUES = 1 << 7, /* where single arguments and the result are found */
	BUILTIN_USES_PROBE = 1 << 8,  /* which of the matches fired */
	BUILTIN_USES_FILE = 1 << 9,   /* the file of the match, and where in it that is */
	BUILTIN_USES_TYPE = 1 << 16,  /* the type of the probe */

	BUILTIN_ARGS_STRUCT = 1 << 10, /* its members are those of the context, read one by one */
	BUILTIN_READS_TEXT = 1 << 11,  /* str(): of a literal it is the literal, of $1 its text */
	BUILTIN_ENDS_IN_NUL = 1 << 12, /* a string whose last byte is always the NUL */
	BUILTIN_NEWER = 1 << 13,       /* bpftrace 0.20 has none of the name */
	BUILTIN_NEWER_VALUE = 1 << 14, /* bpftrace 0.20 has it as a statement only */
	BUILTIN_ASSIGNS = 1 << 15,     /* to the variable that is its last argument */
};

#define CONTEXT_BIT(kind)      (1u << (kind))
#define BUILTIN_MAX_PROTOTYPES 4

struct builtin {
	const char *name;
	const char *doc; /* one line */
	enum builtin_kind kind;
	unsigned flags;
	unsigned contexts; /* bit set of CONTEXT_BIT, 0: everywhere */
	const char *where; /* for the error when used elsewhere: "kprobes, uprobes and raw
			      tracepoints" */
	const char *needs; /* beside --unsafe, for people: of the kernel, or an option; NULL:
			      nothing */
	const char *prototypes[BUILTIN_MAX_PROTOTYPES];
	enum meaning aggregation; /* BUILTIN_AGGREGATION: the type of the map's value */

	/*
	 * Gives node (CALL or IDENTIFIER) its type where no prototype can express it; arguments
	 * have theirs already (0 while not known yet). Called again until nothing changes: must
	 * only ever widen.
	 */
	void (*infer)(struct compilation *c, struct unit *unit, struct node *node);

	/* A variable that is a text of the unit's matches, known when names are resolved: the
	 * literal in its place. */
	const char *(*text)(const struct unit *unit);

	/* For a call that is evaluated while compiling, or a member of it (else NULL): the value;
	 * false while it is not known. */
	bool (*evaluate)(struct compilation *c, struct unit *unit, struct node *call,
		const char *member, struct comptime_value *ret);

	/* Reports mistakes that the prototype cannot express. Types are final; the tree is not
	 * changed. */
	void (*check)(struct compilation *c, struct unit *unit, struct node *node);

	/* The enum action of printing a map and emptying it this way atomically; 0: the call
	 * empties no map. */
	int swap_action;

	/* Before any code is generated: what the call needs of the maps it names. */
	void (*plan)(struct node *node);

	/* Generates the code; void calls return an empty value. */
	struct value (*emit)(struct emitter *e, struct node *node);

	/* Values that live in memory (strings, arrays, structs) are generated where they belong. */
	void (*emit_into)(struct emitter *e, struct node *node, struct place place);
};

/* Whether the node is args, whose members the context provides; false before scope. */
static inline bool builtin_is_args(struct node *node)
{
	const struct builtin *builtin =
		node->kind == NODE_IDENTIFIER ? node_identifier(node)->builtin : NULL;

	return builtin && builtin->flags & BUILTIN_ARGS_STRUCT;
}

/* A call that changes the map it is assigned to, as sum(1): no value goes through the assignment.
 */
static inline bool builtin_is_aggregation(struct node *value)
{
	return value->kind == NODE_CALL && node_call(value)->builtin->kind == BUILTIN_AGGREGATION;
}
