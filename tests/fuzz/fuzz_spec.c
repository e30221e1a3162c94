/* SPDX-License-Identifier: Apache-2.0 */
/* The input is an attach point; it is looked for on the small system of tests/lang. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "libcommon/host/functions.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/probes/probe.h"

static void check_match(const struct probe_world *world, const struct probe_match *match)
{
	_cleanup_types_ struct types *types = types_new(world->kbtf);
	_cleanup_error_ struct error *error = NULL;
	uint32_t type = 0;

	require(*match->name && match->function);
	require(match->attach < NR_ATTACH && match->context < NR_CONTEXTS);
	if (match->type->arguments)
		error = match->type->arguments(world, match, types, &type);
}

static void look_up(const struct probe_spec *spec, struct arena *arena)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_error_ struct error *error = host_open_root(FUZZ_ROOT, &host);
	struct kbtf *kbtf = kbtf_new(&host, NULL);
	struct functions *functions = functions_new(&host);
	const struct probe_world world = {.host = &host, .kbtf = kbtf, .functions = functions};
	struct suggestion suggestion = {};
	probe_matches matches = {};
	const struct probe_match *match;

	require(!error);
	error = probe_match(&world, spec, arena, &suggestion, &matches);
	require(!error || error->message[0]);
	vec_for_each (&matches, match)
		check_match(&world, match);
	vec_deinit(&matches);
	functions_free(functions);
	kbtf_free(kbtf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	char *text = arena_alloc(&arena, size + 1);
	struct probe_spec spec;
	uint64_t number;

	memcpy(text, data, size);
	text[size] = '\0';
	spec_number(text, &number);

	_cleanup_error_ struct error *error = spec_parse(&arena, text, &spec);

	if (!error)
		look_up(&spec, &arena);
	return 0;
}
