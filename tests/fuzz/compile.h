/* SPDX-License-Identifier: Apache-2.0 */
/* A request for a script against the small system of tests/lang, for the targets that compile. */
#pragma once

#include <string.h>

#include "bpftrace/compiler/pipeline.h"

/* text and the request live as long as arena. stage: the last pass, NULL for a bundle. */
static inline struct request fuzz_request(
	struct arena *arena, const uint8_t *data, size_t size, const char *stage)
{
	struct request request = request_init();
	char *text = arena_alloc(arena, size + 1);

	memcpy(text, data, size);
	request.text = text;
	request.length = size;
	request.root = FUZZ_ROOT;
	request.unsafe = true;
	request.features = UINT64_MAX;
	if (stage) {
		request.answer = ANSWER_DUMP;
		request.dump_pass = stage;
	}
	vec_push(&request.parameters, "5");
	vec_push(&request.parameters, "a text");
	return request;
}

/* What was reported can be shown. */
static inline void fuzz_check_messages(const struct diags *diags)
{
	_cleanup_str_ struct str text = STR_INIT;

	diags_render(diags, true, &text);
	require(diags->errors == 0 || text.length > 0);
}
