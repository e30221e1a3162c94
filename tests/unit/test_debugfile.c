/* SPDX-License-Identifier: Apache-2.0 */
/* Its own executable, taken apart by objcopy(1) into a stripped program and files of symbols. */
#include "tests/unit/unit.h"

#include <lzma.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#include "libcommon/base/alloc.h"
#include "libcommon/elf/debugdirs.h"
#include "libcommon/elf/debugfile.h"
#include "tests/unit/tree_host.h"

#define LINK_NAME "program.debug"

/* What all tests start from: self, symbols, and program, which has none and no build-id. */
static int make_files(void **state)
{
	tree_host_setup(state);

	const struct tree_host *fixture = *state;
	_cleanup_free_ char *copy = NULL;

	copy = xasprintf("cp /proc/%d/exe self && chmod u+w self", getpid());
	tree_run(&fixture->tree, copy);
	tree_run(&fixture->tree, "objcopy -g --remove-section=.note.gnu.build-id self symbols && "
				 "objcopy --strip-all symbols program && mkdir -p bin");
	return 0;
}

static void look(const struct elf_symbol *symbol, void *context)
{
	*(size_t *)context += strcmp(symbol->name, "make_files") == 0;
}

/* How often a function of this program, which only the full table has, is found for the path. */
static size_t times_found(const struct tree_host *fixture, const char *path)
{
	_cleanup_elf_ struct elf *elf = NULL;
	size_t found = 0;

	assert_success(elf_open(&fixture->host, path, &elf));
	assert_success(debugfile_functions(&fixture->host, elf, look, &found));
	return found;
}

static bool has_debug_file(const struct tree_host *fixture, const char *path)
{
	_cleanup_elf_ struct elf *elf = NULL, *debug = NULL;

	assert_success(elf_open(&fixture->host, path, &elf));
	return debugfile_open(&fixture->host, elf, &debug);
}

static void files_that_need_none(void **state)
{
	struct tree_host *fixture = *state;

	assert_int_equal(times_found(fixture, "/symbols"), 1);
	assert_false(has_debug_file(fixture, "/symbols"));
	assert_false(times_found(fixture, "/program"));
	assert_false(has_debug_file(fixture, "/program"));
}

static void by_link_and_checksum(void **state)
{
	struct tree_host *fixture = *state;
	static const char *const places[] = {"bin", "bin/.debug", "usr/lib/debug/bin"};

	tree_run(&fixture->tree,
		"cp symbols " LINK_NAME " && objcopy --add-gnu-debuglink=" LINK_NAME
		" program bin/linked && objcopy --add-gnu-debuglink=" LINK_NAME
		" symbols bin/both && rm " LINK_NAME);
	assert_false(times_found(fixture, "/bin/linked"));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		_cleanup_free_ char *put =
			xasprintf("mkdir -p %s && cp symbols %s/" LINK_NAME, places[i], places[i]);
		_cleanup_free_ char *change = xasprintf("printf x >> %s/" LINK_NAME, places[i]);
		_cleanup_free_ char *take = xasprintf("rm %s/" LINK_NAME, places[i]);

		tree_run(&fixture->tree, put);
		assert_int_equal(times_found(fixture, "/bin/linked"), 1);
		assert_int_equal(times_found(fixture, "/bin/both"), 1);
		tree_run(&fixture->tree, change);
		assert_false(times_found(fixture, "/bin/linked"));
		tree_run(&fixture->tree, take);
	}
}

/* Its checksum would take minutes. */
static void by_link_to_a_file_of_holes(void **state)
{
	struct tree_host *fixture = *state;
	time_t begin = time(NULL);

	tree_run(&fixture->tree,
		"cp symbols " LINK_NAME " && objcopy --add-gnu-debuglink=" LINK_NAME
		" program bin/linked && mv " LINK_NAME " bin && truncate -s 300G bin/" LINK_NAME);
	assert_false(times_found(fixture, "/bin/linked"));
	assert_true(time(NULL) - begin < 10);
	tree_run(&fixture->tree, "rm bin/" LINK_NAME);
}

/* Writes a section of these bytes into a copy of program, and looks for symbols. */
static size_t with_section(
	const struct tree_host *fixture, const char *section, const void *data, size_t size)
{
	_cleanup_free_ char *add =
		xasprintf("objcopy --add-section %s=bytes program bin/changed", section);

	tree_write(&fixture->tree, "/bytes", data, size);
	tree_run(&fixture->tree, add);
	return times_found(fixture, "/bin/changed");
}

static void links_that_are_broken(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_str_ struct str symbols = STR_INIT;
	struct {
		char name[sizeof(LINK_NAME) + 2];
		uint32_t checksum;
	} whole = {.name = LINK_NAME}, endless = {};
	struct {
		char name[8];
		uint32_t checksum;
	} path = {.name = "../d/e"};

	tree_run(&fixture->tree, "cp symbols bin/" LINK_NAME);
	assert_success(host_read_file(&fixture->host, "/symbols", &symbols));
	whole.checksum = lzma_crc32((const uint8_t *)symbols.data, symbols.length, 0);
	assert_true(with_section(fixture, ".gnu_debuglink", &whole, sizeof(whole)));
	for (size_t size = 1; size < sizeof(whole); size++)
		assert_false(with_section(fixture, ".gnu_debuglink", &whole, size));
	whole.checksum++;
	assert_false(with_section(fixture, ".gnu_debuglink", &whole, sizeof(whole)));

	tree_run(&fixture->tree, "mkdir d && cp symbols d/e");
	path.checksum = whole.checksum - 1;
	assert_false(with_section(fixture, ".gnu_debuglink", &path, sizeof(path)));
	memset(endless.name, 'x', sizeof(endless.name));
	assert_false(with_section(fixture, ".gnu_debuglink", &endless, sizeof(endless.name)));
	tree_run(&fixture->tree, "rm bin/" LINK_NAME);
}

/* The folder and the file are made of the id's bytes. */
static void by_build_id(void **state)
{
	struct tree_host *fixture = *state;
	static const char note[] = "\4\0\0\0\4\0\0\0\3\0\0\0GNU\0\xab\xcd\xef\1";
	static const char cuts[][20] = {"\4\0\0\0\1\0\0\0\3\0\0\0GNU\0\xab\0\0",
		"\4\0\0\0\0\0\0\0\3\0\0\0GNU\0", "\4\0\0\0\xff\0\0\0\3\0\0\0GNU\0\xab\xcd\xef"};
	const char id[] = ".note.gnu.build-id";

	tree_run(&fixture->tree, "mkdir -p usr/lib/debug/.build-id/ab && "
				 "cp symbols usr/lib/debug/.build-id/ab.debug && "
				 "cp symbols usr/lib/debug/.build-id/ab/cdef01.debug");
	assert_true(with_section(fixture, id, note, sizeof(note) - 1));
	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++)
		assert_false(with_section(fixture, id, cuts[i], sizeof(cuts[i])));
	tree_run(&fixture->tree, "cp program usr/lib/debug/.build-id/ab/cdef01.debug");
	assert_false(with_section(fixture, id, note, sizeof(note) - 1));
	assert_false(has_debug_file(fixture, "/bin/changed"));
	tree_run(&fixture->tree, "rm -r usr/lib/debug/.build-id");
}

static void packed_into_the_file(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_str_ struct str symbols = STR_INIT;
	_cleanup_free_ uint8_t *packed = NULL;
	size_t size = 0;

	assert_success(host_read_file(&fixture->host, "/symbols", &symbols));
	packed = xmalloc(lzma_stream_buffer_bound(symbols.length));
	assert_int_equal(
		lzma_easy_buffer_encode(0, LZMA_CHECK_CRC32, NULL, (const uint8_t *)symbols.data,
			symbols.length, packed, &size, lzma_stream_buffer_bound(symbols.length)),
		LZMA_OK);
	assert_true(with_section(fixture, ".gnu_debugdata", packed, size));
	assert_false(with_section(fixture, ".gnu_debugdata", packed, size - 1));
	assert_false(with_section(fixture, ".gnu_debugdata", packed, size / 2));
	assert_false(with_section(fixture, ".gnu_debugdata", packed, 1));
	packed[size / 2] ^= 1;
	assert_false(with_section(fixture, ".gnu_debugdata", packed, size));
	assert_false(with_section(fixture, ".gnu_debugdata", symbols.data, symbols.length));
}

/* A good file, and then more zeros than any program has symbols. */
static void packed_bytes_without_end(void **state)
{
	struct tree_host *fixture = *state;
	enum { PIECE = 1 << 20, PIECES = 100 };
	_cleanup_str_ struct str symbols = STR_INIT;
	_cleanup_free_ uint8_t *zeros = xcalloc(1, PIECE), *packed = NULL;
	lzma_stream stream = LZMA_STREAM_INIT;

	assert_success(host_read_file(&fixture->host, "/symbols", &symbols));
	packed = xmalloc(symbols.length + PIECE);
	assert_int_equal(lzma_easy_encoder(&stream, 0, LZMA_CHECK_NONE), LZMA_OK);
	stream.next_out = packed;
	stream.avail_out = symbols.length + PIECE;
	stream.next_in = (const uint8_t *)symbols.data;
	stream.avail_in = symbols.length;
	assert_int_equal(lzma_code(&stream, LZMA_RUN), LZMA_OK);
	for (int i = 0; i < PIECES; i++) {
		stream.next_in = zeros;
		stream.avail_in = PIECE;
		assert_int_equal(lzma_code(&stream, LZMA_RUN), LZMA_OK);
	}
	assert_int_equal(lzma_code(&stream, LZMA_FINISH), LZMA_STREAM_END);
	assert_false(with_section(
		fixture, ".gnu_debugdata", packed, (size_t)(stream.next_out - packed)));
	lzma_end(&stream);
}

/* Directories of the user, which are none below the host's root: by name there and deeper. */
static void in_directories_of_the_user(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_str_ struct str list = STR_INIT;
	_cleanup_(tree_remove) struct tree own = tree_make();
	_cleanup_free_ char *copy =
		xasprintf("cp symbols " LINK_NAME " && objcopy --add-gnu-debuglink=" LINK_NAME
			  " program bin/linked && rm " LINK_NAME
			  " && mkdir -p %s/flat %s/deep/bin && cp symbols "
			  "%s/flat/" LINK_NAME " && cp symbols %s/deep/bin/" LINK_NAME,
			own.path, own.path, own.path, own.path);
	static const char *const forms[] = {"%s/flat", "%s/deep", "%s:+%s/flat", "-%s/deep:%s"};

	tree_run(&fixture->tree, copy);
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		_cleanup_free_ char *given = xasprintf(forms[i], own.path, own.path);

		assert_false(times_found(fixture, "/bin/linked"));
		str_truncate(&list, 0);
		assert_success(debugdirs_append(given, &list));
		debugdirs_use(str_text(&list));
		assert_int_equal(times_found(fixture, "/bin/linked"), 1);
		debugdirs_use(NULL);
	}
}

/* What is found by an id must have it; by its name it must also have the checksum if that is asked
 * for. */
static void directories_that_are_checked(void **state)
{
	struct tree_host *fixture = *state;
	_cleanup_(tree_remove) struct tree own = tree_make();
	_cleanup_free_ char *make = xasprintf(
		"cp symbols with && objcopy --add-section .note.gnu.build-id=note with && "
		"cp with " LINK_NAME " && objcopy --strip-all --add-gnu-debuglink=" LINK_NAME
		" with bin/program && mkdir -p %s/id/.build-id/ab %s/name && "
		"cp with %s/id/.build-id/ab/cdef01.debug && cp with %s/name/" LINK_NAME
		" && rm " LINK_NAME,
		own.path, own.path, own.path, own.path);
	_cleanup_free_ char *id = xasprintf("%s/id", own.path);
	_cleanup_free_ char *name = xasprintf("%s/name", own.path);
	_cleanup_free_ char *checked = xasprintf("+%s/name", own.path);
	_cleanup_free_ char *change = xasprintf("printf x >> %s/name/" LINK_NAME, own.path);
	_cleanup_free_ char *foreign =
		xasprintf("cp symbols %s/id/.build-id/ab/cdef01.debug", own.path);

	tree_write(&fixture->tree, "/note", "\4\0\0\0\4\0\0\0\3\0\0\0GNU\0\xab\xcd\xef\1", 20);
	tree_run(&fixture->tree, make);
	debugdirs_use(id);
	assert_int_equal(times_found(fixture, "/bin/program"), 1);
	tree_run(&fixture->tree, foreign);
	assert_false(times_found(fixture, "/bin/program"));
	debugdirs_use(checked);
	assert_int_equal(times_found(fixture, "/bin/program"), 1);
	tree_run(&fixture->tree, change);
	assert_false(times_found(fixture, "/bin/program"));
	debugdirs_use(name);
	assert_int_equal(times_found(fixture, "/bin/program"), 1);
	debugdirs_use(NULL);
	assert_false(times_found(fixture, "/bin/program"));
}

static void directories_that_are_none(void **state _unused_)
{
	static const struct {
		const char *list, *message;
	} rows[] = {
		{"", "--debuginfo takes DIR[:DIR]..., none of them empty"},
		{"+", "--debuginfo takes DIR[:DIR]..., none of them empty"},
		{"/usr::/usr", "--debuginfo takes DIR[:DIR]..., none of them empty"},
		{"/usr:", "--debuginfo takes DIR[:DIR]..., none of them empty"},
		{"/no/such", "--debuginfo: /no/such: No such file or directory"},
		{"/usr:+/no/such", "--debuginfo: /no/such: No such file or directory"},
		{"/dev/null", "--debuginfo: /dev/null: Not a directory"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_str_ struct str list = STR_INIT;

		assert_failure(debugdirs_append(rows[i].list, &list), rows[i].message);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_need_none),
		cmocka_unit_test(by_link_and_checksum),
		cmocka_unit_test(by_link_to_a_file_of_holes),
		cmocka_unit_test(links_that_are_broken),
		cmocka_unit_test(by_build_id),
		cmocka_unit_test(packed_into_the_file),
		cmocka_unit_test(packed_bytes_without_end),
		cmocka_unit_test(in_directories_of_the_user),
		cmocka_unit_test(directories_that_are_checked),
		cmocka_unit_test(directories_that_are_none),
	};

	return cmocka_run_group_tests(tests, make_files, tree_host_teardown);
}
