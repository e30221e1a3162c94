/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two trees are equal; spans are ignored. */
#include <string.h>

#include "ast.h"

static bool lists_equal(struct node *a, struct node *b)
{
	for (; a && b; a = a->next, b = b->next) {
		if (!node_equal(a, b))
			return false;
	}
	return a == b;
}

static bool texts_equal(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

#define CHILD(name)       &&lists_equal(self->name, other->name)
#define CHILDREN(name)    &&lists_equal(self->name, other->name)
#define TEXT(name)        &&texts_equal(self->name, other->name)
#define FIELD(type, name) &&self->name == other->name
#define LATER(type, name)
#define NODE(KIND, name, fields)                                                                   \
	case NODE_##KIND: {                                                                        \
		struct name *self _unused_ = node_##name(a);                                       \
		struct name *other _unused_ = node_##name(b);                                      \
                                                                                                   \
		return true fields;                                                                \
	}

bool node_equal(struct node *a, struct node *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
#include "nodes.def"
	case NR_NODES: break;
	}
	return false;
}
