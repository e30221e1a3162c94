/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts that bpftrace 0.20 takes, and that it refuses; also such as later passes refuse here. */
#include "tests/unit/unit.h"

#include "bpftrace/compiler/ast/parse.h"
#include "bpftrace/compiler/bind/bind.h"

static const struct builtin family[] = {
	{.name = "comm"},
	{.name = "kstack"},
	{.name = "nsecs"},
	{.name = "username", .flags = BUILTIN_NEWER},
	{.name = "delete", .kind = BUILTIN_FUNCTION},
	{.name = "len", .kind = BUILTIN_FUNCTION},
	{.name = "print", .kind = BUILTIN_FUNCTION},
	{.name = "printf", .kind = BUILTIN_FUNCTION},
	{.name = "has_key", .kind = BUILTIN_FUNCTION, .flags = BUILTIN_NEWER},
	{},
};
static const struct builtin *const builtins[] = {family};

/* As scope does. */
static bool resolve(struct node *node, void *context)
{
	if (node->kind == NODE_CALL)
		node_call(node)->builtin = builtin_find(context, node_call(node)->name, NULL);
	if (node->kind == NODE_IDENTIFIER)
		node_identifier(node)->builtin =
			builtin_find(context, node_identifier(node)->name, NULL);
	return true;
}

static bool is_newer(const char *script)
{
	struct arena arena = ARENA_INIT;
	struct diags diags = DIAGS_INIT;
	struct compilation c = {
		.arena = &arena,
		.diags = &diags,
		.builtins = builtins,
		.builtin_count = ARRAY_SIZE(builtins),
		.settings = settings_default(),
	};

	c.source = diags_add_source(c.diags, "test", script, strlen(script));
	c.program = parse(c.arena, c.diags, c.source);
	assert_int_equal(diags.errors, 0);
	node_walk(&c.program->node, resolve, &c);
	generation_decide(&c);

	bool newer = c.newer;

	diags_deinit(&diags);
	arena_deinit(&arena);
	return newer;
}

static void scripts_that_0_20_takes(void **state _unused_)
{
	static const char *const scripts[] = {
		"BEGIN { @x = 1; delete(@x[1]); print((1, 2)); print(len(@x)); } END { clear(@x); "
		"}",
		"config = { max_strlen = 8; BPFTRACE_STACK_MODE = perf; } BEGIN { }",
		"struct s { int a; } kprobe:f /pid == 1/ { $s = (struct s *)arg0; print($s->a); }",
		"interval:ms:100, profile:hz:99 { @[comm, kstack, kstack(3), nsecs()] = count(); }",
		"BEGIN { while ($i < 3) { $i++; if ($i == 2) { break; } else { continue; } } }",
		"BEGIN { unroll (2) { @[1, \"a\"] = 0x10 + 1e3; } $t = (1, (2, 3)); print($t.1); }",
		"uprobe:/bin/sh:begin { print(args.x); } tracepoint:a:b { print(args->x); }",
	};

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		if (is_newer(scripts[i]))
			fail_msg("%s", scripts[i]);
	}
}

static void scripts_that_0_20_refuses(void **state _unused_)
{
	static const char *const scripts[] = {
		"begin { }",
		"BEGIN { } End { }",
		"interval:100ms { }",
		"p:10ms { }",
		"interval:5 { }",
		"interval:m:5 { }",
		"Kprobe:f { }",
		"name=kprobe:f { }",
		"kprobe:f, { }",
		"BEGIN { for ($kv : @x) { } }",
		"BEGIN { for ($i : 0..3) { } }",
		"BEGIN { let $x = 1; }",
		"BEGIN { @x = true; }",
		"BEGIN { printf(\"%gr\", 1); }",
		"enum e { A }; BEGIN { print((enum e)0); }",
		"BEGIN { if (nsecs > 3ms) { print(1); } }",
		"BEGIN { delete(@x, 1); }",
		"BEGIN { if (has_key(@x, 1)) { } }",
		"BEGIN { print(comm()); }",
		"BEGIN { print(len(kstack)); }",
		"BEGIN { print(username); }",
		"BEGIN { $r = (a = 1, b = 2); }",
		"BEGIN { $x = { $y = 1; $y }; }",
		"let @x = hash(10); BEGIN { @x[1] = 2; }",
		"macro m($x) { $x } BEGIN { }",
		"import \"x.bt\"; BEGIN { }",
		"config = { missing_probes = warn } BEGIN { }",
		"config = { show_debug_info = 1 } BEGIN { }",
	};

	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		if (!is_newer(scripts[i]))
			fail_msg("%s", scripts[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scripts_that_0_20_takes),
		cmocka_unit_test(scripts_that_0_20_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
