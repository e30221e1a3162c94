/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/kernel_btf.h"

#include "libcommon/host/tracefs.h"
#include "libcommon/types/types.h"

#define FIELD(declaration, offset, size, is_signed)                                                \
	"\tfield:" declaration ";\toffset:" offset ";\tsize:" size ";\tsigned:" is_signed ";\n"

static const char format_text[] = "name: sample\nID: 7\nformat:\n" FIELD("char comm[16]", "8", "16",
	"0") FIELD("pid_t pid", "24", "4", "1") FIELD("unsigned long args[2]", "32", "16",
	"0") FIELD("const char * name", "48", "8", "0") FIELD("struct sk_buff * skb", "56", "8",
	"0") FIELD("const char *const * argv", "64", "8", "0") FIELD("sigset_t * set", "72", "8",
	"0") FIELD("__data_loc char[] file", "80", "4", "0") FIELD("__data_loc u8[] bytes", "84",
	"4", "0") FIELD("__rel_loc char[] later", "88", "4", "0") FIELD("enum zone_type zone", "92",
	"4", "1") FIELD("bool on", "96", "1", "0") FIELD("__u8 saddr_v6[16]", "97", "16", "0")
	FIELD("unsigned int fd", "120", "8", "0") FIELD("xfs_ino_t ino", "128", "8", "0") FIELD(
		"struct in6_addr odd", "136", "16", "0") FIELD("const clockid_t clock", "152", "8",
		"0") FIELD("char mark", "160", "1", "1") FIELD("void * here", "168", "8", "0")
		FIELD("char text[TASK_COMM_LEN]", "176", "16", "0")
			FIELD("foo_t many[3]", "192", "12", "1") FIELD("int back", "0", "4", "1")
				FIELD("char nothing[0]", "204", "0", "0");

static uint32_t make(struct types *types, enum address_space space)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_(tracefs_format_deinit) struct tracefs_format format = {};

	assert_success(tracefs_format_parse(format_text, sizeof(format_text) - 1, &arena, &format));
	return types_from_tracefs(types, "sample", &format, space);
}

static void assert_field(struct types *types, uint32_t type, const char *name, const char *spelled,
	uint32_t offset, uint32_t size, bool is_signed)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct types_member member = {};

	assert_true(types_member(types, type, name, &member));
	types_spell(types, member.type, &text);
	assert_string_equal(str_text(&text), spelled);
	assert_int_equal(member.bit_offset, offset * 8);
	assert_int_equal(types_size(types, member.type), size);
	assert_int_equal(types_is_signed(types, member.type), is_signed);
}

static void each_kind_of_field(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t type = make(types, ADDRESS_KERNEL);
	struct types_member member;

	assert_field(types, type, "comm", "string[16]", 8, 16, false);
	assert_field(types, type, "pid", "pid_t", 24, 4, true);
	assert_field(types, type, "args", "unsigned long[2]", 32, 16, false);
	assert_field(types, type, "name", "char *", 48, 8, false);
	assert_field(types, type, "skb", "struct sk_buff *", 56, 8, false);
	assert_field(types, type, "argv", "char **", 64, 8, false);
	assert_field(types, type, "set", "void *", 72, 8, false);
	assert_field(types, type, "file", "data_loc", 80, 4, false);
	assert_field(types, type, "bytes", "data_loc", 84, 4, false);
	assert_field(types, type, "later", "rel_loc", 88, 4, false);
	assert_field(types, type, "zone", "int32", 92, 4, true);
	assert_field(types, type, "on", "bool", 96, 1, false);
	assert_field(types, type, "saddr_v6", "__u8[16]", 97, 16, false);
	assert_field(types, type, "fd", "unsigned int", 120, 4, false);
	assert_field(types, type, "ino", "uint64", 128, 8, false);
	assert_field(types, type, "odd", "uint8[16]", 136, 16, false);
	assert_field(types, type, "clock", "clockid_t", 152, 4, true);
	assert_field(types, type, "mark", "char", 160, 1, true);
	assert_field(types, type, "here", "void *", 168, 8, false);
	assert_field(types, type, "text", "string[16]", 176, 16, false);
	assert_field(types, type, "many", "int32[3]", 192, 12, false);
	assert_false(types_member(types, type, "back", &member));
	assert_false(types_member(types, type, "nothing", &member));
	assert_int_equal(types_size(types, type), 204);
	assert_int_equal(make(types, ADDRESS_KERNEL), type);
}

static void assert_located(struct types *types, uint32_t type, const char *name, const char *to)
{
	_cleanup_str_ struct str text = STR_INIT;
	struct types_member member;

	assert_true(types_member(types, type, name, &member));
	assert_true(types_is_located(types, member.type));
	if (to)
		types_spell(types, types_located(types, member.type), &text);
	else
		assert_int_equal(types_located(types, member.type), 0);
	assert_string_equal(str_text(&text), to ? to : "");
}

static void words_lead_to_data(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t type = make(types, ADDRESS_USER);
	struct types_member member;

	assert_located(types, type, "file", NULL);
	assert_located(types, type, "later", NULL);
	assert_located(types, type, "bytes", "u8 *");
	assert_true(types_member(types, type, "fd", &member));
	assert_false(types_is_located(types, member.type));
}

static void pointers_keep_their_space(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t type = make(types, ADDRESS_USER);
	struct types_member member;

	assert_true(types_member(types, type, "argv", &member));
	assert_int_equal(types_space(types, member.type), ADDRESS_USER);
	assert_int_equal(types_space(types, types_pointee(types, member.type)), ADDRESS_USER);
	assert_true(types_member(types, make(types, ADDRESS_KERNEL), "name", &member));
	assert_int_equal(types_space(types, member.type), ADDRESS_KERNEL);
}

static void the_kernel_takes_it(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t type = make(types, ADDRESS_USER), id;
	struct btf *btf;

	assert_success(types_export(types, &type, 1, &id, &btf));

	assert_kernel_takes(btf);
	btf__free(btf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_kind_of_field),
		cmocka_unit_test(words_lead_to_data),
		cmocka_unit_test(pointers_keep_their_space),
		cmocka_unit_test(the_kernel_takes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
