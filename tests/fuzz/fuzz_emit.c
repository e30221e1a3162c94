/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is a script; it goes through all passes up to the object, LLVM's within this process.
 * A script is refused with a message, or becomes a bundle that the runner's reader accepts.
 */
#include "tests/fuzz/fuzz.h"

#include <bpf/libbpf.h>

#include "bpftrace/compiler/cfront/cfront.h"
#include "bpftrace/door/bundle.h"
#include "tests/fuzz/compile.h"
#include "tests/unit/free_emitter.h"

static void check_bundle(const struct compilation *c, struct arena *arena)
{
	_cleanup_(bundle_deinit) struct bundle bundle = {};
	struct error *error = bundle_read(c->bundle, c->bundle_size, arena, &bundle);

	if (!error)
		error = bundle_check_helpers(&bundle, true);
	if (error)
		fprintf(stderr, "%s\n", error->message);
	require(!error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(diags_deinit) struct diags diags = DIAGS_INIT;
	_cleanup_(request_deinit) struct request request = fuzz_request(&arena, data, size, NULL);
	_cleanup_(compilation_deinit) struct compilation c = {};
	_cleanup_str_ struct str out = STR_INIT;
	struct error *error = compilation_init(&request, &arena, &diags, &c);

	libbpf_set_print(NULL);
	require(!error);
	pipeline_run(&c, &out);
	fuzz_check_messages(&diags);
	require(diags.errors || c.bundle);
	if (!diags.errors)
		check_bundle(&c, &arena);
	free_emitter(c.emitter);
	cfront_deinit(&c);
	return 0;
}
