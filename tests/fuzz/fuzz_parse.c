/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a script: lexer, parser, and everything that walks the tree. What must hold for
 * each: no crash, a tree whose spans lie in the source, a clone that looks like its original, at
 * least one diagnostic where text was left out, and diagnostics that can be rendered.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/compiler/ast/parse.h"

static void check_clone(struct arena *arena, struct node *node)
{
	_cleanup_str_ struct str first = STR_INIT, second = STR_INIT;

	node_dump(node, NULL, &first);
	node_dump(node_clone(arena, node), NULL, &second);
	require(strcmp(str_text(&first), str_text(&second)) == 0);
}

static void check_rendering(const struct diags *diags)
{
	_cleanup_str_ struct str text = STR_INIT;

	diags_render(diags, true, &text);
	require((text.length > 0) == (diags->list.count > 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	uint32_t source = diags_add_source(&diags, "stdin", (const char *)data, size);
	struct program *program = parse(&arena, &diags, source);

	node_verify(&program->node, &diags);
	check_clone(&arena, &program->node);
	require(program->probes || diags.errors > 0);

	struct type *type = parse_type_text(&arena, &diags, source);

	if (type)
		node_verify(&type->node, &diags);
	check_rendering(&diags);
	return 0;
}
