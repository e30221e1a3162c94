/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The row of a function or variable of the language. Passes only walk and call: everything about
 *one builtin stands in its row, in the file of its family in compiler/builtin/. Later stages' types
 *are forward-declared here, so that no stage includes a later one.
 *
 * A prototype says what the call looks like, in the language's own type syntax:
 *
 *	"str(pointer p, [int length]) string"
 *	"strncmp(string a, string b, const int length) int"
 *	"printf(literal format, any...) void"
 *
 * Parameter types: int (any integer), string, literal (a string literal), const int, pointer (or an
 * integer used as one), any, map (a map as a whole, without key), element (a map with its key),
 *mode words as boot|tai, or a type's spelling. Brackets enclose what may be left out, "..." repeats
 *the last parameter. The result is void, int64, uint64, uint32, string, or same (as the first
 *argument); where that cannot say it, infer does. Several prototypes are alternatives; the first
 *that fits is taken.
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

enum builtin_kind {
	BUILTIN_VARIABLE, /* pid, comm: a bare word; also callable without arguments where it has a
			     call prototype */
	BUILTIN_FUNCTION,
	BUILTIN_AGGREGATION, /* count(), hist(): only as the right side of an assignment to a map */
};

enum builtin_flag {
	BUILTIN_UNSAFE = 1,    /* only with --unsafe */
	BUILTIN_STATEMENT = 2, /* has no value */
	BUILTIN_ASYNC = 4,     /* user space finishes it: has a call site */
	BUILTIN_NUMBERED = 8,  /* the name is a prefix before digits: arg0, sarg3 */
	BUILTIN_LATER = 16,    /* not available yet: the row is a name */
	BUILTIN_WRITES = 64,   /* asynchronous, but in a pinned iterator the kernel finishes it */
	BUILTIN_STEADY = 32,   /* a variable that does not change while a block runs */
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
	enum named aggregation; /* BUILTIN_AGGREGATION: the type of the map's value */

	/*
	 * Gives node (CALL or IDENTIFIER) its type where no prototype can say it; arguments have
	 * theirs already (0 while not known yet). Called again until nothing changes: must only
	 * ever widen.
	 */
	void (*infer)(struct compilation *c, struct unit *unit, struct node *node);

	/* Reports what the prototype cannot say. Types are final; the tree is not changed. */
	void (*check)(struct compilation *c, struct unit *unit, struct node *node);

	/* The enum action of printing a map and emptying it this way at one moment; 0: empties
	 * none. */
	int take;

	/* Before any code is generated: what the call needs of the maps it names. */
	void (*plan)(struct node *node);

	/* Generates the code; void calls return an empty value. */
	struct value (*emit)(struct emitter *e, struct node *node);

	/* Values that live in memory (strings, arrays, structs) are generated where they belong. */
	void (*emit_into)(struct emitter *e, struct node *node, struct place place);
};
