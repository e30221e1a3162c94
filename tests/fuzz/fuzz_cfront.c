/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a script with text in C. It is parsed with its macros expanded, and its definitions
 * become types, or it is refused with a message. Spans stay inside of the script.
 */
#include "tests/fuzz/fuzz.h"

#include "bpftrace/compiler/cfront/cfront.h"
#include "tests/fuzz/compile.h"

static bool check_span(struct node *node, void *context)
{
	const struct compilation *c = context;

	require(node->span.source == c->source);
	require(node->span.begin <= node->span.end);
	require(node->span.end <= c->diags->sources.items[c->source].length);
	return true;
}

/* Files that are no headers. */
static bool is_left_out(const uint8_t *data, size_t size)
{
	return size > 4096 || memmem(data, size, "/dev", 4) || memmem(data, size, "/proc", 5) ||
	       memmem(data, size, "embed", 5);
}

static void read_script(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_(request_deinit) struct request request = fuzz_request(&arena, data, size, "cdef");
	_cleanup_(compilation_deinit) struct compilation c = {};
	struct error *error = compilation_init(&request, &arena, &diags, &c);

	require(!error);
	cfront_parse(&c);
	node_walk(&c.program->node, check_span, &c);
	if (!diags.errors)
		cfront_define(&c);
	fuzz_check_messages(&diags);
	cfront_deinit(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!is_left_out(data, size))
		read_script(data, size);
	return 0;
}
