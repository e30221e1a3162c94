/* SPDX-License-Identifier: Apache-2.0 */
/* The input is a path of frames, which counts for itself and for what it begins with. Whatever
 * their names hold, the document has no markup but its own, and is UTF-8 that XML allows. */
#include "tests/fuzz/fuzz.h"

#include "bpftrace/runner/show/flame_svg.h"
#include "libcommon/base/utf8.h"
#include "tests/fuzz/profile_path.h"

static void require_text(const char *body, const char *end)
{
	const unsigned char *text = (const unsigned char *)body;
	size_t size = (size_t)(end - body);

	for (size_t i = 0, length; i < size; i += length) {
		length = utf8_sequence(text + i, size - i);
		require(length > 0);
		require(text[i] >= 0x20 || text[i] == '\n');
		require(length != 3 || memcmp(text + i, "\xef\xbf", 2) != 0 || text[i + 2] < 0xbe);
	}
}

/* Every "<" begins one of the tags that the writer knows, and every "&" an escape. */
static void require_markup(const char *body, const char *end)
{
	static const char *const known[] = {"<g ", "</g>", "<text ", "</text>", "<path ", "<rect ",
		"<title>", "</title>", "</rect>", "<metadata ", "</metadata>", "<script>", "&lt;",
		"&gt;", "&amp;", "&quot;"};

	for (const char *at = body; at < end; at++) {
		bool is_known = *at != '<' && *at != '&';

		for (size_t i = 0; i < ARRAY_SIZE(known) && !is_known; i++)
			is_known = strncmp(at, known[i], strlen(known[i])) == 0;
		require(is_known);
	}
}

static void require_document(const struct str *document)
{
	static const char begin[] = ">Flame graph</text>", end[] = "<script><![CDATA[";
	const char *body = strstr(document->data, begin);

	require(body && strstr(body, end));
	require_text(body + 1, strstr(body, end));
	require_markup(body + 1, strstr(body, end));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct profile_path path = fuzz_path(data, size);
	struct flame_tree tree = {.nodes_most = size % 7 == 6 ? 5 : 0};
	size_t count = path.frames.count;

	if (count <= 1000)
		flame_tree_add(&tree, &path, size);
	path.frames.count = count / 2;
	flame_tree_add(&tree, &path, UINT64_MAX);
	for (int is_histogram = 0; is_histogram < 2; is_histogram++) {
		const struct flame_picture picture = {"@", &tree, is_histogram};
		_cleanup_str_ struct str document = STR_INIT;

		flame_svg_append(&document, &picture, 1);
		require_document(&document);
	}
	flame_tree_deinit(&tree);
	str_deinit(&path.names);
	vec_deinit(&path.frames);
	return 0;
}
