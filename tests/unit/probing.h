/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of probe types share: matching a text, in a tree of files or on the live system.
 */
#pragma once

#include "tests/unit/unit.h"

#include "libcommon/host/kbtf.h"
#include "libcommon/probes/probe.h"

/* Everything a test of matches needs; zeroed and then opened. */
struct probing {
	struct host host;
	struct kbtf *kbtf;
	struct functions *functions;
	struct arena arena;
	struct probe_world world;
	probe_matches matches;
	struct suggestion suggestion;
};

static inline void probing_open(struct probing *probing, const char *root)
{
	*probing = (struct probing){.host = HOST_INIT};
	assert_success(host_open_root(root, &probing->host));
	probing->kbtf = kbtf_new(&probing->host, NULL);
	probing->functions = functions_new(&probing->host);
	probing->world = (struct probe_world){
		.host = &probing->host,
		.kbtf = probing->kbtf,
		.functions = probing->functions,
	};
}

static inline void probing_close(struct probing *probing)
{
	vec_deinit(&probing->matches);
	functions_free(probing->functions);
	kbtf_free(probing->kbtf);
	host_deinit(&probing->host);
	arena_deinit(&probing->arena);
}

/* Matches the text anew; what was found before is forgotten. */
static inline struct error *probing_match(struct probing *probing, const char *text)
{
	struct probe_spec spec;

	vec_deinit(&probing->matches);
	probing->suggestion = (struct suggestion){};
	assert_success(spec_parse(&probing->arena, text, &spec));
	return probe_match(
		&probing->world, &spec, &probing->arena, &probing->suggestion, &probing->matches);
}

/* The text must match exactly one place. */
static inline const struct probe_match *probing_one(struct probing *probing, const char *text)
{
	assert_success(probing_match(probing, text));
	assert_int_equal(probing->matches.count, 1);
	return &probing->matches.items[0];
}

#define _cleanup_probing_ _cleanup_(probing_close)
