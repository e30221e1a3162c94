/* SPDX-License-Identifier: Apache-2.0 */
/* Code of x86-64, which has instructions of every length, and of aarch64. */
#include "tests/unit/unit.h"

#include <stdbool.h>

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

static enum alignment x86_alignment(const uint8_t *code, size_t size, uint64_t offset)
{
	return alignment_of(arch_find("x86_64"), code, size, offset);
}

static void places_between_instructions(void **state _unused_)
{
	for (uint64_t offset = 0; offset <= sizeof(entry); offset++)
		assert_int_equal(x86_alignment(entry, sizeof(entry), offset),
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
		assert_int_equal(x86_alignment(code, cuts[i].size, cuts[i].whole), ALIGNMENT_GOOD);
		for (uint64_t offset = cuts[i].whole + 1; offset <= sizeof(entry); offset++)
			assert_int_equal(
				x86_alignment(code, cuts[i].size, offset), ALIGNMENT_UNKNOWN);
		free(code);
	}
}

static void code_that_makes_no_sense(void **state _unused_)
{
	static const uint8_t code[] = {0x55, 0x06, 0x55, 0x55}; /* push %es is no more */

	assert_int_equal(x86_alignment(code, sizeof(code), 0), ALIGNMENT_GOOD);
	assert_int_equal(x86_alignment(code, sizeof(code), 1), ALIGNMENT_GOOD);
	assert_int_equal(x86_alignment(code, sizeof(code), 2), ALIGNMENT_UNKNOWN);
	assert_int_equal(x86_alignment(code, sizeof(code), 3), ALIGNMENT_UNKNOWN);
}

static void offsets_outside_of_the_code(void **state _unused_)
{
	assert_int_equal(x86_alignment(entry, sizeof(entry), sizeof(entry) + 1), ALIGNMENT_UNKNOWN);
	assert_int_equal(x86_alignment(entry, sizeof(entry), UINT64_MAX), ALIGNMENT_UNKNOWN);
	assert_int_equal(x86_alignment(NULL, 0, 0), ALIGNMENT_GOOD);
	assert_int_equal(x86_alignment(NULL, 0, 1), ALIGNMENT_UNKNOWN);
}

static void instructions_of_another_machine(void **state _unused_)
{
	static const uint8_t code[] = {0xfd, 0x7b, 0xbf, 0xa9, /* stp x29, x30, [sp, #-16]! */
		0xfd, 0x03, 0x00, 0x91};                       /* mov x29, sp */

	for (uint64_t offset = 0; offset <= sizeof(code); offset++)
		assert_int_equal(alignment_of(arch_find("aarch64"), code, sizeof(code), offset),
			offset % 4 ? ALIGNMENT_BAD : ALIGNMENT_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_between_instructions),
		cmocka_unit_test(code_that_is_cut_off),
		cmocka_unit_test(code_that_makes_no_sense),
		cmocka_unit_test(offsets_outside_of_the_code),
		cmocka_unit_test(instructions_of_another_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
