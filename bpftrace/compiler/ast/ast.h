/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The syntax tree. Every node starts with struct node; node_<name>(n) turns a struct node into its
 * own struct and asserts the kind:
 *
 *	struct binary *binary = node_binary(node);   // struct binary { struct node node; … }
 *
 * All nodes and texts live in the compile arena and carry the span they came from; after bind every
 * expression has a type, an id in the program's BTF (types/types.h). nodes.def lists the nodes.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/arena.h"
#include "libcommon/base/diag.h"
#include "libcommon/base/str.h"

struct builtin;
struct map;
struct scope_state;
struct variable;

enum node_kind {
#define NODE(KIND, name, fields) NODE_##KIND,
#include "nodes.def"
#undef NODE
	NR_NODES,
};

enum operator{
	OPERATOR_NONE,
	/* binary, and after them "=" in compound assignment */
	OPERATOR_ADD,
	OPERATOR_SUBTRACT,
	OPERATOR_MULTIPLY,
	OPERATOR_DIVIDE,
	OPERATOR_MODULO,
	OPERATOR_BIT_AND,
	OPERATOR_BIT_OR,
	OPERATOR_BIT_XOR,
	OPERATOR_SHIFT_LEFT,
	OPERATOR_SHIFT_RIGHT,
	OPERATOR_EQUAL,
	OPERATOR_NOT_EQUAL,
	OPERATOR_LESS,
	OPERATOR_LESS_EQUAL,
	OPERATOR_GREATER,
	OPERATOR_GREATER_EQUAL,
	OPERATOR_LOGICAL_AND,
	OPERATOR_LOGICAL_OR,
	/* unary */
	OPERATOR_LOGICAL_NOT,
	OPERATOR_BIT_NOT,
	OPERATOR_MINUS,
	OPERATOR_DEREFERENCE,
	OPERATOR_ADDRESS_OF,
	OPERATOR_PRE_INCREMENT,
	OPERATOR_PRE_DECREMENT,
	OPERATOR_POST_INCREMENT,
	OPERATOR_POST_DECREMENT,
	NR_OPERATORS,
};

enum jump_kind {
	JUMP_BREAK,
	JUMP_CONTINUE,
	JUMP_RETURN,
};

struct node {
	enum node_kind kind;
	struct span span;
	uint32_t type; /* of an expression, id in the program's BTF; 0 before infer and for no value
			*/
	bool in_parentheses; /* of an expression */
	struct node *next;
};

#define CHILD(name)       struct node *name;
#define CHILDREN(name)    struct node *name;
#define TEXT(name)        const char *name;
#define FIELD(type, name) type name;
#define LATER(type, name) type name;
#define NODE(KIND, name, fields)                                                                   \
	struct name {                                                                              \
		struct node node;                                                                  \
		fields                                                                             \
	};
#include "nodes.def"
#undef NODE

#define NODE(KIND, name, fields)                                                                   \
	struct name *node_##name(struct node *node); /* asserts the kind */                        \
	struct name *new_##name(struct arena *arena, struct span span);
#include "nodes.def"
#undef NODE
#undef CHILD
#undef CHILDREN
#undef TEXT
#undef FIELD
#undef LATER

/* The name in nodes.def, as "binary": for messages to developers. */
const char *node_kind_name(enum node_kind kind);

/* "+", "&&", "++": as written in scripts. */
const char *operator_name(enum operator op);

#define node_for_each(head, node) for ((node) = (head); (node); (node) = (node)->next)
size_t node_count(const struct node *head);

/* Puts a node in the place of the one at the slot, before what follows that in its list. */
static inline void node_replace(struct node **slot, struct node *with)
{
	with->next = (*slot)->next;
	*slot = with;
}

/*
 * Calls visit for node and everything below it, parents first, in source order; visit returns
 * false to leave out what is below.
 */
typedef bool (*node_visit)(struct node *node, void *context);
void node_walk(struct node *node, node_visit visit, void *context);

/*
 * Calls each for every child slot of one node (a list is one slot: its head), so that a
 * pass can replace it.
 */
typedef void (*node_slot)(struct node **slot, void *context);
void node_slots(struct node *node, node_slot each, void *context);

/* A deep copy of node (not of what follows it in its list). */
struct node *node_clone(struct arena *arena, const struct node *node);

/* Returns whether both trees are equal, without what follows them in their lists; spans are
 * ignored. */
bool node_equal(struct node *a, struct node *b);

/* Debug builds: every node has a span inside its source, lists end; aborts where that is broken. */
void node_verify(struct node *node, const struct diags *diags);

/* Appends the tree as text, the first line is "Program", one blank more per level; the attach
 * points, then the filter ("pred"), then the body, as -d shows it. types may be NULL: then no
 * types. */
struct types;
void node_dump(struct node *node, const struct types *types, struct str *out);
