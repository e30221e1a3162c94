/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a script that is formatted. What must hold when it has no mistake: the result has
 * none, means the same, and formatted again is the same.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/compiler/ast/format.h"
#include "bpftrace/compiler/ast/parse.h"

/* Of a text without mistakes; NULL: it has some. */
static struct program *format(
	struct arena *arena, struct diags *diags, const char *text, size_t length, struct str *out)
{
	uint32_t source = diags_add_source(diags, "stdin", text, length);
	struct program *program = parse(arena, diags, source);

	if (diags->errors)
		return NULL;
	format_script(program, diags, source, out);
	return program;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_str_ struct str first = STR_INIT, second = STR_INIT;
	struct program *before = format(&arena, &diags, (const char *)data, size, &first);

	if (!before)
		return 0;

	struct program *after = format(&arena, &diags, str_text(&first), first.length, &second);

	require(after && format_keeps(before, after));
	require(first.length == second.length);
	require(memcmp(str_text(&first), str_text(&second), first.length) == 0);
	return 0;
}
