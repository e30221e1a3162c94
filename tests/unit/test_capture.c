/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/show_fixture.h"

#include "bpftrace/runner/show/capture.h"
#include "libcommon/base/alloc.h"
#include "libcommon/host/host.h"
#include "tests/unit/tree.h"

enum { HEADER_WORDS = 6, PACKET_WORDS = 4 };

struct fixture {
	struct tree tree;
	struct show_fixture shown;
	char *path;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.tree = tree_make(), .shown = fixture_open()};
	fixture.path = xasprintf("%s/packets.pcap", fixture.tree.path);
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	capture_close(&fixture->shown.actions.captures);
	fixture_close(&fixture->shown);
	tree_remove(&fixture->tree);
	free(fixture->path);
	return 0;
}

static void read_back(const struct fixture *fixture, struct str *out)
{
	_cleanup_host_ struct host host = HOST_INIT;

	assert_success(host_open_root(fixture->tree.path, &host));
	assert_success(host_read_file(&host, "/packets.pcap", out));
}

static uint32_t word_at(const struct str *bytes, size_t at)
{
	uint32_t word;

	assert_true(at + sizeof(word) <= bytes->length);
	memcpy(&word, bytes->data + at, sizeof(word));
	return word;
}

static void packets_behind_a_header(void **state)
{
	struct fixture *fixture = *state;
	struct capture *capture = NULL;
	_cleanup_str_ struct str bytes = STR_INIT;
	size_t at = HEADER_WORDS * sizeof(uint32_t);

	assert_success(capture_open(&fixture->shown.actions.captures, &fixture->shown.traced.arena,
		fixture->path, &capture));
	capture_packet(capture, 0, "abc", 3, 1500);
	capture_packet(capture, UINT64_C(1500000000), "", 0, 0);
	capture_flush(fixture->shown.actions.captures);
	read_back(fixture, &bytes);
	assert_int_equal(word_at(&bytes, 0), 0xa1b23c4d);
	assert_int_equal(word_at(&bytes, 4), 4 << 16 | 2);
	assert_int_equal(word_at(&bytes, 8), 0);
	assert_int_equal(word_at(&bytes, 12), 0);
	assert_int_equal(word_at(&bytes, 16), 65535);
	assert_int_equal(word_at(&bytes, 20), 101);
	assert_int_equal(bytes.length, at + 2 * PACKET_WORDS * sizeof(uint32_t) + 3);

	uint64_t first = word_at(&bytes, at) * UINT64_C(1000000000) + word_at(&bytes, at + 4);

	assert_in_range(word_at(&bytes, at + 4), 0, 999999999);
	assert_int_equal(word_at(&bytes, at + 8), 3);
	assert_int_equal(word_at(&bytes, at + 12), 1500);
	assert_memory_equal(bytes.data + at + 16, "abc", 3);
	at += PACKET_WORDS * sizeof(uint32_t) + 3;
	assert_in_range(word_at(&bytes, at + 4), 0, 999999999);
	assert_int_equal(
		word_at(&bytes, at) * UINT64_C(1000000000) + word_at(&bytes, at + 4) - first,
		1500000000);
	assert_int_equal(word_at(&bytes, at + 8), 0);
}

static void a_path_is_opened_once(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *other = xasprintf("%s/other.pcap", fixture->tree.path);
	struct capture *first = NULL, *second = NULL, *again = NULL;
	_cleanup_str_ struct str bytes = STR_INIT;

	assert_success(capture_open(&fixture->shown.actions.captures, &fixture->shown.traced.arena,
		fixture->path, &first));
	capture_packet(first, 0, "x", 1, 1);
	assert_success(capture_open(
		&fixture->shown.actions.captures, &fixture->shown.traced.arena, other, &second));
	assert_success(capture_open(&fixture->shown.actions.captures, &fixture->shown.traced.arena,
		fixture->path, &again));
	assert_ptr_equal(first, again);
	assert_ptr_not_equal(first, second);
	capture_flush(fixture->shown.actions.captures);
	read_back(fixture, &bytes);
	assert_int_equal(bytes.length, (HEADER_WORDS + PACKET_WORDS) * 4 + 1);
}

/* Captures of either precision and byte order, and empty files, may be overwritten. */
static void captures_are_emptied(void **state)
{
	struct fixture *fixture = *state;
	static const char olds[][64] = {"\x4d\x3c\xb2\xa1 old", "\xd4\xc3\xb2\xa1 old",
		"\xa1\xb2\x3c\x4d old", "\xa1\xb2\xc3\xd4 old", ""};

	for (size_t i = 0; i < ARRAY_SIZE(olds); i++) {
		_cleanup_str_ struct str bytes = STR_INIT;
		struct capture *capture = NULL;

		tree_write(
			&fixture->tree, "/packets.pcap", olds[i], *olds[i] ? sizeof(olds[i]) : 0);
		assert_success(capture_open(&fixture->shown.actions.captures,
			&fixture->shown.traced.arena, fixture->path, &capture));
		capture_close(&fixture->shown.actions.captures);
		read_back(fixture, &bytes);
		assert_int_equal(bytes.length, HEADER_WORDS * 4);
	}
}

static void other_files_are_left_alone(void **state)
{
	struct fixture *fixture = *state;
	static const char *const texts[] = {"x", "abc", "a letter\n", "\x4d\x3c\xb2\xa2"};
	_cleanup_free_ char *message =
		xasprintf("%s: exists and is not a pcap file", fixture->path);
	struct capture *capture = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_str_ struct str bytes = STR_INIT;

		tree_write_text(&fixture->tree, "/packets.pcap", texts[i]);
		assert_failure(capture_open(&fixture->shown.actions.captures,
				       &fixture->shown.traced.arena, fixture->path, &capture),
			message);
		read_back(fixture, &bytes);
		assert_string_equal(bytes.data, texts[i]);
	}
	assert_null(capture);
}

static void paths_that_cannot_be_opened(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_free_ char *path = xasprintf("%s/none/packets", fixture->tree.path);
	_cleanup_free_ char *message = xasprintf("%s: No such file or directory", path);
	struct capture *capture = NULL;

	assert_failure(capture_open(&fixture->shown.actions.captures, &fixture->shown.traced.arena,
			       path, &capture),
		message);
	assert_failure(capture_open(&fixture->shown.actions.captures, &fixture->shown.traced.arena,
			       "/", &capture),
		"/: Is a directory");
	assert_null(fixture->shown.actions.captures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(packets_behind_a_header, setup, teardown),
		cmocka_unit_test_setup_teardown(a_path_is_opened_once, setup, teardown),
		cmocka_unit_test_setup_teardown(captures_are_emptied, setup, teardown),
		cmocka_unit_test_setup_teardown(other_files_are_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(paths_that_cannot_be_opened, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
