/* SPDX-License-Identifier: Apache-2.0 */
/* What every node has: a name, a constructor, a checked cast. All made from nodes.def. */
#include <assert.h>

#include "ast.h"

const char *node_kind_name(enum node_kind kind)
{
	static const char *const names[] = {
#define NODE(KIND, name, fields) [NODE_##KIND] = #name,
#include "nodes.def"
#undef NODE
	};
	TABLE_COMPLETE(names, NR_NODES);

	return names[kind];
}

const char *operator_name(enum operator op)
{
	static const char *const names[] = {
		[OPERATOR_NONE] = "",
		[OPERATOR_ADD] = "+",
		[OPERATOR_SUBTRACT] = "-",
		[OPERATOR_MULTIPLY] = "*",
		[OPERATOR_DIVIDE] = "/",
		[OPERATOR_MODULO] = "%",
		[OPERATOR_BIT_AND] = "&",
		[OPERATOR_BIT_OR] = "|",
		[OPERATOR_BIT_XOR] = "^",
		[OPERATOR_SHIFT_LEFT] = "<<",
		[OPERATOR_SHIFT_RIGHT] = ">>",
		[OPERATOR_EQUAL] = "==",
		[OPERATOR_NOT_EQUAL] = "!=",
		[OPERATOR_LESS] = "<",
		[OPERATOR_LESS_EQUAL] = "<=",
		[OPERATOR_GREATER] = ">",
		[OPERATOR_GREATER_EQUAL] = ">=",
		[OPERATOR_LOGICAL_AND] = "&&",
		[OPERATOR_LOGICAL_OR] = "||",
		[OPERATOR_LOGICAL_NOT] = "!",
		[OPERATOR_BIT_NOT] = "~",
		[OPERATOR_MINUS] = "-",
		[OPERATOR_DEREFERENCE] = "*",
		[OPERATOR_ADDRESS_OF] = "&",
		[OPERATOR_PRE_INCREMENT] = "++",
		[OPERATOR_PRE_DECREMENT] = "--",
		[OPERATOR_POST_INCREMENT] = "++",
		[OPERATOR_POST_DECREMENT] = "--",
	};
	TABLE_COMPLETE(names, NR_OPERATORS);

	return names[op];
}

#define NODE(KIND, name, fields)                                                                   \
	struct name *node_##name(struct node *node)                                                \
	{                                                                                          \
		assert(node->kind == NODE_##KIND);                                                 \
		return container_of(node, struct name, node);                                      \
	}                                                                                          \
                                                                                                   \
	struct name *new_##name(struct arena *arena, struct span span)                             \
	{                                                                                          \
		struct name *new = arena_new(arena, struct name);                                  \
                                                                                                   \
		new->node.kind = NODE_##KIND;                                                      \
		new->node.span = span;                                                             \
		return new;                                                                        \
	}
#include "nodes.def"
#undef NODE

size_t node_count(const struct node *head)
{
	size_t count = 0;

	for (; head; head = head->next)
		count++;
	return count;
}
