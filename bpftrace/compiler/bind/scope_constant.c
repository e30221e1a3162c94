/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Constants: enumerators of the script, the traced program, the kernel, or a module, then what C
 * headers define as macros, for which no header is needed. All become numbers, enumerators
 * of a known enum such of its type; the few macros with
 * an argument that are known become the operations on it.
 */
#include "scope.h"

#include "bpftrace/compiler/ast/literal.h"
#include "bpftrace/compiler/cfront/version_header.h"
#include "constant.h"
#include "libcommon/host/header_constants.h"
#include "libcommon/host/header_search.h"
#include "program.h"

void scope_hint_at_header(const struct resolver *r, const char *name)
{
	const char *header;

	if (!header_spells_constant(name))
		return;
	header = version_header_defines(name) ? "linux/version.h" : NULL;
	if (!header)
		header = header_search(r->c->host, name, r->c->arena);
	if (header)
		diag_hint(r->c->diags, "#include <%s> defines %s", header, name);
}

static void hint_at_similar(const struct resolver *r, const char *name)
{
	struct suggestion suggestion;

	builtin_find(r->c, name, &suggestion);
	if (header_spells_constant(name))
		header_constants_suggest(host_arch(r->c->host), &suggestion);
	program_suggest_enumerator(r->c, r->unit, &suggestion);
	if (suggestion.best)
		diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
	else
		scope_hint_at_header(r, name);
}

static void unknown_identifier(const struct resolver *r, struct span span,
	const struct header_constant *constant, const char *name)
{
	diag_error(r->c->diags, span, "Unknown identifier: %s", name);
	diag_one_cause(r->c->diags);
	if (constant)
		diag_hint(r->c->diags, "%s has no value that holds for all kernels: %s", name,
			constant->advice);
	else if (r->wants_text)
		diag_hint(r->c->diags, HINT_QUOTES);
	else
		hint_at_similar(r, name);
}

/* Other source files of a program come after the kernel: to search them takes longer. */
static bool find_enumerator(struct resolver *r, const char *name, uint32_t *ret_type, uint64_t *ret)
{
	return types_enumerator_defined(r->c->types, name, ret_type, ret) ||
	       program_enumerator(r->c, r->unit, name, false, ret) ||
	       types_enumerator(r->c->types, unit_module(r->unit), name, ret_type, ret);
}

void scope_constant(struct resolver *r, struct node **slot)
{
	const char *name = node_identifier(*slot)->name;
	struct span span = (*slot)->span;
	const struct header_constant *constant;
	uint32_t type = 0;
	uint64_t value;

	if (find_enumerator(r, name, &type, &value)) {
		node_replace(slot, type ? constant_new_typed(r->c, span, type, value)
					: constant_new(r->c, span, (int64_t)value));
		return;
	}
	if (scope_is_of_script(r->c, name))
		return;
	constant = header_constant_find(host_arch(r->c->host), name);
	if (constant && !constant->advice)
		node_replace(slot, constant_new(r->c, span, constant->value));
	else if (program_enumerator(r->c, r->unit, name, true, &value))
		node_replace(slot, constant_new(r->c, span, (int64_t)value));
	else
		unknown_identifier(r, span, constant, name);
}

static struct node *operate(
	struct resolver *r, struct span span, struct node *left, enum operator op, uint64_t right)
{
	struct binary *binary = new_binary(r->c->arena, span);

	binary->left = left;
	binary->op = op;
	binary->right = constant_new_unsigned(r->c, span, right);
	return &binary->node;
}

bool scope_part(struct resolver *r, struct node **slot)
{
	struct call *call = node_call(*slot);
	struct span span = (*slot)->span;
	const struct header_part *part = header_part_find(call->name);
	struct node *number = call->arguments;

	if (!part || scope_is_of_script(r->c, call->name) || !number || number->next)
		return false;
	if (part->shift)
		number = operate(r, span, number, OPERATOR_SHIFT_RIGHT, part->shift);
	number = operate(r, span, number, OPERATOR_BIT_AND, part->mask);
	if (part->is_test)
		number = operate(r, span, number, OPERATOR_EQUAL, part->value);
	node_replace(slot, number);
	return true;
}
