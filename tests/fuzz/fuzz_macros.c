/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a script, a NUL, and what its words expand to, as lines that are used in turn, "="
 * for no expansion. Every place of the expanded text is at one of the script, in its order, and no
 * span of its tree leaves the script.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/compiler/cfront/macros.h"

/* What is left of the lines. */
struct lines {
	struct arena *arena;
	const char *at, *end;
};

static const char *next_line(struct lines *lines)
{
	const char *begin = lines->at;
	const char *newline = memchr(begin, '\n', (size_t)(lines->end - begin));
	const char *end = newline ? newline : lines->end;

	if (begin == lines->end || *begin == '=')
		return NULL;
	lines->at = newline ? newline + 1 : lines->end;
	return arena_strndup(lines->arena, begin, strnlen(begin, (size_t)(end - begin)));
}

static void give_expansions(struct cfront *cfront, struct lines *lines)
{
	struct c_item *item;

	vec_for_each (&cfront->items, item) {
		item->is_alive = true;
		if (item->kind != C_USE)
			continue;
		item->expansion = next_line(lines);
		item->call = item->call_end ? next_line(lines) : NULL;
		item->value = item->expansion && item->expansion[0] == '(' ? "7" : NULL;
	}
}

struct checking {
	const struct expanded *expanded;
	uint32_t length; /* of the script */
};

static bool check_span(struct node *node, void *context)
{
	const struct checking *checking = context;
	struct span span = expanded_origin(checking->expanded, node->span);

	require(span.begin <= span.end && span.end <= checking->length);
	return true;
}

static void check(struct cfront *cfront, const struct expanded *expanded)
{
	struct checking checking = {
		expanded, (uint32_t)cfront->c->diags->sources.items[cfront->c->source].length};
	struct diags diags = DIAGS_INIT;
	uint32_t source = diags_add_source(
		&diags, "expanded", str_text(&expanded->text), expanded->text.length);
	uint32_t last = 0;

	for (uint32_t at = 0; at <= expanded->text.length; at++) {
		struct span span = expanded_origin(expanded, (struct span){source, at, at});

		require(span.begin >= last && span.end <= checking.length);
		last = span.begin;
	}
	node_walk(&parse(cfront->c->arena, &diags, source)->node, check_span, &checking);
	diags_deinit(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_(expanded_deinit) struct expanded expanded = {};
	const uint8_t *nul = size ? memchr(data, '\0', size) : NULL;
	size_t length = nul ? (size_t)(nul - data) : size;
	const char *text = arena_strndup(&arena, (const char *)data, length);
	struct compilation c = {.arena = &arena, .diags = &diags};
	struct cfront cfront = {.c = &c};
	struct lines lines = {
		&arena, (const char *)data + length + !!nul, (const char *)data + size};
	parse_words words = {};

	c.source = diags_add_source(&diags, "script", text, length);
	c.program = parse_with_words(&arena, &diags, c.source, &words);
	macros_add_words(&cfront, &words);
	give_expansions(&cfront, &lines);
	macros_expand(&cfront, &expanded);
	check(&cfront, &expanded);
	vec_deinit(&words);
	cfront_free(&cfront);
	return 0;
}
