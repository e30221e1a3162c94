/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree as -d shows it: one line per node, one blank more per level. A line is made by label();
 * below it are the node's children in their order, except for the few nodes which have a case in
 * dump_node().
 */
#include "ast.h"

#include <string.h>

#include "libcommon/types/types.h"

struct dump {
	const struct types *types;
	struct str *out;
	unsigned depth;
};

static void dump_list(struct dump *dump, struct node *head, unsigned levels);

/* --- lines --- */

static void append_escaped(struct str *out, const char *text, size_t length)
{
	static const char letters[] = "\a\b\f\n\r\t\v\\\"", names[] = "abfnrtv\\\"";

	for (size_t i = 0; i < length; i++) {
		char c = text[i];
		const char *letter = c ? strchr(letters, c) : NULL;

		if (letter)
			str_printf(out, "\\%c", names[letter - letters]);
		else if ((unsigned char)c < ' ' || c == 0x7f)
			str_printf(out, "\\x%02x", c);
		else
			str_append_char(out, c);
	}
}

/* As spelled: "struct a *", "(int64, string)", "uint8[4]". */
static void append_type(struct str *out, struct node *node)
{
	struct type *type = node_type(node);
	struct node *element;

	if (type->keyword)
		str_printf(out, "%s ", type->keyword);
	if (type->base) {
		append_type(out, type->base);
	} else if (type->name) {
		str_append(out, type->name);
	} else if (!type->elements) {
		str_append(out, "typeof");
	} else {
		str_append_char(out, '(');
		node_for_each (type->elements, element) {
			append_type(out, element);
			if (element->next)
				str_append(out, ", ");
		}
		str_append_char(out, ')');
	}
	if (type->pointers > 0)
		str_append_char(out, ' ');
	str_append_repeat(out, '*', type->pointers);
	for (uint32_t i = 0; i < type->dimensions; i++) {
		if (type->sizes[i])
			str_printf(out, "[%u]", type->sizes[i]);
		else
			str_append(out, "[]");
	}
}

static void label_integer(struct str *out, const struct integer *integer)
{
	if (integer->constant)
		str_printf(out, "int: %lld", (long long)integer->value);
	else
		str_printf(out, "int: %llu", (unsigned long long)integer->value);
	if (integer->unit)
		str_printf(out, " (%s)", integer->unit);
}

/* The number is known when the operand has been replaced by it. */
static void label_number(
	struct str *out, const char *name, const struct node *operand, uint64_t number)
{
	str_append(out, name);
	if (!operand)
		str_printf(out, ": %llu", (unsigned long long)number);
}

static void label_unary(struct str *out, enum operator op)
{
	switch (op) {
	case OPERATOR_DEREFERENCE: str_append(out, "dereference"); break;
	case OPERATOR_ADDRESS_OF: str_append(out, "address of"); break;
	case OPERATOR_POST_INCREMENT:
	case OPERATOR_POST_DECREMENT: str_printf(out, "post %s", operator_name(op)); break;
	default: str_append(out, operator_name(op)); break;
	}
}

static void label_jump(struct str *out, enum jump_kind jump)
{
	switch (jump) {
	case JUMP_BREAK: str_append(out, "break"); break;
	case JUMP_CONTINUE: str_append(out, "continue"); break;
	case JUMP_RETURN: str_append(out, "return"); break;
	}
}

/* One that the compiler put in has no type as spelled. */
static void label_cast(struct str *out, struct node *type)
{
	if (!type) {
		str_append(out, "cast");
		return;
	}
	str_append_char(out, '(');
	append_type(out, type);
	str_append_char(out, ')');
}

static void label(struct str *out, struct node *node)
{
	switch (node->kind) {
	case NODE_PROGRAM: str_append(out, "Program"); break;
	case NODE_CONFIG: str_append(out, "config"); break;
	case NODE_SETTING: str_printf(out, "setting: %s", node_config_setting(node)->key); break;
	case NODE_C_TEXT:
		str_append(out, "c: ");
		append_escaped(out, node_c_text(node)->text, strlen(node_c_text(node)->text));
		break;
	case NODE_IMPORT: str_printf(out, "import: %s", node_import(node)->path); break;
	case NODE_MAP_DECLARATION:
		str_printf(out, "let: %s = %s", node_map_declaration(node)->name,
			node_map_declaration(node)->kind);
		break;
	case NODE_MACRO: str_printf(out, "macro: %s", node_macro(node)->name); break;
	case NODE_FUNCTION: str_printf(out, "fn: %s", node_function(node)->name); break;
	case NODE_PROBE: break;
	case NODE_ATTACH_POINT: str_append(out, node_attach_point(node)->text); break;
	case NODE_BLOCK:
	case NODE_BLOCK_EXPRESSION: str_append(out, "block"); break;
	case NODE_ASSIGN: str_printf(out, "%s=", operator_name(node_assign(node)->op)); break;
	case NODE_LET: str_append(out, "let"); break;
	case NODE_IF: str_append(out, "if"); break;
	case NODE_WHILE: str_append(out, "while"); break;
	case NODE_FOR: str_append(out, "for"); break;
	case NODE_UNROLL: str_append(out, "unroll"); break;
	case NODE_JUMP: label_jump(out, node_jump(node)->jump); break;
	case NODE_INTEGER: label_integer(out, node_integer(node)); break;
	case NODE_STRING:
		str_append(out, "string: ");
		append_escaped(out, node_string(node)->text, node_string(node)->length);
		break;
	case NODE_BOOLEAN:
		str_printf(out, "bool: %s", node_boolean(node)->value ? "true" : "false");
		break;
	case NODE_IDENTIFIER: str_printf(out, "builtin: %s", node_identifier(node)->name); break;
	case NODE_VARIABLE: str_printf(out, "variable: %s", node_variable_use(node)->name); break;
	case NODE_MAP: str_printf(out, "map: %s", node_map_access(node)->name); break;
	case NODE_POSITIONAL: str_printf(out, "param: $%u", node_positional(node)->number); break;
	case NODE_POSITIONAL_COUNT: str_append(out, "param: $#"); break;
	case NODE_CALL: str_printf(out, "call: %s", node_call(node)->name); break;
	case NODE_UNARY: label_unary(out, node_unary(node)->op); break;
	case NODE_BINARY: str_append(out, operator_name(node_binary(node)->op)); break;
	case NODE_TERNARY: str_append(out, "?:"); break;
	case NODE_MEMBER: str_append(out, node_member(node)->arrow ? "->" : "."); break;
	case NODE_ELEMENT: str_append(out, "."); break;
	case NODE_INDEX: str_append(out, "[]"); break;
	case NODE_CAST: label_cast(out, node_cast(node)->type); break;
	case NODE_SIZEOF:
		label_number(
			out, "sizeof", node_size_of(node)->operand, node_size_of(node)->number);
		break;
	case NODE_OFFSETOF:
		label_number(out, "offsetof", node_offset_of(node)->operand,
			node_offset_of(node)->number);
		break;
	case NODE_COMPTIME: str_append(out, "comptime"); break;
	case NODE_TUPLE: str_append(out, "tuple"); break;
	case NODE_RECORD: str_append(out, "record"); break;
	case NODE_RECORD_FIELD: str_printf(out, "field: %s", node_record_field(node)->name); break;
	case NODE_RANGE: str_append(out, ".."); break;
	case NODE_EXPANSION:
		str_printf(out, "expansion: %s", node_macro_expansion(node)->name);
		break;
	case NODE_ALIAS: str_printf(out, "alias: %s", node_alias(node)->name); break;
	case NODE_ARGUMENT: str_append(out, "argument"); break;
	case NODE_TYPE:
		str_append(out, "type: ");
		append_type(out, node);
		break;
	case NR_NODES: break;
	}
}

static void start_line(struct dump *dump, unsigned levels)
{
	str_append_repeat(dump->out, ' ', dump->depth + levels);
}

static void word(struct dump *dump, unsigned levels, const char *text)
{
	start_line(dump, levels);
	str_printf(dump->out, "%s\n", text);
}

/* --- nodes --- */

static void dump_slot(struct node **slot, void *context)
{
	dump_list(context, *slot, 1);
}

static void dump_probe(struct dump *dump, struct probe *probe)
{
	dump_list(dump, probe->attach_points, 0);
	if (probe->filter) {
		word(dump, 1, "pred");
		dump_list(dump, probe->filter, 2);
	}
	if (probe->body)
		dump_list(dump, node_block(probe->body)->statements, 1);
}

static void dump_if(struct dump *dump, struct if_statement *branch)
{
	dump_list(dump, branch->condition, 1);
	word(dump, 1, "then");
	dump_list(dump, node_block(branch->then)->statements, 2);
	if (!branch->otherwise)
		return;
	word(dump, 1, "else");
	if (branch->otherwise->kind == NODE_BLOCK)
		dump_list(dump, node_block(branch->otherwise)->statements, 2);
	else
		dump_list(dump, branch->otherwise, 2);
}

static void dump_block_expression(struct dump *dump, struct block_expression *block)
{
	dump_list(dump, block->statements, 1);
	if (block->result) {
		word(dump, 1, "result");
		dump_list(dump, block->result, 2);
	}
}

static void dump_node(struct dump *dump, struct node *node)
{
	if (node->kind == NODE_PROBE) {
		dump_probe(dump, node_probe(node));
		return;
	}
	start_line(dump, 0);
	label(dump->out, node);
	if (dump->types && node->type) {
		str_append(dump->out, " :: [");
		types_spell(dump->types, node->type, dump->out);
		str_append_char(dump->out, ']');
	}
	str_append_char(dump->out, '\n');
	switch (node->kind) {
	case NODE_IF: dump_if(dump, node_if_statement(node)); break;
	case NODE_BLOCK_EXPRESSION: dump_block_expression(dump, node_block_expression(node)); break;
	case NODE_CAST: dump_list(dump, node_cast(node)->operand, 1); break;
	case NODE_TYPE: break;
	case NODE_MEMBER:
		dump_list(dump, node_member(node)->object, 1);
		word(dump, 1, node_member(node)->name);
		break;
	case NODE_ELEMENT:
		dump_list(dump, node_element(node)->object, 1);
		start_line(dump, 1);
		str_printf(dump->out, "%u\n", node_element(node)->number);
		break;
	default: node_slots(node, dump_slot, dump); break;
	}
}

static void dump_list(struct dump *dump, struct node *head, unsigned levels)
{
	struct node *node;

	dump->depth += levels;
	node_for_each (head, node)
		dump_node(dump, node);
	dump->depth -= levels;
}

void node_dump(struct node *node, const struct types *types, struct str *out)
{
	struct dump dump = {.types = types, .out = out};

	dump_list(&dump, node, 0);
}
