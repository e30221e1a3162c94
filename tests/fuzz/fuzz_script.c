/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a script; it goes through all passes but the generation of code, against the small
 * system of tests/lang. A script is refused with a message, or passes.
 */
#include "tests/fuzz/fuzz.h"

#include "bpftrace/compiler/cfront/cfront.h"
#include "tests/fuzz/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_(request_deinit) struct request request =
		fuzz_request(&arena, data, size, "check");
	_cleanup_(compilation_deinit) struct compilation c = {};
	_cleanup_str_ struct str out = STR_INIT;
	struct error *error = compilation_init(&request, &arena, &diags, &c);

	require(!error);
	pipeline_run(&c, &out);
	fuzz_check_messages(&diags);
	cfront_deinit(&c);
	return 0;
}
