/* SPDX-License-Identifier: Apache-2.0 */
/* Code of x86-64, which has instructions of every length: other machines have nothing to test. */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <sys/utsname.h>

#include "bpftrace/compiler/check/alignment.h"

/* A function's begin as compilers make it. */
static const uint8_t entry[] = {
	0xf3, 0x0f, 0x1e, 0xfa,             /*  0: endbr64 */
	0x55,                               /*  4: push %rbp */
	0x48, 0x89, 0xe5,                   /*  5: mov %rsp,%rbp */
	0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, /*  8: movabs $0x807060504030201,%rax */
	0xe8, 0, 0, 0, 0,                   /* 18: call */
	0xc3,                               /* 23: ret */
};
static const uint8_t begins[] = {0, 4, 5, 8, 18, 23, 24};

static bool is_begin(uint64_t offset)
{
	return memchr(begins, (int)offset, sizeof(begins)) != NULL;
}

static int needs_this_machine(void **state _unused_)
{
	struct utsname uts;

	assert_int_equal(uname(&uts), 0);
	if (strcmp(uts.machine, "x86_64") != 0)
		skip();
	return 0;
}

static void places_between_instructions(void **state _unused_)
{
	for (uint64_t offset = 0; offset <= sizeof(entry); offset++)
		assert_int_equal(alignment_of(entry, sizeof(entry), offset),
			is_begin(offset) ? ALIGNMENT_GOOD : ALIGNMENT_BAD);
}

/* Cut within an instruction, but not right behind its prefix, which the disassembler takes for one.
 */
static void code_that_is_cut_off(void **state _unused_)
{
	static const struct {
		size_t size, whole;
	} cuts[] = {{2, 0}, {3, 0}, {7, 5}, {10, 8}, {17, 8}, {19, 18}, {22, 18}};

	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		uint8_t *code = malloc(cuts[i].size); /* reading beyond it is noticed */

		memcpy(code, entry, cuts[i].size);
		assert_int_equal(alignment_of(code, cuts[i].size, cuts[i].whole), ALIGNMENT_GOOD);
		for (uint64_t offset = cuts[i].whole + 1; offset <= sizeof(entry); offset++)
			assert_int_equal(
				alignment_of(code, cuts[i].size, offset), ALIGNMENT_UNKNOWN);
		free(code);
	}
}

static void code_that_makes_no_sense(void **state _unused_)
{
	static const uint8_t code[] = {0x55, 0x06, 0x55, 0x55}; /* push %es is no more */

	assert_int_equal(alignment_of(code, sizeof(code), 0), ALIGNMENT_GOOD);
	assert_int_equal(alignment_of(code, sizeof(code), 1), ALIGNMENT_GOOD);
	assert_int_equal(alignment_of(code, sizeof(code), 2), ALIGNMENT_UNKNOWN);
	assert_int_equal(alignment_of(code, sizeof(code), 3), ALIGNMENT_UNKNOWN);
}

static void offsets_outside_of_the_code(void **state _unused_)
{
	assert_int_equal(alignment_of(entry, sizeof(entry), sizeof(entry) + 1), ALIGNMENT_UNKNOWN);
	assert_int_equal(alignment_of(entry, sizeof(entry), UINT64_MAX), ALIGNMENT_UNKNOWN);
	assert_int_equal(alignment_of(NULL, 0, 0), ALIGNMENT_GOOD);
	assert_int_equal(alignment_of(NULL, 0, 1), ALIGNMENT_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(places_between_instructions, needs_this_machine),
		cmocka_unit_test_setup(code_that_is_cut_off, needs_this_machine),
		cmocka_unit_test_setup(code_that_makes_no_sense, needs_this_machine),
		cmocka_unit_test_setup(offsets_outside_of_the_code, needs_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
