/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a path of frames. Whatever their names hold, it is one line with as many frames and
 * one number. */
#include "tests/fuzz/fuzz.h"

#include "bpftrace/runner/show/folded.h"
#include "libcommon/base/utf8.h"
#include "tests/fuzz/profile_path.h"

static void require_plain(const struct str *line)
{
	const unsigned char *text = (const unsigned char *)line->data;

	for (size_t i = 0, length; i < line->length - 1; i += length) {
		length = utf8_sequence(text + i, line->length - i);
		require(length > 0);
		require(text[i] >= 0x20 && text[i] != 0x7f);
		require(length != 2 || text[i] != 0xc2 || text[i + 1] >= 0xa0);
	}
}

/* What is left without the count must not end in another one. */
static void require_one_number(struct str *line)
{
	static const char count[] = " 42\n";
	size_t length = line->length - strlen(count);

	require(strcmp(line->data + length, count) == 0);
	line->data[length] = '\0';
	require(length > 0 && line->data[length - 1] != ' ');

	const char *word = strrchr(line->data, ' ');

	require(!word || strspn(word + 1, "0123456789.") != strlen(word + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile_path path = fuzz_path(data, size);
	_cleanup_str_ struct str line = STR_INIT;

	folded_append_line(&line, &path, 42);
	require(str_count(&line, 0, '\n') == 1 && line.data[line.length - 1] == '\n');
	require(str_count(&line, 0, ';') == path.frames.count - 1);
	require(!strstr(line.data, ";;") && *line.data != ';');
	require_plain(&line);
	require_one_number(&line);
	str_deinit(&path.names);
	vec_deinit(&path.frames);
	return 0;
}
