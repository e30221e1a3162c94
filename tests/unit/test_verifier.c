/* SPDX-License-Identifier: Apache-2.0 */
/* Logs as kernels write them: 6.18 with line numbers, 6.1 without. */
#include "tests/unit/unit.h"

#include "bpftrace/runner/load/verifier.h"

static struct manifest_source script = {"stdin", "BEGIN\n{\n\twhile (1) { }\n\t@ = *ptr;\n}\n"};
static struct manifest_statement statements[] = {
	{.span = {.begin = 9, .end = 22}, .is_loop = true},
	{.span = {.begin = 24, .end = 32}},
};
static const struct manifest manifest = {
	.sources = {.items = &script, .count = 1},
	.statements = {.items = statements, .count = ARRAY_SIZE(statements)},
};

static void explains(const char *log, const char *expected)
{
	_cleanup_str_ struct str text = STR_INIT;

	assert_true(verifier_explain(log, NULL, &manifest, &text));
	assert_string_equal(str_text(&text), expected);
}

#define LOOP                                                                                       \
	"stdin:3:2-15: ERROR: the verifier cannot prove that this loop ends (verifier log: "       \
	"infinite "                                                                                \
	"loop detected at insn 18)\n"                                                              \
	"\twhile (1) { }\n"                                                                        \
	"\t~~~~~~~~~~~~~\n"                                                                        \
	"HINT: count the iterations in a variable, and leave the loop at a constant number\n"

static void line_with_a_number(void **state _unused_)
{
	explains("0: R1=ctx() R10=fp0\n"
		 "; 0: while (1) { } @ stdin:3\n"
		 "18: (05) goto pc-1\n"
		 "infinite loop detected at insn 18\n"
		 "cur state: R6=0 R10=fp0\n"
		 "old state: R6=0 R10=fp0\n"
		 "processed 18 insns (limit 1000000) max_states_per_insn 0 total_states 1\n",
		LOOP);
}

static void line_without_a_number(void **state _unused_)
{
	explains("; 1: @ = *ptr\n"
		 "3: (79) r1 = *(u64 *)(r0 +0)\n"
		 "; 0: while (1) { }\n"
		 "infinite loop detected at insn 18\n"
		 "verification time 100 usec\n"
		 "stack depth 0\n"
		 "processed 18 insns (limit 1000000) max_states_per_insn 0 total_states 1\n\n",
		LOOP);
}

static void unknown_verdict_is_quoted(void **state _unused_)
{
	explains("; 1: @ = *ptr @ stdin:4\n"
		 "7: (79) r1 = *(u64 *)(r0 +0)\n"
		 "something new is wrong\n"
		 "processed 7 insns\n",
		"stdin:4:2-10: ERROR: the kernel's verifier refused this: something new is wrong\n"
		"\t@ = *ptr;\n"
		"\t~~~~~~~~\n"
		"HINT: -v shows the verifier's whole log\n");
}

static void verdict_without_a_line(void **state _unused_)
{
	explains("BPF program is too large. Processed 1000001 insn\nprocessed 1000001 insns\n",
		"stdin: ERROR: the program is too complex for the verifier (verifier "
		"log: BPF program is too large. Processed 1000001 insn)\n"
		"HINT: use fewer iterations, for over a range, or split the block into several\n");
	/* A line that is not the script's. */
	explains("; elsewhere\n; 2: elsewhere\n; : x\n; 99999999999999999999: x\n; 1\n"
		 "combined stack size of 2 calls is 544. Too large\n",
		"stdin: ERROR: the program needs more stack than the kernel allows (512 bytes) "
		"(verifier "
		"log: combined stack size of 2 calls is 544. Too large)\n"
		"HINT: use fewer variables and nested loops\n");
}

/* The wordings of kernels from 5.10 on. */
static void each_verdict_in_words(void **state _unused_)
{
	static const struct {
		const char *verdict;
		const char *meaning;
		const char *hint; /* a word of it, NULL: there is none */
	} rows[] = {
		{"infinite loop detected at insn 18", "cannot prove that this loop ends", "count"},
		{"back-edge from insn 12 to 7", "cannot prove that this loop ends", "count"},
		{"unreachable insn 9", "nothing after this loop", "break"},
		{"BPF program is too large. Processed 1000001 insn", "too complex", "split"},
		{"The sequence of 8193 jumps is too complex.", "too complex", "conditions"},
		{"too many states at insn 3", "too complex", "conditions"},
		{"combined stack size of 2 calls is 544. Too large", "more stack", "fewer"},
		{"R1 min value is negative, either use unsigned index", "in bounds", NULL},
		{"R2 unbounded memory access, make sure to bounds check: max value is outside",
			"in bounds", NULL},
		{"The total number of maps per program has reached the limit of 64", "more maps",
			"split"},
		{"invalid func unknown#300", "a helper that the script needs", "--info"},
		{"the call stack of 9 frames is too deep !", "too many loops", NULL},
		{"R1 invalid mem access 'scalar'", "this memory access", NULL},
		{"invalid access to map value, value_size=8 off=8 size=8", "this memory", NULL},
		{"invalid bpf_context access off=200 size=8", "this argument", NULL},
		{"unknown func bpf_no_such#300", "a helper that the script needs", "--info"},
		{"program of this type cannot use helper bpf_override_return#58", "a helper here",
			NULL},
		{"cannot call GPL-restricted function from non-GPL compatible program",
			"programs under the GPL", NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_str_ struct str text = STR_INIT;

		assert_true(verifier_explain(rows[i].verdict, NULL, &manifest, &text));

		const char *meaning = strstr(str_text(&text), rows[i].meaning);
		const char *hint = strstr(str_text(&text), "HINT: ");

		if (!meaning || !strstr(meaning, rows[i].verdict))
			fail_msg("%s", str_text(&text));
		if (rows[i].hint ? !hint || !strstr(hint, rows[i].hint) : hint != NULL)
			fail_msg("%s", str_text(&text));
	}
}

/* A piece of a line; the loop around it; the attach points of a program when there is no line. The
 * word in the comment and in the string is no loop. */
static void statement_of_a_line(void **state _unused_)
{
	static struct manifest_link links[] = {
		{.program = "first", .span = {.begin = 0, .end = 15}, .head = {.end = 5}},
		{.program = "second",
			.span = {.begin = 16, .end = 89},
			.head = {.begin = 16, .end = 19}},
	};
	static struct manifest_source source = {"stdin",
		"BEGIN { $x++; } END /1/ { $s = \"while (1)\"; while ($i) { $i++; } /* while */ "
		"$x = f(1); }"};
	static struct manifest_statement several_statements[] = {
		{.span = {.begin = 44, .end = 64}, .is_loop = true},
		{.span = {.begin = 26, .end = 42}},
		{.span = {.begin = 57, .end = 61}},
		{.span = {.begin = 77, .end = 86}},
	};
	static const struct manifest several = {
		.sources = {.items = &source, .count = 1},
		.statements = {.items = several_statements,
			.count = ARRAY_SIZE(several_statements)},
		.links = {.items = links, .count = ARRAY_SIZE(links)},
	};
	static const struct {
		const char *log, *program, *place;
	} rows[] = {
		{"; 3: $x = f(1) @ stdin:1\n3: x\nsomething", "second", "stdin:1:78-87: "},
		{"; 2: $i++\n3: x\ninfinite loop detected", "second", "stdin:1:45-65: "},
		{"; 1: $s = \"while (1)\"\n3: x\nback-edge from insn 1 to 2", "second",
			"stdin:1:45-65: "},
		{"BPF program is too large.", "second", "stdin:1:45-65: "},
		{"BPF program is too large.", "first", "stdin:1:1-6: "},
		{"something", "second", "stdin:1:17-20: "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_str_ struct str text = STR_INIT;

		assert_true(verifier_explain(rows[i].log, rows[i].program, &several, &text));
		if (strncmp(str_text(&text), rows[i].place, strlen(rows[i].place)) != 0)
			fail_msg("%zu: %s", i, str_text(&text));
	}
}

static void no_verdict(void **state _unused_)
{
	_cleanup_str_ struct str text = STR_INIT;

	assert_false(verifier_explain("", NULL, &manifest, &text));
	assert_false(verifier_explain("\nprocessed 3 insns\n", NULL, &manifest, &text));
	assert_int_equal(text.length, 0);
}

static void reading_that_is_denied(void **state _unused_)
{
	assert_true(verifier_denies_reading(
		"program of this type cannot use helper bpf_probe_read#4\n"));
	assert_true(verifier_denies_reading("unknown func bpf_probe_read_kernel#113\n"));
	assert_false(verifier_denies_reading(
		"12: (85) call bpf_probe_read#4\ninfinite loop detected at insn 18\n"));
	assert_false(verifier_denies_reading("cannot use helper bpf_override_return#58\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(line_with_a_number),
		cmocka_unit_test(line_without_a_number),
		cmocka_unit_test(unknown_verdict_is_quoted),
		cmocka_unit_test(verdict_without_a_line),
		cmocka_unit_test(each_verdict_in_words),
		cmocka_unit_test(statement_of_a_line),
		cmocka_unit_test(no_verdict),
		cmocka_unit_test(reading_that_is_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
