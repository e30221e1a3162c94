/* SPDX-License-Identifier: Apache-2.0 */
/* Values that are copied as a whole. What is only looked into may have any size. */
#include "check.h"

#include "bpftrace/compiler/bind/typename.h"

enum {
	BYTES_MOST = 1 << 20, /* of one value: the kernel refuses larger ones in maps and records */
};

static void check_list(struct compilation *c, struct node *values);

/* Of a tuple that is written out the parts: what they need together is known where it is stored. */
static void check_value(struct compilation *c, struct node *value)
{
	uint32_t size = value && value->type ? types_size(c->types, value->type) : 0;

	if (size <= BYTES_MOST)
		return;
	if (value->kind == NODE_TUPLE) {
		check_list(c, node_tuple(value)->elements);
		return;
	}
	diag_error(c->diags, value->span, "a value of type '%s' is too large: %u bytes, at most %d",
		typename_spell(c, value->type), size, BYTES_MOST);
	diag_hint(c->diags, "use its members or elements one by one");
}

static void check_list(struct compilation *c, struct node *values)
{
	struct node *value;

	node_for_each (values, value)
		check_value(c, value);
}

static void check_one(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	switch (node->kind) {
	case NODE_ASSIGN: check_value(c, node_assign(node)->value); break;
	case NODE_LET: check_value(c, node_let(node)->value); break;
	case NODE_MAP: check_value(c, node_map_access(node)->key); break;
	case NODE_BINARY:
		check_value(c, node_binary(node)->left);
		check_value(c, node_binary(node)->right);
		break;
	case NODE_CALL: check_list(c, node_call(node)->arguments); break;
	default: break;
	}
}

void check_sizes(struct compilation *c)
{
	check_all(c, check_one);
}
