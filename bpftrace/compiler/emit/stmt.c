/* SPDX-License-Identifier: Apache-2.0 */
/* Statements. Temporaries live until the end of their statement. */
#include "access.h"
#include "compare.h"
#include "debug.h"
#include "expr.h"
#include "for.h"
#include "ir.h"
#include "loop.h"
#include "mapops.h"
#include "stmt.h"
#include "variable.h"

/* target op value; it works in the type of its value, to which infer has converted that, though a
 * declared target may be narrower or signed. Pointers stay, and so does what is shifted. */
static struct node *compound_value(struct emitter *e, struct assign *assign)
{
	struct binary *binary = new_binary(e->c->arena, assign->node.span);
	bool is_shift = assign->op == OPERATOR_SHIFT_LEFT || assign->op == OPERATOR_SHIFT_RIGHT;
	bool is_integer = types_is_integer(e->c->types, assign->target->type);

	binary->node.type = is_integer && !is_shift ? assign->value->type : assign->target->type;
	binary->op = assign->op;
	binary->left = assign->target;
	binary->right = assign->value;
	return &binary->node;
}

/* The value first, then the key, once; + and - are atomic. */
static void compound_map(struct emitter *e, struct assign *assign)
{
	struct map_access *access = node_map_access(assign->target);
	uint32_t type = access->map->value;
	LLVMValueRef value = expr_scaled(e, type, expr_register(e, assign->value));

	if (assign->op == OPERATOR_ADD || assign->op == OPERATOR_SUBTRACT) {
		if (assign->op == OPERATOR_SUBTRACT)
			value = LLVMBuildNeg(e->builder, value, "");
		mapops_add(e, access, value, false);
		return;
	}
	struct mapops_update update = mapops_update_begin(e, access);
	LLVMValueRef old = access_load(e, value_memory(type, update.value));
	bool is_signed = types_is_signed(e->c->types, type);

	access_store(e, (struct place){.type = type, .address = update.value},
		expr_arithmetic(e, assign->op, old, value, is_signed));
	mapops_update_end(e, &update);
}

static void assign_map(struct emitter *e, struct assign *assign)
{
	struct map_access *access = node_map_access(assign->target);

	if (builtin_is_aggregation(assign->value)) {
		struct map_access *outer = e->target;

		e->target = access;
		node_call(assign->value)->builtin->emit(e, assign->value);
		e->target = outer;
	} else if (assign->op == OPERATOR_NONE) {
		mapops_assign(e, access, assign->value);
	} else {
		compound_map(e, assign);
	}
}

struct mention {
	const struct variable *variable;
	bool found;
};

static bool visit_mention(struct node *node, void *context)
{
	struct mention *mention = context;

	if (node->kind == NODE_VARIABLE && node_variable_use(node)->variable == mention->variable)
		mention->found = true;
	return !mention->found;
}

static bool mentions(struct node *value, const struct variable *variable)
{
	struct mention mention = {.variable = variable};

	node_walk(value, visit_mention, &mention);
	return mention.found;
}

static void assign_variable(struct emitter *e, struct variable *variable, struct node *value)
{
	struct place place = variable_place(e, variable);

	if (types_is_scalar(e->c->types, place.type)) {
		access_store(e, place, expr_register(e, value));
		return;
	}
	bool is_string = types_class(e->c->types, place.type) == TYPE_STRING;

	if (is_string && value->kind != NODE_STRING && !mentions(value, variable)) {
		access_copy(e, expr_emit(e, value), place);
		return;
	}
	/* the value may read the variable: make it first */
	struct place made = variable_temporary(e, place.type);

	expr_into(e, value, made);
	access_copy(e, value_memory(made.type, made.address), place);
}

static void assign(struct emitter *e, struct assign *assign)
{
	if (assign->target->kind == NODE_MAP) {
		assign_map(e, assign);
		return;
	}
	struct node *value =
		assign->op == OPERATOR_NONE ? assign->value : compound_value(e, assign);

	assign_variable(e, node_variable_use(assign->target)->variable, value);
}

static void emit_if(struct emitter *e, struct if_statement *statement)
{
	LLVMBasicBlockRef then = ir_block(e, "then"), otherwise = ir_block(e, "else");
	LLVMBasicBlockRef after = ir_block(e, "endif");

	ir_branch(e, compare_condition(e, statement->condition), then, otherwise);
	ir_begin(e, then);
	stmt_emit(e, statement->then);
	ir_jump(e, after);
	ir_begin(e, otherwise);
	if (statement->otherwise)
		stmt_emit(e, statement->otherwise);
	ir_jump(e, after);
	ir_begin(e, after);
}

static void emit_let(struct emitter *e, struct let *let)
{
	struct variable *variable = node_variable_use(let->variable)->variable;

	if (let->value)
		assign_variable(e, variable, let->value);
	else if (variable->type)
		variable_clear(e, variable);
}

static void emit_list(struct emitter *e, struct node *head)
{
	struct node *node;

	node_for_each (head, node) {
		/* what follows a jump is never reached */
		if (LLVMGetBasicBlockTerminator(ir_here(e)))
			return;
		stmt_emit(e, node);
	}
}

void stmt_emit_all(struct emitter *e, struct node *head)
{
	emit_list(e, head);
	if (LLVMGetBasicBlockTerminator(ir_here(e)))
		ir_begin(e, ir_block(e, "unreachable"));
}

void stmt_emit(struct emitter *e, struct node *node)
{
	uint32_t scratch = e->function->scratch_used;
	size_t stack = e->function->stack_used;

	debug_location(e, node->span);
	switch (node->kind) {
	case NODE_BLOCK: emit_list(e, node_block(node)->statements); break;
	case NODE_ASSIGN: assign(e, node_assign(node)); break;
	case NODE_LET: emit_let(e, node_let(node)); break;
	case NODE_IF: emit_if(e, node_if_statement(node)); break;
	case NODE_WHILE: loop_while(e, node_while_loop(node)); break;
	case NODE_FOR: for_emit(e, node_for_loop(node)); break;
	case NODE_UNROLL: loop_unroll(e, node_unroll(node)); break;
	case NODE_JUMP:
		if (node_jump(node)->value)
			expr_emit(e, node_jump(node)->value);
		loop_jump(e, node_jump(node));
		break;
	default: expr_emit(e, node); break;
	}
	e->function->scratch_used = scratch;
	e->function->stack_used = stack;
}
