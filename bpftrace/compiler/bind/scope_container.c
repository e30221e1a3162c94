/* SPDX-License-Identifier: Apache-2.0 */
/* container_of(pointer, type, member): the cast (type *)((uint64)pointer - offsetof(type, member)).
 */
#include "scope.h"

#include <string.h>

static struct type *new_type_of(struct resolver *r, struct node *argument)
{
	struct type *type;

	if (argument->kind == NODE_TYPE)
		return node_type(node_clone(r->c->arena, argument));
	if (argument->kind != NODE_IDENTIFIER)
		return NULL;
	type = new_type(r->c->arena, argument->span);
	type->name = node_identifier(argument)->name;
	return type;
}

static bool is_member(const struct node *node)
{
	return node->kind == NODE_IDENTIFIER || node->kind == NODE_MEMBER;
}

static struct node *cast_to_number(struct resolver *r, struct node *operand)
{
	struct type *type = new_type(r->c->arena, operand->span);
	struct cast *cast = new_cast(r->c->arena, operand->span);

	type->name = "uint64";
	cast->type = &type->node;
	cast->operand = operand;
	return &cast->node;
}

static struct node *offset_in(
	struct resolver *r, struct span span, struct type *type, struct node *member)
{
	struct offset_of *offset = new_offset_of(r->c->arena, span);

	offset->operand = node_clone(r->c->arena, &type->node);
	offset->path = member;
	return &offset->node;
}

static struct node *cast_to_container(
	struct resolver *r, struct node *address, struct type *type, struct node *member)
{
	struct binary *begin = new_binary(r->c->arena, address->span);
	struct type *pointer = new_type(r->c->arena, type->node.span);
	struct cast *cast = new_cast(r->c->arena, address->span);

	begin->op = OPERATOR_SUBTRACT;
	begin->left = cast_to_number(r, address);
	begin->right = offset_in(r, address->span, type, member);
	pointer->base = &type->node;
	pointer->pointers = 1;
	cast->type = &pointer->node;
	cast->operand = &begin->node;
	return &cast->node;
}

static void refuse(struct resolver *r, const struct node *argument, const char *what)
{
	diag_error(r->c->diags, argument->span, "this is not %s", what);
	diag_one_cause(r->c->diags);
	diag_hint(r->c->diags, "as in container_of(pointer, struct task_struct, se)");
}

bool scope_container(struct resolver *r, struct node **slot)
{
	struct call *call = node_call(*slot);
	struct node *address = call->arguments, *member, *cast;
	struct type *type;

	if (strcmp(call->name, "container_of") != 0 || node_count(call->arguments) != 3)
		return false;
	type = new_type_of(r, address->next);
	member = address->next->next;
	if (!type)
		refuse(r, address->next, "a type");
	else if (!is_member(member))
		refuse(r, member, "the name of a member");
	address->next = NULL;
	cast = type && is_member(member) ? cast_to_container(r, address, type, member) : address;
	cast->span = call->node.span;
	cast->next = call->node.next;
	generation_note(r->c, *slot);
	*slot = cast;
	return true;
}
