/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "bpftrace/compiler/ast/format.h"
#include "bpftrace/compiler/ast/parse.h"

static struct program *format(
	struct arena *arena, struct diags *diags, const char *text, struct str *out)
{
	uint32_t source = diags_add_source(diags, "test", text, strlen(text));
	struct program *program = parse(arena, diags, source);

	if (diags->errors)
		fail_msg("%s: %s", text, diags->list.items[0].message);
	format_script(program, diags, source, out);
	return program;
}

/* Formatted again it is the same, with the same tree. */
static void check(const char *text, const char *expected)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str first = STR_INIT, second = STR_INIT;
	struct program *before = format(&arena, &diags, text, &first);
	struct program *after = format(&arena, &diags, str_text(&first), &second);

	assert_string_equal(str_text(&first), expected);
	assert_string_equal(str_text(&second), expected);
	assert_true(format_keeps(before, after));
}

/* The statements of a probe's body, and their lines. */
#define BODY(text, expected) check("BEGIN{" text "}", "BEGIN\n{\n" expected "}\n")

static void operators_stand_between_blanks(void **state _unused_)
{
	BODY("$a=1+2*-3", "  $a = 1 + 2 * -3;\n");
	BODY("$a=- - 1;$b=!~1;", "  $a = - -1;\n  $b = !~1;\n");
	BODY("$a = $b -1; $a -- ; ++ $a", "  $a = $b - 1;\n  $a--;\n  ++$a;\n");
	BODY("$a=$c?(uint64)-1:* $p&& & $q", "  $a = $c ? (uint64)-1 : *$p && &$q;\n");
	BODY("$a=( struct x**)$b [ 1 ] . c -> d", "  $a = (struct x **)$b[1].c->d;\n");
	BODY("@ [1 , \"a\"]+=( 1,2 ) . 0", "  @[1, \"a\"] += (1, 2).0;\n");
}

static void attach_points_and_filters(void **state _unused_)
{
	check("k:a,k:b/ pid==1 /{}", "k:a,\nk:b\n/pid == 1/\n{\n}\n");
	check("k:a / *kptr(1)/2 > 3/ { }", "k:a\n/ *kptr(1) / 2 > 3/\n{\n}\n");
	check("BEGIN{}END{}", "BEGIN\n{\n}\n\nEND\n{\n}\n");
}

static void blocks(void **state _unused_)
{
	BODY("if($a){exit()}else if($b)==1{}else{{exit();}}",
		"  if ($a) {\n    exit();\n  } else if (($b) == 1) {\n  } else {\n    {\n      "
		"exit();\n    }\n  }\n");
	BODY("if $a==1{exit()}", "  if ($a == 1) {\n    exit();\n  }\n");
	BODY("while $a{break}", "  while ($a) {\n    break;\n  }\n");
	BODY("for($x:@y){print($x)}", "  for ($x : @y) {\n    print($x);\n  }\n");
	BODY("$a={let $b=1;$b}", "  $a = {\n    let $b = 1;\n    $b\n  };\n");
}

static void comments_stay(void **state _unused_)
{
	check("#!/usr/bin/bpftrace\n/* a\n* b\n*/\nBEGIN{} // end",
		"#!/usr/bin/bpftrace\n/* a\n * b\n */\nBEGIN\n{\n} // end\n");
	BODY("\n// one\n$a=1 // two\n/* three */", "  // one\n  $a = 1; // two\n  /* three */\n");
	check("BEGIN{ /* in */ $a = /* x */ 1 ; $b=2 }",
		"BEGIN\n{ /* in */\n  $a = /* x */ 1;\n  $b = 2;\n}\n");
	BODY("\n\n\n$a=1;\n\n\n\n$b=2;\n\n", "  $a = 1;\n\n  $b = 2;\n");
	BODY("print( // why\n1)", "  print( // why\n      1);\n");
}

static void definitions(void **state _unused_)
{
	check("config={a=1;b=true}\n#define X  1\nstruct a{int x;};let @m=hash(1_0);\nBEGIN{}",
		"config = {\n  a = 1;\n  b = true;\n}\n\n#define X  1\nstruct a{int x;};\nlet @m = "
		"hash(1_0);\n\nBEGIN\n{\n}\n");
}

static void long_lines_are_broken(void **state _unused_)
{
	BODY("printf(\"0123456789012345678901234567890123456789012345678901234567890123456789\","
	     "1234567890,1234567890,1)",
		"  "
		"printf(\"0123456789012345678901234567890123456789012345678901234567890123456789\","
		" "
		"1234567890,\n      1234567890, 1);\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operators_stand_between_blanks),
		cmocka_unit_test(attach_points_and_filters),
		cmocka_unit_test(blocks),
		cmocka_unit_test(comments_stay),
		cmocka_unit_test(definitions),
		cmocka_unit_test(long_lines_are_broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
