/* SPDX-License-Identifier: Apache-2.0 */
/* The tree itself: spans, walking, replacing, copying, showing. Its shapes are in tests/lang. */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/ast/parse.h"
#include "libcommon/types/types.h"

static const char script[] = "config = { a = 1 }\n"
			     "macro m($x, @y) { @y++; $x }\n"
			     "kprobe:a , kprobe:b /(pid + 1) * 2 == (uint8)tid/ {\n"
			     "  @x[comm, -1] += $1 ? args.c->d[3] : f(\"s\", 'c');\n"
			     "  if $v { return } else { for $i : 0..9 { let $l: int8 = 2 } }\n"
			     "}\n";

struct fixture {
	struct arena arena;
	struct diags diags;
	struct program *program;
};

static struct fixture fixture_new(void)
{
	struct fixture f = {.arena = ARENA_INIT, .diags = DIAGS_INIT};
	uint32_t source = diags_add_source(&f.diags, "stdin", script, strlen(script));

	f.program = parse(&f.arena, &f.diags, source);
	assert_int_equal(f.diags.errors, 0);
	return f;
}

static void fixture_free(struct fixture *f)
{
	diags_deinit(&f->diags);
	arena_deinit(&f->arena);
}

#define _cleanup_fixture_ _cleanup_(fixture_free)

/* Appends the text below each node of one kind. */
struct collect {
	enum node_kind kind;
	struct str out;
};

static bool collect(struct node *node, void *context)
{
	struct collect *into = context;

	if (node->kind == into->kind) {
		str_append_char(&into->out, '|');
		str_append_bytes(
			&into->out, script + node->span.begin, node->span.end - node->span.begin);
	}
	return true;
}

static void assert_spans(struct fixture *f, enum node_kind kind, const char *expected)
{
	struct collect into = {.kind = kind};
	_cleanup_free_ char *text = NULL;

	node_walk(&f->program->node, collect, &into);
	text = str_take(&into.out);
	assert_string_equal(text, expected);
}

static void spans_are_what_was_written(void **state _unused_)
{
	_cleanup_fixture_ struct fixture f = fixture_new();

	assert_spans(&f, NODE_CONFIG, "|config = { a = 1 }");
	assert_spans(&f, NODE_SETTING, "|a = 1");
	assert_spans(&f, NODE_MACRO, "|macro m($x, @y) { @y++; $x }");
	assert_spans(&f, NODE_ATTACH_POINT, "|kprobe:a|kprobe:b");
	assert_spans(&f, NODE_BINARY, "|(pid + 1) * 2 == (uint8)tid|(pid + 1) * 2|(pid + 1)");
	assert_spans(&f, NODE_CAST, "|(uint8)tid");
	assert_spans(&f, NODE_TYPE, "|uint8|int8");
	assert_spans(&f, NODE_ASSIGN, "|@x[comm, -1] += $1 ? args.c->d[3] : f(\"s\", 'c')");
	assert_spans(&f, NODE_MAP, "|@y|@y|@x[comm, -1]");
	assert_spans(&f, NODE_TUPLE, "|[comm, -1]");
	assert_spans(&f, NODE_UNARY, "|@y++|-1");
	assert_spans(&f, NODE_TERNARY, "|$1 ? args.c->d[3] : f(\"s\", 'c')");
	assert_spans(&f, NODE_MEMBER, "|args.c->d|args.c");
	assert_spans(&f, NODE_INDEX, "|args.c->d[3]");
	assert_spans(&f, NODE_CALL, "|f(\"s\", 'c')");
	assert_spans(&f, NODE_IF, "|if $v { return } else { for $i : 0..9 { let $l: int8 = 2 } }");
	assert_spans(&f, NODE_JUMP, "|return");
	assert_spans(&f, NODE_RANGE, "|0..9");
	assert_spans(&f, NODE_LET, "|let $l: int8 = 2");
	assert_spans(&f, NODE_PROGRAM,
		"|" /* all of it */
		"config = { a = 1 }\n"
		"macro m($x, @y) { @y++; $x }\n"
		"kprobe:a , kprobe:b /(pid + 1) * 2 == (uint8)tid/ {\n"
		"  @x[comm, -1] += $1 ? args.c->d[3] : f(\"s\", 'c');\n"
		"  if $v { return } else { for $i : 0..9 { let $l: int8 = 2 } }\n"
		"}\n");
	node_verify(&f.program->node, &f.diags);
}

static bool names_until_assign(struct node *node, void *context)
{
	str_printf(context, "%s ", node_kind_name(node->kind));
	return node->kind != NODE_ASSIGN && node->kind != NODE_IF;
}

static void walking_goes_parents_first_and_leaves_out(void **state _unused_)
{
	_cleanup_fixture_ struct fixture f = fixture_new();
	_cleanup_str_ struct str names = STR_INIT;

	node_walk(f.program->probes, names_until_assign, &names);
	assert_string_equal(names.data,
		"probe attach_point attach_point binary binary binary identifier integer integer "
		"cast type identifier block assign if_statement ");
}

static void count_slot(struct node **slot, void *context)
{
	size_t *counts = context;

	counts[*slot ? 1 : 0]++;
}

static void empty_slots_are_slots_too(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct let *let = new_let(&arena, (struct span){});
	struct variable_use *variable = new_variable_use(&arena, (struct span){});
	size_t counts[2] = {};

	let->variable = &variable->node;
	node_slots(&let->node, count_slot, counts);
	assert_int_equal(counts[0], 2);
	assert_int_equal(counts[1], 1);
}

/* A pass that replaces each "pid" by a number. */
static void replace_pid(struct node **slot, void *context)
{
	for (; *slot; slot = &(*slot)->next) {
		if ((*slot)->kind == NODE_IDENTIFIER &&
			strcmp(node_identifier(*slot)->name, "pid") == 0) {
			struct integer *integer = new_integer(context, (*slot)->span);

			integer->value = 4711;
			integer->node.next = (*slot)->next;
			*slot = &integer->node;
		}
		node_slots(*slot, replace_pid, context);
	}
}

static char *dump(struct node *node)
{
	struct str out = STR_INIT;

	node_dump(node, NULL, &out);
	return str_take(&out);
}

static void copies_are_independent(void **state _unused_)
{
	_cleanup_fixture_ struct fixture f = fixture_new();
	_cleanup_free_ char *before = dump(&f.program->node);
	struct node *copy = node_clone(&f.arena, &f.program->node);
	_cleanup_free_ char *copied = dump(copy);

	assert_string_equal(copied, before);
	node_verify(copy, &f.diags);
	replace_pid(&copy, &f.arena);

	_cleanup_free_ char *changed = dump(copy), *after = dump(&f.program->node);

	assert_string_equal(after, before);
	assert_non_null(strstr(before, "builtin: pid"));
	assert_null(strstr(changed, "builtin: pid"));
	assert_non_null(strstr(changed, "int: 4711"));
}

static void a_copy_has_no_next(void **state _unused_)
{
	_cleanup_fixture_ struct fixture f = fixture_new();
	struct node *points = node_probe(f.program->probes)->attach_points;

	assert_int_equal(node_count(points), 2);
	assert_int_equal(node_count(node_clone(&f.arena, points)), 1);
	assert_int_equal(node_count(NULL), 0);
}

static void later_fields_are_copied(void **state _unused_)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	struct call *call = new_call(&arena, (struct span){});
	struct call swap;

	call->swap = &swap;
	call->node.type = 12;

	struct call *copy = node_call(node_clone(&arena, &call->node));

	assert_ptr_not_equal(copy, call);
	assert_ptr_equal(copy->swap, &swap);
	assert_int_equal(copy->node.type, 12);
}

static void dump_shows_types(void **state _unused_)
{
	_cleanup_fixture_ struct fixture f = fixture_new();
	struct types *types = types_new(NULL);
	struct node *filter = node_probe(f.program->probes)->filter;
	_cleanup_str_ struct str out = STR_INIT;

	filter->type = types_integer(types, 4, false);
	node_dump(&f.program->node, types, &out);
	assert_non_null(strstr(out.data, "\n  pred\n   == :: [uint32]\n    *\n"));
	types_free(types);
}

static void assert_type(const char *text, const char *expected)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	uint32_t source = diags_add_source(&diags, "type", text, strlen(text));
	struct type *type = parse_type_text(&arena, &diags, source);

	assert_int_equal(diags.errors, expected ? 0 : 1);
	if (!expected) {
		assert_null(type);
		return;
	}

	_cleanup_free_ char *spelled = dump(&type->node);

	assert_string_equal(spelled, expected);
}

static void types_by_themselves(void **state _unused_)
{
	assert_type("struct task_struct *", "type: struct task_struct *\n");
	assert_type("uint8[16]", "type: uint8[16]\n");
	assert_type(" const char * const *[]", "type: char **[]\n");
	assert_type("unsigned  long\tlong", "type: unsigned long long\n");
	assert_type("(int64, (string[4], bool))", "type: (int64, (string[4], bool))\n");
	assert_type("", NULL);
	assert_type("struct", NULL);
	assert_type("int8 x", NULL);
	assert_type("int8[", NULL);
	assert_type("(int8", NULL);
	assert_type("5", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_are_what_was_written),
		cmocka_unit_test(walking_goes_parents_first_and_leaves_out),
		cmocka_unit_test(empty_slots_are_slots_too),
		cmocka_unit_test(copies_are_independent),
		cmocka_unit_test(a_copy_has_no_next),
		cmocka_unit_test(later_fields_are_copied),
		cmocka_unit_test(dump_shows_types),
		cmocka_unit_test(types_by_themselves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
