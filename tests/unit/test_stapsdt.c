/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a probe of its own executable, and files of notes that it writes itself. */
#include "tests/unit/unit.h"

#include <elf.h>
#include <fcntl.h>
#include <gelf.h>
#include <libelf.h>

#include "libcommon/elf/stapsdt.h"
#include "tests/fixtures/note.h"
#include "tests/unit/tree.h"

static const char section_names[] = "\0.note.stapsdt\0.stapsdt.base\0.shstrtab";

enum {
	NAME_NOTES = 1,
	NAME_BASE = 15,
	NAME_NAMES = 29,
	BASE = 0x5000,
};

/* What a file of notes is made of. */
struct image {
	int class;
	int order;
	uint32_t kind; /* of the section of notes */
	bool has_base;
	struct str notes;
};

struct fixture {
	struct tree tree;
	struct host host;
	struct arena arena;
	struct image image;
	stapsdts found;
};

static int setup(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){
		.tree = tree_make(),
		.image = {ELFCLASS64, ELFDATA2LSB, SHT_NOTE, true, STR_INIT},
	};
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *fixture = *state;

	str_deinit(&fixture->image.notes);
	vec_deinit(&fixture->found);
	arena_deinit(&fixture->arena);
	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	return 0;
}

static void add_section(
	Elf *file, unsigned name, uint32_t kind, uint64_t address, const void *bytes, size_t size)
{
	Elf_Scn *section = elf_newscn(file);
	Elf_Data *data = elf_newdata(section);
	GElf_Shdr header;

	data->d_buf = (void *)(uintptr_t)bytes;
	data->d_size = size;
	data->d_align = 1;
	assert_non_null(gelf_getshdr(section, &header));
	header.sh_name = name;
	header.sh_type = kind;
	header.sh_addr = address;
	assert_int_equal(gelf_update_shdr(section, &header), 1);
}

static void write_image(const struct tree *tree, const struct image *image)
{
	_cleanup_str_ struct str path = STR_INIT;
	_cleanup_close_ int fd = -1;
	GElf_Ehdr header;

	str_printf(&path, "%s/program", tree->path);
	fd = open(path.data, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	elf_version(EV_CURRENT);

	Elf *file = elf_begin(fd, ELF_C_WRITE, NULL);

	assert_non_null(file);
	assert_non_null(gelf_newehdr(file, image->class));
	assert_non_null(gelf_getehdr(file, &header));
	header.e_ident[EI_DATA] = (unsigned char)image->order;
	header.e_type = ET_EXEC;
	header.e_shstrndx = 2;
	assert_int_equal(gelf_update_ehdr(file, &header), 1);
	add_section(file, NAME_NOTES, image->kind, 0, image->notes.data, image->notes.length);
	add_section(file, NAME_NAMES, SHT_STRTAB, 0, section_names, sizeof(section_names));
	if (image->has_base)
		add_section(file, NAME_BASE, SHT_PROGBITS, BASE, "", 1);
	assert_true(elf_update(file, ELF_C_WRITE) > 0);
	elf_end(file);
}

static void put(struct str *out, uint64_t number, size_t width)
{
	str_append_bytes(out, &number, width);
}

static void pad(struct str *out)
{
	str_append_repeat(out, '\0', ALIGN_UP(out->length, 4) - out->length);
}

/* A note with sizes of its own, of texts with the NUL bytes between them. */
static void put_note(
	struct str *out, uint32_t type, const char *owner, const void *data, size_t size)
{
	put(out, strlen(owner) + 1, 4);
	put(out, size, 4);
	put(out, type, 4);
	str_append_bytes(out, owner, strlen(owner) + 1);
	pad(out);
	str_append_bytes(out, data, size);
	pad(out);
}

struct addresses {
	uint64_t probe, base, semaphore;
};

static void put_probe(
	struct image *image, struct addresses addresses, const char *texts, size_t size)
{
	_cleanup_str_ struct str data = STR_INIT;
	size_t width = image->class == ELFCLASS32 ? 4 : 8;

	put(&data, addresses.probe, width);
	put(&data, addresses.base, width);
	put(&data, addresses.semaphore, width);
	str_append_bytes(&data, texts, size);
	put_note(&image->notes, 3, "stapsdt", data.data, data.length);
}

/* The literal's own NUL ends the last text. */
#define PROBE(image, texts, ...)                                                                   \
	put_probe(image, (struct addresses){__VA_ARGS__}, texts, sizeof(texts))
#define HERE(probe) probe, BASE

static const stapsdts *read_image(struct fixture *fixture)
{
	_cleanup_elf_ struct elf *elf = NULL;

	write_image(&fixture->tree, &fixture->image);
	assert_success(elf_open(&fixture->host, "/program", &elf));
	vec_deinit(&fixture->found);
	stapsdt_read(elf, &fixture->arena, &fixture->found);
	return &fixture->found;
}

static void places_in_the_order_of_the_file(void **state)
{
	struct fixture *fixture = *state;

	PROBE(&fixture->image, "app\0begin\0-4@%eax 8@%rdi", HERE(0x1000), 0x7000);
	PROBE(&fixture->image, "app\0end\0", HERE(0x1100));
	PROBE(&fixture->image, "app\0begin\0", HERE(0x900), 0x7000);

	const stapsdts *found = read_image(fixture);

	assert_int_equal(found->count, 3);
	assert_string_equal(found->items[0].provider, "app");
	assert_string_equal(found->items[0].name, "begin");
	assert_string_equal(found->items[0].arguments, "-4@%eax 8@%rdi");
	assert_int_equal(found->items[0].address, 0x1000);
	assert_int_equal(found->items[0].semaphore, 0x7000);
	assert_string_equal(found->items[1].name, "end");
	assert_string_equal(found->items[1].arguments, "");
	assert_int_equal(found->items[1].semaphore, 0);
	assert_string_equal(found->items[2].name, "begin");
	assert_int_equal(found->items[2].address, 0x900);
}

static void files_that_were_moved(void **state)
{
	struct fixture *fixture = *state;

	PROBE(&fixture->image, "app\0up\0", 0x1000, BASE - 0x200, 0x7000);
	PROBE(&fixture->image, "app\0down\0", 0x1000, BASE + 0x200);

	const stapsdts *found = read_image(fixture);

	assert_int_equal(found->items[0].address, 0x1200);
	assert_int_equal(found->items[0].semaphore, 0x7200);
	assert_int_equal(found->items[1].address, 0xe00);
	assert_int_equal(found->items[1].semaphore, 0);

	fixture->image.has_base = false;
	found = read_image(fixture);
	assert_int_equal(found->count, 2);
	assert_int_equal(found->items[0].address, 0x1000);
	assert_int_equal(found->items[0].semaphore, 0x7000);
}

static void programs_of_32_bits(void **state)
{
	struct fixture *fixture = *state;

	fixture->image.class = ELFCLASS32;
	PROBE(&fixture->image, "app\0begin\0004@%eax", HERE(0xf0001000), 0xf0007000);

	const stapsdts *found = read_image(fixture);

	assert_int_equal(found->count, 1);
	assert_true(found->items[0].address == 0xf0001000);
	assert_true(found->items[0].semaphore == 0xf0007000);
	assert_string_equal(found->items[0].arguments, "4@%eax");
}

static void notes_of_others(void **state)
{
	struct fixture *fixture = *state;
	static const char data[] = "1234567812345678\0\0\0\0\0\0\0\0app\0begin\0";

	put_note(&fixture->image.notes, 1, "stapsdt", data, sizeof(data));
	put_note(&fixture->image.notes, 3, "stapsdx", data, sizeof(data));
	put_note(&fixture->image.notes, 3, "stap", data, sizeof(data));
	put_note(&fixture->image.notes, 3, "stapsdt more", data, sizeof(data));
	PROBE(&fixture->image, "app\0begin\0", HERE(0x1000));
	assert_int_equal(read_image(fixture)->count, 1);
}

static void broken_notes_are_left_out(void **state)
{
	struct fixture *fixture = *state;
	struct image *image = &fixture->image;

	put_note(&image->notes, 3, "stapsdt", "", 0);
	put_note(&image->notes, 3, "stapsdt", "12345678123456781234567", 23);
	put_note(&image->notes, 3, "stapsdt", "123456781234567812345678", 24);
	put_probe(image, (struct addresses){HERE(1)}, "app\0begin\0x", strlen("app") + 7 + 1);
	put_probe(image, (struct addresses){HERE(2)}, "app\0begin", strlen("app") + 6);
	put_probe(image, (struct addresses){HERE(3)}, "app", 3);
	PROBE(image, "\0begin\0", HERE(4));
	PROBE(image, "app\0\0", HERE(5));
	PROBE(image, "app\0whole\0x\0and more", HERE(6));

	const stapsdts *found = read_image(fixture);

	assert_int_equal(found->count, 1);
	assert_int_equal(found->items[0].address, 6);
	assert_string_equal(found->items[0].arguments, "x");
}

/* Of each length of the section, only what is whole counts. */
static void sections_that_are_cut_off(void **state)
{
	struct fixture *fixture = *state;
	size_t first;

	PROBE(&fixture->image, "app\0one\0", HERE(1));
	first = fixture->image.notes.length;
	PROBE(&fixture->image, "app\0two\0", HERE(2));
	assert_int_equal(read_image(fixture)->count, 2);
	for (size_t size = first * 2; size-- > 0;) {
		str_truncate(&fixture->image.notes, size);
		assert_in_range(read_image(fixture)->count, size >= first, size / (first - 4));
	}
}

static void wild_sizes_end_it(void **state)
{
	struct fixture *fixture = *state;
	static const uint32_t wild[] = {0x100, INT32_MAX, 0x80000000, UINT32_MAX - 2, UINT32_MAX};

	PROBE(&fixture->image, "app\0one\0", HERE(1));

	size_t first = fixture->image.notes.length;

	PROBE(&fixture->image, "app\0two\0", HERE(2));
	for (size_t i = 0; i < 2 * ARRAY_SIZE(wild); i++) {
		char *sizes = fixture->image.notes.data + first;
		char before[8];

		memcpy(before, sizes, sizeof(before));
		memcpy(sizes + i % 2 * 4, &wild[i / 2], 4);
		assert_int_equal(read_image(fixture)->count, 1);
		memcpy(sizes, before, sizeof(before));
	}
	assert_int_equal(read_image(fixture)->count, 2);
}

static void files_without_such_notes(void **state)
{
	struct fixture *fixture = *state;

	PROBE(&fixture->image, "app\0begin\0", HERE(0x1000));
	fixture->image.kind = SHT_PROGBITS;
	assert_int_equal(read_image(fixture)->count, 0);
	fixture->image.kind = SHT_NOBITS;
	assert_int_equal(read_image(fixture)->count, 0);
	fixture->image.kind = SHT_NOTE;
	assert_int_equal(read_image(fixture)->count, 1);
}

static void programs_of_another_byte_order(void **state)
{
	struct fixture *fixture = *state;
	static const char note[] = "\0\0\0\10\0\0\0\43\0\0\0\3stapsdt\0"
				   "\0\0\0\0\0\0\20\0\0\0\0\0\0\0\120\0\0\0\0\0\0\0\0\0"
				   "app\0begin\0\0";

	str_append_bytes(&fixture->image.notes, note, sizeof(note));
	fixture->image.order = ELFDATA2MSB;
	assert_int_equal(read_image(fixture)->count, 0);
}

/* A program that the toolchain has linked. */
static void this_very_program(void **state)
{
	struct fixture *fixture = *state;
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	uint64_t offset = 0;
	int value = 7;

	NOTE("unit", "here", "0", "-4@%0", "nor"(value));
	assert_success(host_open_root("/", &host));
	assert_success(elf_open(&host, "/proc/self/exe", &elf));
	stapsdt_read(elf, &fixture->arena, &fixture->found);
	assert_int_equal(fixture->found.count, 1);
	assert_string_equal(fixture->found.items[0].provider, "unit");
	assert_string_equal(fixture->found.items[0].name, "here");
	assert_int_equal(strncmp(fixture->found.items[0].arguments, "-4@", 3), 0);
	assert_int_equal(fixture->found.items[0].semaphore, 0);
	assert_true(elf_code_offset(elf, fixture->found.items[0].address, &offset));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(places_in_the_order_of_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(files_that_were_moved, setup, teardown),
		cmocka_unit_test_setup_teardown(programs_of_32_bits, setup, teardown),
		cmocka_unit_test_setup_teardown(notes_of_others, setup, teardown),
		cmocka_unit_test_setup_teardown(broken_notes_are_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(sections_that_are_cut_off, setup, teardown),
		cmocka_unit_test_setup_teardown(wild_sizes_end_it, setup, teardown),
		cmocka_unit_test_setup_teardown(files_without_such_notes, setup, teardown),
		cmocka_unit_test_setup_teardown(programs_of_another_byte_order, setup, teardown),
		cmocka_unit_test_setup_teardown(this_very_program, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
