/* SPDX-License-Identifier: Apache-2.0 */
/* What profiles need: stacks with names. */
#pragma once

#include "bpftrace/runner/names/names.h"
#include "tests/unit/show_fixture.h"

/* Frames by the number of the stack, the innermost first. */
static inline size_t fixture_frames(
	void *source, const struct name_key *keys, size_t count, struct str *ret)
{
	const char *const *stacks = source;

	for (size_t i = 0; i < count; i++) {
		bool is_raw = strcmp(keys[i].parameters, "raw") == 0;

		assert_true(is_raw || strcmp(keys[i].parameters, "function") == 0);
		str_append(ret, is_raw ? "1f\n2e" : stacks[keys[i].number]);
		str_append_char(ret, '\0');
	}
	return count;
}

static inline void fixture_close_frames(void *source _unused_)
{
}

/* Stacks by their numbers; 0 is none. The caller frees *ret when the fixture is closed. */
static inline struct names *fixture_stacks(struct show_fixture *shown, const char *const *stacks)
{
	static const struct name_ops ops = {
		.is_cached = true, .fetch = fixture_frames, .close = fixture_close_frames};
	struct names *names = names_new();

	names_add(names, NAME_KERNEL_STACK, &ops, (void *)stacks);
	names_add(names, NAME_USER_STACK, &ops, (void *)stacks);
	shown->output->reader.names = names;
	return names;
}

static inline uint32_t fixture_stack(
	struct show_fixture *shown, enum meaning meaning, const char *mode)
{
	struct types *types = shown->traced.bundle.types;

	return types_with_meaning(types, meaning, types_integer(types, 8, false), mode);
}
