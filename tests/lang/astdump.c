/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses one script and shows what became of it: the tree on stdout, the diagnostics on stderr. For
 * the golden tests of the language; links nothing but the parser.
 */
#include <stdio.h>
#include <string.h>

#include "bpftrace/compiler/ast/parse.h"

static bool read_all(FILE *file, struct str *out)
{
	size_t size;

	do {
		size = fread(str_reserve(out, 65536), 1, 65536, file);
		out->length += size;
	} while (size > 0);
	return !ferror(file);
}

static void print(FILE *file, const struct str *text)
{
	fwrite(str_text(text), 1, text->length, file);
}

int main(int argc, char **argv)
{
	_cleanup_fclose_ FILE *file = argc == 2 ? fopen(argv[1], "re") : NULL;
	_cleanup_str_ struct str script = STR_INIT, out = STR_INIT;

	if (!file || !read_all(file, &script)) {
		fprintf(stderr, "usage: astdump SCRIPT\n");
		return 2;
	}

	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	uint32_t source = diags_add_source(&diags, "stdin", str_text(&script), script.length);
	struct program *program = parse(&arena, &diags, source);

	node_verify(&program->node, &diags);
	node_dump(&program->node, NULL, &out);
	print(stdout, &out);
	str_truncate(&out, 0);
	diags_render(&diags, true, &out);
	print(stderr, &out);
	return diags.errors > 0;
}
