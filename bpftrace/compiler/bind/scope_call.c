/* SPDX-License-Identifier: Apache-2.0 */
/* Builtins: which row a word or a call refers to, and whether the probe has it. */
#include "scope.h"

#include <string.h>

#include "bpftrace/compiler/ast/literal.h"
#include "constant.h"
#include "context.h"
#include "prototype.h"

enum {
	MEMBERS_SHOWN = 6, /* of args in a hint */
	/* The arguments are argN, or ctx. */
	OTHER_CONTEXTS = CONTEXT_BIT(CONTEXT_REGS) | CONTEXT_BIT(CONTEXT_REGS_RETURN) |
			 CONTEXT_BIT(CONTEXT_USDT) | CONTEXT_BIT(CONTEXT_RAW) |
			 CONTEXT_BIT(CONTEXT_ITER),
};

static bool is_allowed(const struct resolver *r, const struct builtin *builtin)
{
	const struct probe_match *match = &r->unit->matches.items[0];

	if (builtin->flags & BUILTIN_ARGS_STRUCT && !match->type->arguments)
		return false;
	return !builtin->contexts || builtin->contexts & CONTEXT_BIT(r->unit->context);
}

bool scope_is_value(const struct resolver *r, const char *name)
{
	const struct builtin *builtin = builtin_find(r->c, name, NULL);

	return builtin && builtin->flags & BUILTIN_USES_VALUES && is_allowed(r, builtin);
}

/* The struct behind args, which is looked up for blocks that use it; 0 when there is none, or where
 * scripts use something else. */
static uint32_t named_arguments(const struct resolver *r)
{
	const struct probe_match *match = &r->unit->matches.items[0];
	struct probe_world world = context_world(r->c);
	uint32_t args = r->unit->args;

	if (CONTEXT_BIT(match->context) & OTHER_CONTEXTS)
		return 0;
	if (args || !match->type->arguments)
		return args;
	error_free(match->type->arguments(&world, match, r->c->types, &args));
	return args;
}

/* Where arguments have names, these are what the script should use. */
static void hint_at_members(const struct resolver *r)
{
	uint32_t args = named_arguments(r);
	uint32_t count = args ? types_member_count(r->c->types, args) : 0;
	_cleanup_str_ struct str names = STR_INIT;

	if (count == 0)
		return;
	for (uint32_t i = 0; i < MIN(count, (uint32_t)MEMBERS_SHOWN); i++)
		str_printf(&names, "%sargs.%s", i ? ", " : "",
			types_member_at(r->c->types, args, i).name);
	diag_hint(r->c->diags, "this probe has %s%s", str_text(&names),
		count > MEMBERS_SHOWN ? ", …" : "");
}

/* Arguments by name, at the return of a function that has them at its entry. */
static bool is_late(const struct resolver *r, const struct builtin *builtin)
{
	const struct probe_match *match = &r->unit->matches.items[0];

	return builtin->flags & BUILTIN_ARGS_STRUCT && match->type->locate &&
	       match->context == CONTEXT_REGS_RETURN;
}

static void check_context(
	struct resolver *r, struct span span, const char *name, const struct builtin *builtin)
{
	if (is_allowed(r, builtin))
		return;
	if (builtin->kind == BUILTIN_VARIABLE) {
		diag_error(r->c->diags, span, "The %s builtin can only be used with %s", name,
			builtin->where);
		diag_one_cause(r->c->diags);
		if (is_late(r, builtin))
			diag_hint(r->c->diags,
				"what a function was called with is known at its entry: keep it "
				"there, as in uprobe:… { @name[tid] = args.name; }");
		else
			hint_at_members(r);
		return;
	}
	diag_error(r->c->diags, span, "%s can not be used with \"%s\" probes", name,
		r->unit->matches.items[0].type->name);
	diag_one_cause(r->c->diags);
	diag_hint(r->c->diags, "it can be used with %s", builtin->where);
}

bool scope_is_of_script(const struct compilation *c, const char *name)
{
	struct node *node;

	node_for_each (c->program->definitions, node) {
		if (node->kind == NODE_FUNCTION && strcmp(node_function(node)->name, name) == 0)
			return true;
	}
	return false;
}

void scope_target(struct resolver *r, struct node **slot)
{
	const char *name = node_identifier(*slot)->name;

	const struct builtin *builtin = builtin_find(r->c, name, NULL);

	if (builtin && builtin->kind == BUILTIN_VARIABLE) {
		scope_identifier(r, slot);
		return;
	}
	diag_error(r->c->diags, (*slot)->span,
		builtin ? "%s is a function" : "Unknown identifier: %s", name);
	diag_one_cause(r->c->diags);
	diag_hint(r->c->diags, "a variable is $%s, a map is @%s", name, name);
}

bool scope_yields_string(const struct resolver *r, struct node *node)
{
	const char *name = node->kind == NODE_IDENTIFIER ? node_identifier(node)->name
			   : node->kind == NODE_CALL     ? node_call(node)->name
							 : NULL;
	const struct builtin *builtin = name ? builtin_find(r->c, name, NULL) : NULL;

	if (node->kind == NODE_STRING)
		return true;
	return builtin && (builtin->kind == BUILTIN_VARIABLE) == (node->kind == NODE_IDENTIFIER) &&
	       builtin->prototypes[0] &&
	       slice_is(prototypes_of(r->c, builtin)->items[0].result, "string");
}

static void replace_by_text(struct resolver *r, struct node **slot, const char *text)
{
	node_replace(slot, constant_new_text(r->c, (*slot)->span, text));
}

void scope_identifier(struct resolver *r, struct node **slot)
{
	struct identifier *identifier = node_identifier(*slot);
	const struct builtin *builtin = builtin_find(r->c, identifier->name, NULL);

	if (!builtin) {
		scope_constant(r, slot);
		return;
	}
	if (builtin->kind != BUILTIN_VARIABLE) {
		diag_error(r->c->diags, (*slot)->span, "%s is a function", identifier->name);
		if (r->wants_text)
			diag_hint(r->c->diags, HINT_QUOTES);
		else
			diag_hint(r->c->diags, "call it: %s(…)", identifier->name);
		return;
	}
	identifier->builtin = builtin;
	check_context(r, (*slot)->span, identifier->name, builtin);
	if (!builtin->text)
		return;
	if (builtin->flags & BUILTIN_NEWER)
		generation_note(r->c, *slot);
	replace_by_text(r, slot, builtin->text(r->unit));
}

/* Variables may have a form with parentheses too, as nsecs(). */
static bool is_callable(const struct builtin *builtin)
{
	for (size_t i = 0; i < BUILTIN_MAX_PROTOTYPES && builtin->prototypes[i]; i++) {
		if (strchr(builtin->prototypes[i], '('))
			return true;
	}
	return false;
}

/* comm(): a variable without a form of its own for calls. */
static bool is_called_variable(const struct builtin *builtin, const struct call *call)
{
	return builtin && builtin->kind == BUILTIN_VARIABLE && !call->arguments &&
	       !(builtin->flags & (BUILTIN_NUMBERED | BUILTIN_ARGS_STRUCT)) &&
	       !is_callable(builtin);
}

bool scope_called_variable(struct resolver *r, struct node **slot)
{
	struct call *call = node_call(*slot);
	struct identifier *identifier;

	if (!is_called_variable(builtin_find(r->c, call->name, NULL), call))
		return false;
	generation_note(r->c, *slot);
	identifier = new_identifier(r->c->arena, call->node.span);
	identifier->name = call->name;
	identifier->node.next = call->node.next;
	*slot = &identifier->node;
	scope_identifier(r, slot);
	return true;
}

/* Functions of C libraries and of the kernel for which the language has an expression. */
static void hint_at_expression(const struct resolver *r, const char *name)
{
	static const struct {
		const char *const names[6];
		const char *expression;
	} rows[] = {
		{{"htons", "ntohs", "be16_to_cpu", "cpu_to_be16", "be16toh", "htobe16"},
			"bswap((uint16)x)"},
		{{"htonl", "ntohl", "be32_to_cpu", "cpu_to_be32", "be32toh", "htobe32"},
			"bswap((uint32)x)"},
		{{"be64_to_cpu", "cpu_to_be64", "be64toh", "htobe64"}, "bswap((uint64)x)"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t k = 0; k < ARRAY_SIZE(rows[i].names) && rows[i].names[k]; k++) {
			if (strcmp(rows[i].names[k], name) == 0)
				diag_hint(r->c->diags, "%s swaps the bytes", rows[i].expression);
		}
	}
}

static void find_function(struct resolver *r, struct call *call)
{
	struct suggestion suggestion;

	call->builtin = builtin_find(r->c, call->name, &suggestion);
	if (call->builtin && !is_callable(call->builtin)) {
		diag_error(r->c->diags, call->node.span, "%s is a variable, it takes no arguments",
			call->name);
		diag_hint(r->c->diags, "leave out the parentheses");
		call->builtin = NULL;
		return;
	}
	if (!call->builtin && scope_is_of_script(r->c, call->name))
		return;
	if (!call->builtin) {
		diag_error(r->c->diags, call->node.span, "Unknown function: %s", call->name);
		diag_one_cause(r->c->diags);
		if (suggestion.best)
			diag_hint(r->c->diags, "did you mean '%s'?", suggestion.best);
		else
			scope_hint_at_header(r, call->name);
		hint_at_expression(r, call->name);
		return;
	}
	check_context(r, call->node.span, call->name, call->builtin);
}

static void check_use(struct resolver *r, struct call *call, enum scope_use use)
{
	const struct builtin *builtin = call->builtin;

	if (builtin->kind == BUILTIN_AGGREGATION && use != USE_MAP_VALUE) {
		diag_error(r->c->diags, call->node.span, "%s() should be assigned to a map",
			call->name);
		diag_hint(r->c->diags, "as in @ = %s(…)", call->name);
	} else if (builtin->flags & BUILTIN_NEWER_VALUE && use != USE_STATEMENT) {
		generation_note(r->c, &call->node);
	} else if (builtin->flags & BUILTIN_STATEMENT && use != USE_STATEMENT) {
		diag_error(r->c->diags, call->node.span,
			"%s() has no value that could be used here", call->name);
	}
}

/* Whether an argument is a word of the parameter's own. */
static bool is_mode(const struct prototypes *prototypes, size_t index, const char *word)
{
	const struct prototype *prototype;

	vec_for_each (prototypes, prototype) {
		const struct parameter *parameter = prototype_parameter(prototype, index);

		if (parameter && parameter_has_mode(parameter, word))
			return true;
	}
	return false;
}

/* A word where the builtin takes a word, but none of its own, is left to the check of arguments. */
static bool takes_word(const struct prototypes *prototypes, size_t index, const char *word)
{
	return is_mode(prototypes, index, word) ||
	       prototypes_have(prototypes, index, PARAMETER_MODE);
}

void scope_fold(struct resolver *r, struct node **slot)
{
	struct node *number;
	int64_t value;

	if ((*slot)->kind == NODE_INTEGER || !constant_integer(*slot, &value))
		return;
	number = constant_is_unsigned(*slot)
			 ? constant_new_unsigned(r->c, (*slot)->span, (uint64_t)value)
			 : constant_new(r->c, (*slot)->span, value);
	node_replace(slot, number);
}

static bool takes_text_only(const struct prototypes *prototypes, size_t index)
{
	return !prototypes_have(prototypes, index, PARAMETER_POINTER) &&
	       (prototypes_have(prototypes, index, PARAMETER_STRING) ||
		       prototypes_have(prototypes, index, PARAMETER_LITERAL));
}

static bool is_word(const struct resolver *r, const struct prototypes *prototypes,
	struct node *argument, size_t index)
{
	if (argument->kind != NODE_IDENTIFIER)
		return false;

	const char *name = node_identifier(argument)->name;

	return !builtin_find(r->c, name, NULL) && takes_word(prototypes, index, name);
}

/* A word that the builtin takes as another argument, as perf in ustack(3, perf). */
static bool is_misplaced_word(struct resolver *r, const struct call *call,
	const struct prototypes *prototypes, struct node *argument)
{
	uint32_t type;
	uint64_t value;

	if (argument->kind != NODE_IDENTIFIER)
		return false;

	const char *word = node_identifier(argument)->name;

	if (builtin_find(r->c, word, NULL) ||
		types_enumerator(r->c->types, unit_module(r->unit), word, &type, &value))
		return false;
	for (size_t i = 0; i < PROTOTYPE_MAX_PARAMETERS; i++) {
		if (!is_mode(prototypes, i, word))
			continue;
		diag_error(r->c->diags, argument->span, "%s() takes %s as argument %zu", call->name,
			word, i + 1);
		prototype_hint(r->c, call->builtin->prototypes[prototypes->count - 1]);
		return true;
	}
	return false;
}

/* The name of a member, which needs no quotes. */
static void quote_word(struct resolver *r, struct node **slot)
{
	replace_by_text(r, slot, node_identifier(*slot)->name);
}

static void resolve_argument(
	struct resolver *r, const struct call *call, struct node **slot, size_t index)
{
	const struct prototypes *prototypes = prototypes_of(r->c, call->builtin);
	struct node *argument = *slot;
	bool before = r->wants_text;

	if (call->builtin->evaluate) {
		r->c->has_comptime = true;
		if (argument->kind == NODE_IDENTIFIER &&
			prototypes_have(prototypes, index, PARAMETER_LITERAL))
			quote_word(r, slot);
		else
			scope_sized(r, slot);
		return;
	}
	if (is_word(r, prototypes, argument, index) ||
		is_misplaced_word(r, call, prototypes, argument))
		return;
	if (argument->kind == NODE_MAP && !node_map_access(argument)->key &&
		prototypes_have(prototypes, index, PARAMETER_MAP)) {
		scope_whole_map(r, node_map_access(argument));
	} else if (argument->kind == NODE_VARIABLE &&
		   prototypes_have(prototypes, index, PARAMETER_VARIABLE)) {
		scope_assign_variable(r, node_variable_use(argument));
	} else {
		r->wants_text = takes_text_only(prototypes, index);
		scope_node(r, slot, USE_VALUE);
		r->wants_text = before;
	}
	if (prototypes_have(prototypes, index, PARAMETER_CONST_INT))
		scope_fold(r, slot);
	if (index && prototypes_have(prototypes, index, PARAMETER_KEY) &&
		call->arguments->kind == NODE_MAP)
		scope_note_keyed(
			r, node_map_access(call->arguments)->map, call->arguments->span, true);
}

/* Arguments of an unknown function are resolved for mistakes of their own. */
static void resolve_unknown_argument(struct resolver *r, struct node **slot)
{
	bool before = r->wants_text;

	r->wants_text = false;
	scope_node(r, slot, USE_VALUE);
	r->wants_text = before;
}

void scope_call(struct resolver *r, struct call *call, enum scope_use use)
{
	size_t index = 0;

	find_function(r, call);
	if (call->builtin)
		check_use(r, call, use);
	for (struct node **slot = &call->arguments; *slot; slot = &(*slot)->next) {
		struct scope_frame *frame = scope_enter_argument(r, slot);

		if (call->builtin)
			resolve_argument(r, call, slot, index++);
		else
			resolve_unknown_argument(r, slot);
		r->frame = frame;
	}
}
