/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every name refers to. After this pass each VARIABLE has its variable, each MAP its map, each
 * CALL and each IDENTIFIER left its builtin (mode words of calls, as boot in nsecs(boot), have
 * none); enum constants have become numbers. Mistakes that show without types are reported here: a
 * builtin in a probe that does not have it, a call without a value used as one, an aggregation that
 * is not assigned to a map.
 *
 * A variable that is just assigned to belongs to the braces around it, from there on, but may be
 * read behind them (scope_variable.c). One declared by `let` ends with the braces around it, the
 * variable of a `for` with each round; no name may be declared while another variable of that name
 * is there.
 */
#include "scope.h"

#include "comptime.h"
#include "constant.h"
#include "expansion.h"
#include "program.h"

void scope_unavailable(struct resolver *r, const struct node *node, const char *what)
{
	diag_error(r->c->diags, node->span, "%s: not available yet", what);
	diag_one_cause(r->c->diags);
}

/* The left side of an assignment, or the operand of ++ and --. */
static void resolve_target(struct resolver *r, struct node **slot, bool reads_too)
{
	switch ((*slot)->kind) {
	case NODE_VARIABLE:
		if (reads_too)
			scope_read_variable(r, node_variable_use(*slot));
		else
			scope_assign_variable(r, node_variable_use(*slot));
		break;
	case NODE_MAP: scope_map(r, node_map_access(*slot), true); break;
	case NODE_IDENTIFIER: scope_target(r, slot); break;
	default: /* what cannot be assigned to: check_flow reports it */
		scope_node(r, slot, USE_VALUE);
	}
}

static void resolve_assignment(struct resolver *r, struct assign *assign)
{
	bool to_map = assign->target->kind == NODE_MAP && assign->op == OPERATOR_NONE;

	/* The value first: $x = $x + 1 does not define the $x that it reads. */
	scope_node(r, &assign->value, to_map ? USE_MAP_VALUE : USE_VALUE);
	resolve_target(r, &assign->target, assign->op != OPERATOR_NONE);
}

static bool is_step(const struct unary *unary)
{
	return unary->op == OPERATOR_PRE_INCREMENT || unary->op == OPERATOR_PRE_DECREMENT ||
	       unary->op == OPERATOR_POST_INCREMENT || unary->op == OPERATOR_POST_DECREMENT;
}

static void resolve_list(struct resolver *r, struct node **slot, enum scope_use use)
{
	for (; *slot; slot = &(*slot)->next)
		scope_node(r, slot, use);
}

static void resolve_block(struct resolver *r, struct node **statements)
{
	scope_open(r);
	resolve_list(r, statements, USE_STATEMENT);
	scope_close(r);
}

/* Whether a name is that of a type and of no value that comes before types. */
static bool is_type_name(struct resolver *r, const char *name)
{
	return !builtin_find(r->c, name, NULL) &&
	       (types_find_for(r->c->types, unit_module(r->unit), NULL, name) ||
		       program_type(r->c, r->unit, NULL, name));
}

static void resolve_type(struct resolver *r, struct type *type)
{
	struct node *element;

	if (type->of)
		scope_sized(r, &type->of);
	if (type->base)
		resolve_type(r, node_type(type->base));
	node_for_each (type->elements, element)
		resolve_type(r, node_type(element));
}

/* sizeof(name): a type when no value has the name. */
void scope_sized(struct resolver *r, struct node **slot)
{
	struct identifier *identifier;
	struct type *type;

	if ((*slot)->kind == NODE_TYPE) {
		resolve_type(r, node_type(*slot));
		return;
	}
	if ((*slot)->kind == NODE_ARGUMENT) {
		struct scope_frame *frame = scope_enter_argument(r, slot);

		scope_sized(r, slot);
		r->frame = frame;
		return;
	}
	if ((*slot)->kind != NODE_IDENTIFIER || !is_type_name(r, node_identifier(*slot)->name)) {
		scope_node(r, slot, USE_VALUE);
		return;
	}
	identifier = node_identifier(*slot);
	type = new_type(r->c->arena, (*slot)->span);
	type->name = identifier->name;
	*slot = &type->node;
}

/* One without statements is its result. */
static void resolve_block_expression(struct resolver *r, struct node **slot, enum scope_use use)
{
	struct node *node = *slot;
	struct block_expression *block = node_block_expression(node);

	generation_note(r->c, node);
	if (!block->result && use != USE_STATEMENT) {
		diag_error(r->c->diags, node->span, "this block has no value");
		diag_hint(r->c->diags, "its value is that of a last expression without ;");
	}
	scope_open(r);
	resolve_list(r, &block->statements, USE_STATEMENT);
	if (block->result)
		scope_node(r, &block->result,
			block->statements && use == USE_MAP_VALUE ? USE_VALUE : use);
	scope_close(r);
	if (!block->result || block->statements)
		return;
	block->result->in_parentheses = true;
	node_replace(slot, block->result);
}

static void resolve_let(struct resolver *r, struct let *let)
{
	struct variable_use *use = node_variable_use(let->variable);

	if (let->type)
		resolve_type(r, node_type(let->type));
	if (let->value)
		scope_node(r, &let->value, USE_VALUE);
	scope_declare_variable(r, use);
	use->variable->assigned = let->value != NULL;
}

static void resolve_while(struct resolver *r, struct while_loop *loop)
{
	scope_node(r, &loop->condition, USE_VALUE);
	scope_node(r, &loop->body, USE_STATEMENT);
}

static void resolve_iterable(struct resolver *r, struct node **slot)
{
	struct scope_frame *frame = scope_enter_argument(r, slot);
	struct node *iterable = *slot;

	if (iterable->kind == NODE_RANGE) {
		scope_node(r, &node_range(iterable)->low, USE_VALUE);
		scope_node(r, &node_range(iterable)->high, USE_VALUE);
	} else if (iterable->kind == NODE_MAP && !node_map_access(iterable)->key) {
		scope_whole_map(r, node_map_access(iterable));
	} else {
		scope_node(r, slot, USE_VALUE);
		diag_error(r->c->diags, iterable->span, "for needs a map or a range");
		diag_hint(r->c->diags, "as in for ($kv : @map) or for ($i : 0..10)");
	}
	r->frame = frame;
}

static void resolve_for(struct resolver *r, struct for_loop *loop)
{
	const struct for_loop *outer = r->loop;
	struct variable_use *use = node_variable_use(loop->variable);

	resolve_iterable(r, &loop->iterable);
	r->loop = loop;
	scope_open(r);
	scope_declare_variable(r, use);
	use->variable->assigned = true;
	scope_node(r, &loop->body, USE_STATEMENT);
	scope_close(r);
	r->loop = outer;
}

static void resolve_if(struct resolver *r, struct node **slot)
{
	struct if_statement *statement = node_if_statement(*slot);

	if (scope_choice(r, slot, statement->condition, USE_STATEMENT))
		return;
	scope_node(r, &statement->condition, USE_VALUE);
	if (statement->then)
		scope_node(r, &statement->then, USE_STATEMENT);
	if (statement->otherwise)
		scope_node(r, &statement->otherwise, USE_STATEMENT);
}

static void resolve_ternary(struct resolver *r, struct node **slot, enum scope_use use)
{
	enum scope_use arm = use == USE_STATEMENT ? USE_STATEMENT : USE_VALUE;
	struct ternary *ternary = node_ternary(*slot);

	if (scope_choice(r, slot, ternary->condition, use))
		return;
	scope_node(r, &ternary->condition, USE_VALUE);
	scope_node(r, &ternary->then, arm);
	scope_node(r, &ternary->otherwise, arm);
}

/* true and false are what comparisons yield. */
static void resolve_boolean(struct resolver *r, struct node **slot)
{
	node_replace(slot, constant_new_typed(r->c, (*slot)->span, type_bool(r->c),
				   node_boolean(*slot)->value));
}

static bool names_args(const struct resolver *r, struct node *node)
{
	const struct builtin *builtin =
		node->kind == NODE_IDENTIFIER
			? builtin_find(r->c, node_identifier(node)->name, NULL)
			: NULL;

	return builtin && builtin->flags & BUILTIN_ARGS_STRUCT;
}

/* Functions that return without types have one thing by name: args.retval is retval. */
static void resolve_member(struct resolver *r, struct node **slot)
{
	struct member *member = node_member(*slot);
	struct identifier *retval;

	if (r->unit->context != CONTEXT_REGS_RETURN || !names_args(r, member->object) ||
		!scope_is_value(r, member->name)) {
		scope_node(r, &member->object, USE_VALUE);
		return;
	}
	retval = new_identifier(r->c->arena, member->node.span);
	retval->name = member->name;
	retval->node.next = member->node.next;
	*slot = &retval->node;
	scope_identifier(r, slot);
}

/* A string is compared with a string: a bare word on the other side was meant as one. */
static void resolve_binary(struct resolver *r, struct binary *binary)
{
	bool equality = binary->op == OPERATOR_EQUAL || binary->op == OPERATOR_NOT_EQUAL;
	bool before = r->wants_text;

	r->wants_text |= equality && scope_yields_string(r, binary->right);
	scope_node(r, &binary->left, USE_VALUE);
	r->wants_text = before || (equality && scope_yields_string(r, binary->left));
	scope_node(r, &binary->right, USE_VALUE);
	r->wants_text = before;
}

/* The unary operator that a binary one is after a cast. */
static bool is_unary_too(enum operator op, enum operator* ret)
{
	switch (op) {
	case OPERATOR_ADD: *ret = OPERATOR_NONE; return true;
	case OPERATOR_SUBTRACT: *ret = OPERATOR_MINUS; return true;
	case OPERATOR_MULTIPLY: *ret = OPERATOR_DEREFERENCE; return true;
	case OPERATOR_BIT_AND: *ret = OPERATOR_ADDRESS_OF; return true;
	default: return false;
	}
}

static bool is_cast(struct resolver *r, const struct binary *binary)
{
	const struct node *left = binary->left;
	enum operator op;

	if (!left->in_parentheses || !is_unary_too(binary->op, &op))
		return false;
	if (left->kind == NODE_ARGUMENT)
		return expansion_strip(left)->kind == NODE_TYPE;
	return left->kind == NODE_IDENTIFIER &&
	       is_type_name(r, node_identifier(binary->left)->name);
}

/* (name) - a * b is read as a difference. When name is a type it is ((name)-a) * b. */
static void make_cast(struct resolver *r, struct node **slot)
{
	struct binary *binary = node_binary(*slot);
	struct cast *cast = new_cast(r->c->arena, binary->node.span);
	struct unary *unary = new_unary(r->c->arena, binary->node.span);
	struct type *type = new_type(r->c->arena, binary->left->span);
	struct node **operand = &binary->right;

	while ((*operand)->kind == NODE_BINARY && !(*operand)->in_parentheses)
		operand = &node_binary(*operand)->left;
	if (binary->left->kind == NODE_IDENTIFIER)
		type->name = node_identifier(binary->left)->name;
	else
		type->of = binary->left;
	unary->operand = *operand;
	cast->type = &type->node;
	cast->operand = is_unary_too(binary->op, &unary->op) && unary->op ? &unary->node : *operand;
	*operand = &cast->node;
	binary->right->next = binary->node.next;
	*slot = binary->right;
}

static void resolve_argument(struct resolver *r, struct node **slot, enum scope_use use)
{
	struct scope_frame *frame = scope_enter_argument(r, slot);

	scope_node(r, slot, use);
	r->frame = frame;
}

static void resolve_child(struct node **slot, void *context)
{
	resolve_list(context, slot, USE_VALUE);
}

void scope_node(struct resolver *r, struct node **slot, enum scope_use use)
{
	struct node *node = *slot;

	switch (node->kind) {
	case NODE_BLOCK: resolve_block(r, &node_block(node)->statements); break;
	case NODE_ASSIGN: resolve_assignment(r, node_assign(node)); break;
	case NODE_LET: resolve_let(r, node_let(node)); break;
	case NODE_IF: resolve_if(r, slot); break;
	case NODE_WHILE: resolve_while(r, node_while_loop(node)); break;
	case NODE_UNROLL:
		scope_node(r, &node_unroll(node)->count, USE_VALUE);
		scope_fold(r, &node_unroll(node)->count);
		scope_node(r, &node_unroll(node)->body, USE_STATEMENT);
		break;
	case NODE_BOOLEAN: resolve_boolean(r, slot); break;
	case NODE_IDENTIFIER: scope_identifier(r, slot); break;
	case NODE_MEMBER:
		if (!scope_setting(r, slot))
			resolve_member(r, slot);
		break;
	case NODE_VARIABLE: scope_read_variable(r, node_variable_use(node)); break;
	case NODE_MAP: scope_map(r, node_map_access(node), false); break;
	case NODE_CALL:
		if (scope_part(r, slot) || scope_container(r, slot))
			scope_node(r, slot, use);
		else if (!scope_called_variable(r, slot))
			scope_call(r, node_call(node), use);
		break;
	case NODE_UNARY:
		if (is_step(node_unary(node)))
			resolve_target(r, &node_unary(node)->operand, true);
		else
			scope_node(r, &node_unary(node)->operand, USE_VALUE);
		break;
	case NODE_BINARY:
		if (is_cast(r, node_binary(node))) {
			make_cast(r, slot);
			scope_node(r, slot, use);
		} else {
			resolve_binary(r, node_binary(node));
		}
		break;
	case NODE_TERNARY: resolve_ternary(r, slot, use); break;
	case NODE_CAST:
		resolve_type(r, node_type(node_cast(node)->type));
		scope_node(r, &node_cast(node)->operand, USE_VALUE);
		break;
	case NODE_TYPE: diag_error(r->c->diags, node->span, "this is a type, not a value"); break;
	case NODE_COMPTIME:
		r->c->has_comptime = true;
		generation_note(r->c, node);
		scope_node(r, &node_comptime_value_of(node)->operand, USE_VALUE);
		break;
	case NODE_SIZEOF: scope_sized(r, &node_size_of(node)->operand); break;
	case NODE_OFFSETOF: scope_sized(r, &node_offset_of(node)->operand); break;
	case NODE_FOR: resolve_for(r, node_for_loop(node)); break;
	case NODE_RANGE: scope_unavailable(r, node, "ranges"); break;
	case NODE_RECORD: scope_record(r, node_record(node)); break;
	case NODE_EXPANSION: scope_expansion(r, slot, use); break;
	case NODE_ARGUMENT: resolve_argument(r, slot, use); break;
	case NODE_BLOCK_EXPRESSION: resolve_block_expression(r, slot, use); break;
	default: /* no name of its own: JUMP, INDEX, TUPLE, literals … */
		node_slots(node, resolve_child, r);
	}
}

static void check_definitions(struct resolver *r)
{
	struct node *definition;

	node_for_each (r->c->program->definitions, definition) {
		switch (definition->kind) {
		case NODE_MAP_DECLARATION: scope_check_declaration(r, definition); break;
		case NODE_FUNCTION: scope_unavailable(r, definition, "fn"); break;
		default: break;
		}
	}
}

static void resolve_unit(struct resolver *r, struct unit *unit)
{
	struct probe *probe = unit->probe;

	r->unit = unit;
	r->frame = scope_root(r);
	if (probe->filter)
		scope_node(r, &probe->filter, USE_VALUE);
	if (probe->body)
		scope_node(r, &probe->body, USE_STATEMENT);
	scope_join_variables(r);
}

void scope_finish(struct compilation *c)
{
	if (!c->resolver)
		return;
	if (!c->undecided) {
		scope_report_unwritten(c->resolver);
		scope_report_unused(c->resolver);
	}
	vec_deinit(&c->resolver->reads);
	c->resolver = NULL;
}

void scope_resolve(struct compilation *c)
{
	struct unit **unit;

	c->resolver = arena_new(c->arena, struct resolver);
	c->resolver->c = c;
	check_definitions(c->resolver);
	vec_for_each (&c->units, unit)
		resolve_unit(c->resolver, *unit);
	if (!c->undecided || c->diags->errors)
		scope_finish(c);
}
