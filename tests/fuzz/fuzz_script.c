/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a script; it goes through all passes but the generation of code, against the small
 * system of tests/lang. A script is refused with a message, or passes.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "bpftrace/compiler/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_(request_deinit) struct request request = request_init();
	_cleanup_(compilation_deinit) struct compilation c = {};
	_cleanup_str_ struct str out = STR_INIT;

	char *text = arena_alloc(&arena, size + 1);

	memcpy(text, data, size);
	request.text = text;
	request.length = size;
	request.root = FUZZ_ROOT;
	request.answer = ANSWER_DUMP;
	request.dump_stage = "check";
	vec_push(&request.parameters, "5");
	vec_push(&request.parameters, "a text");

	struct error *error = compilation_init(&request, &arena, &diags, &c);

	require(!error);
	pipeline_run(&c, &out);
	str_truncate(&out, 0);
	diags_render(&diags, true, &out);
	require(diags.errors == 0 || out.length > 0);
	return 0;
}
