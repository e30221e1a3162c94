/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a text of frames; what was found is found again in what is written of it. */
#include "tests/fuzz/fuzz.h"

#include "bpftrace/runner/names/frames.h"
#include "libcommon/base/alloc.h"

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_str_ struct str text = STR_INIT;
	_cleanup_free_ char *input = xstrndup((const char *)data, size);
	struct frame *frames, *again;
	size_t count = frames_parse(input, &arena, &frames);

	for (size_t i = 0; i < count; i++)
		frames_append(&frames[i], &text);
	require(frames_parse(str_text(&text), &arena, &again) == count);
	for (size_t i = 0; i < count; i++) {
		require(frames[i].address == again[i].address);
		require(frames[i].offset == again[i].offset);
		require(is_same(frames[i].name, again[i].name));
		require(is_same(frames[i].object, again[i].object));
		require(is_same(frames[i].build_id, again[i].build_id));
	}
	return 0;
}
