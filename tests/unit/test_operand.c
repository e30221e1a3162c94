/* SPDX-License-Identifier: Apache-2.0 */
/* Operands as compilers write them, for both architectures, and what nobody should write. */
#include "tests/unit/unit.h"

#include "libcommon/elf/operand.h"

enum { PROBE = 0x1000, COUNTER = 0x4010 };

static struct arena arena;

static int free_arena(void **state _unused_)
{
	arena_deinit(&arena);
	return 0;
}

static bool find_symbol(void *context _unused_, const char *name, uint64_t *ret)
{
	if (strcmp(name, "counter") != 0)
		return false;
	*ret = COUNTER;
	return true;
}

static struct operands parse(const char *arch, const char *text)
{
	const struct operand_symbols symbols = {.find = find_symbol};

	return operands_parse(arch_find(arch), text, PROBE, &symbols, &arena);
}

/* The only one of text. */
static struct operand parse_one(const char *arch, const char *text)
{
	struct operands operands = parse(arch, text);

	assert_int_equal(operands.count, 1);
	assert_string_equal(operands.items[0].text, text);
	return operands.items[0];
}

static uint16_t offset(const char *arch, const char *reg)
{
	uint16_t found = 0;

	assert_true(arch_register(arch_find(arch), reg, &found));
	return found;
}

static void assert_register(const char *arch, const char *text, const char *reg, uint8_t size,
	bool is_signed, uint8_t shift)
{
	struct operand operand = parse_one(arch, text);

	assert_int_equal(operand.kind, OPERAND_REGISTER);
	assert_int_equal(operand.base, offset(arch, reg));
	assert_int_equal(operand.size, size);
	assert_int_equal(operand.is_signed, is_signed);
	assert_int_equal(operand.shift, shift);
}

static void registers(void **state _unused_)
{
	assert_register("x86_64", "8@%rdi", "di", 8, false, 0);
	assert_register("x86_64", "-4@%edi", "di", 4, true, 0);
	assert_register("x86_64", "-4@%rax", "ax", 4, true, 0);
	assert_register("x86_64", "2@%r15w", "r15", 2, false, 0);
	assert_register("x86_64", "1@%sil", "si", 1, false, 0);
	assert_register("x86_64", "-1@%dh", "dx", 1, true, 8);
	assert_register("x86_64", "%ebx", "bx", 4, false, 0);
	assert_register("aarch64", "8@x0", "r0", 8, false, 0);
	assert_register("aarch64", "-4@w30", "r30", 4, true, 0);
	assert_register("aarch64", "8@sp", "sp", 8, false, 0);
}

static void constants(void **state _unused_)
{
	static const struct {
		const char *arch, *text;
		int64_t value;
	} rows[] = {
		{"x86_64", "4@$5", 5},
		{"x86_64", "-4@$-5", -5},
		{"x86_64", "8@$0x10", 16},
		{"x86_64", "8@$4+3-2", 5},
		{"aarch64", "4@5", 5},
		{"aarch64", "-8@-7", -7},
		{"aarch64", "4@#3", 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct operand operand = parse_one(rows[i].arch, rows[i].text);

		assert_int_equal(operand.kind, OPERAND_CONSTANT);
		assert_int_equal(operand.value, rows[i].value);
		assert_false(operand.is_relative);
	}

	struct operand address = parse_one("x86_64", "8@$counter");

	assert_int_equal(address.kind, OPERAND_CONSTANT);
	assert_true(address.is_relative);
	assert_int_equal(address.value, COUNTER - PROBE);
}

/* The parts of an address; NULL where it has no such register. */
static void assert_memory(const char *arch, const char *text, const char *base, const char *index,
	uint8_t scale, int64_t value)
{
	struct operand operand = parse_one(arch, text);

	assert_int_equal(operand.kind, OPERAND_MEMORY);
	assert_int_equal(operand.has_base, base != NULL);
	assert_int_equal(operand.has_index, index != NULL);
	if (base)
		assert_int_equal(operand.base, offset(arch, base));
	if (index)
		assert_int_equal(operand.index, offset(arch, index));
	assert_int_equal(operand.scale, scale);
	assert_int_equal(operand.value, value);
}

static void memory(void **state _unused_)
{
	assert_memory("x86_64", "8@(%rbx)", "bx", NULL, 0, 0);
	assert_memory("x86_64", "-4@-16(%rbp)", "bp", NULL, 0, -16);
	assert_memory("x86_64", "4@8(%rbx,%rcx,4)", "bx", "cx", 2, 8);
	assert_memory("x86_64", "4@(%rbx,%rcx)", "bx", "cx", 0, 0);
	assert_memory("x86_64", "4@16(,%rcx,8)", NULL, "cx", 3, 16);
	assert_memory("x86_64", "4@counter(%rip)", NULL, NULL, 0, COUNTER - PROBE);
	assert_memory("x86_64", "4@4+counter(%rip)", NULL, NULL, 0, COUNTER - PROBE + 4);
	assert_memory("x86_64", "4@counter-4(%rip)", NULL, NULL, 0, COUNTER - PROBE - 4);
	assert_memory("aarch64", "8@[sp]", "sp", NULL, 0, 0);
	assert_memory("aarch64", "-4@[sp, 60]", "sp", NULL, 0, 60);
	assert_memory("aarch64", "-4@[x29, #-8]", "r29", NULL, 0, -8);
	assert_memory("aarch64", "8@[x0, x1]", "r0", "r1", 0, 0);
	assert_memory("aarch64", "8@[x0, x1, lsl 3]", "r0", "r1", 3, 0);
}

static void several(void **state _unused_)
{
	struct operands two = parse("aarch64", "  -4@[sp, 60]  8@x1 ");

	assert_int_equal(two.count, 2);
	assert_string_equal(two.items[0].text, "-4@[sp, 60]");
	assert_string_equal(two.items[1].text, "8@x1");
	assert_int_equal(parse("x86_64", "").count, 0);
}

static void not_understood(void **state _unused_)
{
	static const char *const texts[] = {"8f@%xmm0", "8@%xmm0", "3@$1", "16@(%rax)", "8@%fs:16",
		"8@16(%rip)", "8@(%rax", "8@(%rax,%rbx,3)", "4@nothing(%rip)", "4@$1*2", "@", "4@",
		"4@(%rax)x", "4@%", "99999999999@$1", "4@-counter(%rip)"};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct operands operands = parse("x86_64", texts[i]);

		assert_int_equal(operands.count, 1);
		if (strcmp(texts[i], "4@") == 0)
			continue; /* memory at address 0: as good as any */
		assert_int_equal(operands.items[0].kind, OPERAND_OTHER);
		assert_non_null(operands.items[0].why);
	}
}

static void equality(void **state _unused_)
{
	struct operands one = parse("x86_64", "-4@%eax 8@(%rbx)");
	struct operands same = parse("x86_64", "-4@%rax  8@(%rbx)");
	struct operands other = parse("x86_64", "4@%eax 8@(%rbx)");
	struct operands less = parse("x86_64", "-4@%eax");

	assert_true(operands_equal(&one, &same));
	assert_false(operands_equal(&one, &other));
	assert_false(operands_equal(&one, &less));
	assert_true(operands_equal(NULL, NULL));
	assert_false(operands_equal(&one, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers),
		cmocka_unit_test(constants),
		cmocka_unit_test(memory),
		cmocka_unit_test(several),
		cmocka_unit_test(not_understood),
		cmocka_unit_test(equality),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
