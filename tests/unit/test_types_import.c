/* SPDX-License-Identifier: Apache-2.0 */
/* Copies out of other BTF: a small one made here, with all that C can say, and the live kernel's.
 */
#include "tests/unit/kernel_btf.h"

#include <linux/bpf.h>

#include "libcommon/base/suggest.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/types/types.h"

/*
 *	typedef int number_t;
 *	typedef unsigned long count;      a name that has a meaning for us
 *	enum color { RED, BLUE = 7, NONE = -1 };
 *	enum large { LARGE = 1ull << 40 };
 *	struct ns::T<int> { int x; };
 *	struct other { long words[2]; };
 *	struct node {
 *		struct node *next;                  0
 *		const char __user *name;            8
 *		char comm[16];                     16
 *		unsigned char mac[6];              32
 *		unsigned low : 3, high : 5;        40
 *		union { number_t a; float b; };    44
 *		void (*call)(int);                 48
 *		enum color color;                  56
 *		enum large large;                  64
 *		struct other (*table)[4];          72
 *		struct { int deep; } inner;        80
 *		volatile number_t counter;         84
 *		struct ns::T<int> *foreign;        88
 *		count total;                       96
 *		struct declared *declared;        104
 *	};                                        112
 */
static struct {
	struct btf *btf;
	int node, other;
} sample;

static int add_unnamed_union(struct btf *btf, int number, int real)
{
	int id = btf__add_union(btf, NULL, 4);

	btf__add_field(btf, "a", number, 0, 0);
	btf__add_field(btf, "b", real, 0, 0);
	return id;
}

static int add_function_pointer(struct btf *btf, int argument)
{
	int function = btf__add_func_proto(btf, 0);

	btf__add_func_param(btf, NULL, argument);
	return btf__add_ptr(btf, function);
}

static int add_struct(struct btf *btf, const char *name, int size, const char *member, int type)
{
	int id = btf__add_struct(btf, name, size);

	btf__add_field(btf, member, type, 0, 0);
	return id;
}

static void add_enums(struct btf *btf, int *ret_color, int *ret_large)
{
	*ret_color = btf__add_enum(btf, "color", 4);
	btf__add_enum_value(btf, "RED", 0);
	btf__add_enum_value(btf, "BLUE", 7);
	btf__add_enum_value(btf, "NONE", -1);
	*ret_large = btf__add_enum64(btf, "large", 8, false);
	btf__add_enum64_value(btf, "LARGE", 1ull << 40);
}

static int make_sample(void **state _unused_)
{
	struct btf *btf = sample.btf = btf__new_empty();
	int int_ = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int uint = btf__add_int(btf, "unsigned int", 4, 0);
	int ulong_ = btf__add_int(btf, "unsigned long", 8, 0);
	int char_ = btf__add_int(btf, "char", 1, 0);
	int number = btf__add_typedef(btf, "number_t", int_);
	int count = btf__add_typedef(btf, "count", ulong_);
	int name = btf__add_ptr(btf, btf__add_type_tag(btf, "user", btf__add_const(btf, char_)));
	int comm = btf__add_array(btf, int_, char_, 16);
	int mac = btf__add_array(btf, int_, btf__add_int(btf, "unsigned char", 1, 0), 6);
	int either = add_unnamed_union(btf, number, btf__add_float(btf, "float", 4));
	int call = add_function_pointer(btf, int_);
	int words = btf__add_array(btf, int_, ulong_, 2);
	int color, large;

	add_enums(btf, &color, &large);
	sample.other = add_struct(btf, "other", 16, "words", words);

	int table = btf__add_ptr(btf, btf__add_array(btf, int_, sample.other, 4));
	int foreign = btf__add_ptr(btf, add_struct(btf, "ns::T<int>", 4, "x", int_));
	int inner = add_struct(btf, NULL, 4, "deep", int_);
	int counter = btf__add_volatile(btf, number);
	int declared = btf__add_ptr(btf, btf__add_fwd(btf, "declared", BTF_FWD_STRUCT));

	sample.node = declared + 2;

	int next = btf__add_ptr(btf, sample.node);

	btf__add_struct(btf, "node", 112);
	btf__add_field(btf, "next", next, 0, 0);
	btf__add_field(btf, "name", name, 8 * 8, 0);
	btf__add_field(btf, "comm", comm, 16 * 8, 0);
	btf__add_field(btf, "mac", mac, 32 * 8, 0);
	btf__add_field(btf, "low", uint, 40 * 8, 3);
	btf__add_field(btf, "high", uint, 40 * 8 + 3, 5);
	btf__add_field(btf, NULL, either, 44 * 8, 0);
	btf__add_field(btf, "call", call, 48 * 8, 0);
	btf__add_field(btf, "color", color, 56 * 8, 0);
	btf__add_field(btf, "large", large, 64 * 8, 0);
	btf__add_field(btf, "table", table, 72 * 8, 0);
	btf__add_field(btf, "inner", inner, 80 * 8, 0);
	btf__add_field(btf, "counter", counter, 84 * 8, 0);
	btf__add_field(btf, "foreign", foreign, 88 * 8, 0);
	btf__add_field(btf, "total", count, 96 * 8, 0);
	btf__add_field(btf, "declared", declared, 104 * 8, 0);
	return 0;
}

static int free_sample(void **state _unused_)
{
	btf__free(sample.btf);
	return 0;
}

static struct types_member member_of(struct types *types, uint32_t type, const char *name)
{
	struct types_member member = {};

	assert_true(types_member(types, type, name, &member));
	return member;
}

static void assert_member(struct types *types, uint32_t type, const char *name, uint32_t byte,
	enum type_class class, const char *text)
{
	_cleanup_str_ struct str spelled = STR_INIT;
	struct types_member member = member_of(types, type, name);

	types_spell(types, member.type, &spelled);
	assert_string_equal(str_text(&spelled), text);
	assert_int_equal(member.bit_offset, byte * 8);
	assert_int_equal(types_class(types, member.type), class);
}

static void every_kind_of_member(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t node = types_import(types, sample.btf, sample.node);

	assert_int_equal(types_import(types, sample.btf, sample.node), node);
	assert_int_equal(types_size(types, node), 112);
	assert_int_equal(types_align(types, node), 8);
	assert_member(types, node, "next", 0, TYPE_POINTER, "struct node *");
	assert_member(types, node, "name", 8, TYPE_POINTER, "char *");
	assert_member(types, node, "comm", 16, TYPE_STRING, "string[16]");
	assert_member(types, node, "mac", 32, TYPE_ARRAY, "unsigned char[6]");
	assert_member(types, node, "a", 44, TYPE_INTEGER, "number_t");
	assert_member(types, node, "b", 44, TYPE_FLOAT, "float");
	assert_member(types, node, "call", 48, TYPE_POINTER, "void *");
	assert_member(types, node, "color", 56, TYPE_ENUM, "enum color");
	assert_member(types, node, "large", 64, TYPE_ENUM, "enum large");
	assert_member(types, node, "table", 72, TYPE_POINTER, "struct other *");
	assert_member(types, node, "inner", 80, TYPE_STRUCT, "struct (unnamed)");
	assert_member(types, node, "counter", 84, TYPE_INTEGER, "number_t");
	assert_member(types, node, "foreign", 88, TYPE_POINTER, "struct ns__T_int_ *");
	assert_member(types, node, "total", 96, TYPE_INTEGER, "unsigned long");
	assert_int_equal(types_space(types, member_of(types, node, "name").type), ADDRESS_USER);
	assert_int_equal(types_space(types, member_of(types, node, "next").type), ADDRESS_KERNEL);
	assert_true(types_is_signed(types, member_of(types, node, "color").type));
	assert_false(types_is_signed(types, member_of(types, node, "large").type));
	assert_true(types_is_signed(types, member_of(types, node, "a").type));

	struct types_member high = member_of(types, node, "high");

	assert_int_equal(high.bit_offset, 40 * 8 + 3);
	assert_int_equal(high.bit_size, 5);
	assert_int_equal(member_of(types, node, "comm").type, types_string(types, 16));
}

/* What is only pointed to is not copied until it is asked for. */
static void pointers_lead_to_declarations(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t node = types_import(types, sample.btf, sample.node);
	uint32_t next = types_pointee(types, member_of(types, node, "next").type);
	uint32_t table = types_pointee(types, member_of(types, node, "table").type);
	uint32_t foreign = types_pointee(types, member_of(types, node, "foreign").type);
	uint32_t declared = types_pointee(types, member_of(types, node, "declared").type);
	uint32_t before = btf__type_cnt(types_btf(types));
	struct types_member member;

	assert_int_equal(types_class(types, next), TYPE_FORWARD);
	assert_int_equal(types_complete(types, next), node);
	assert_int_equal(types_complete(types, node), node);
	assert_int_equal(btf__type_cnt(types_btf(types)), before);
	assert_false(types_member(types, table, "words", &member));
	assert_true(types_member(types, types_complete(types, table), "words", &member));
	assert_true(btf__type_cnt(types_btf(types)) > before);
	assert_true(types_member(types, types_complete(types, foreign), "x", &member));
	assert_int_equal(types_complete(types, declared), declared);
}

/* Makes a type of a BTF the script's. */
static uint32_t define(
	struct types *types, const struct btf *btf, const char *keyword, const char *name, int kind)
{
	uint32_t id = types_import(types, btf, btf__find_by_name_kind(btf, name, kind));

	assert_true(types_define(types, keyword, name, id));
	return id;
}

static void enumerators_are_kept(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t color = define(types, sample.btf, "enum", "color", BTF_KIND_ENUM), type = 0;
	uint64_t value = 0;

	define(types, sample.btf, "enum", "large", BTF_KIND_ENUM64);
	assert_true(types_enumerator(types, NULL, "BLUE", &type, &value));
	assert_int_equal(value, 7);
	assert_int_equal(color, type);
	assert_int_equal(types_find(types, "enum", "color"), type);
	assert_true(types_enumerator(types, NULL, "NONE", &type, &value));
	assert_true(value == UINT64_MAX);
	assert_true(types_enumerator(types, NULL, "LARGE", &type, &value));
	assert_true(value == 1ull << 40);
	assert_false(types_enumerator(types, NULL, "color", &type, &value));
	assert_false(types_enumerator(types, NULL, "ED", &type, &value));
}

/* Before Linux 6.0 no enum of a kernel's BTF says that it is signed; later those do that are. */
static void signs_of_enums(void **state _unused_)
{
	for (int told = 0; told < 2; told++) {
		_cleanup_types_ struct types *types = types_new(NULL);
		struct btf *btf = btf__new_empty();
		int id = btf__add_enum(btf, "sign", 4);
		uint32_t type;
		uint64_t value;

		btf__add_enum_value(btf, "TOP", -1);
		((struct btf_type *)btf__type_by_id(btf, id))->info &= ~(1u << 31);
		if (told) {
			btf__add_enum(btf, "other", 4);
			btf__add_enum_value(btf, "MINUS", -1);
		}
		type = define(types, btf, "enum", "sign", BTF_KIND_ENUM);
		assert_int_equal(types_is_signed(types, type), !told);
		assert_true(types_enumerator(types, NULL, "TOP", &type, &value));
		assert_true(value == (told ? UINT32_MAX : UINT64_MAX));
		btf__free(btf);
	}
}

static void the_script_defines_by_name(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t declared = types_forward(types, "struct", "node");

	assert_int_equal(types_find(types, "struct", "other"), 0);
	define(types, sample.btf, "struct", "other", BTF_KIND_STRUCT);
	define(types, sample.btf, "struct", "node", BTF_KIND_STRUCT);
	assert_int_not_equal(types_find(types, "struct", "other"), 0);
	assert_int_equal(types_find(types, "union", "other"), 0);
	assert_int_equal(types_complete(types, declared), types_find(types, "struct", "node"));
	assert_false(types_define(types, "struct", "node", declared));
	assert_true(types_define(types, NULL, "number", types_integer(types, 4, true)));
	assert_int_equal(types_size(types, types_find(types, NULL, "number")), 4);

	struct suggestion suggestion = suggest_start("othr");

	types_suggest(types, "struct", &suggestion);
	assert_string_equal(suggestion.best, "other");
}

/* A definition of the script replaces what other definitions point to by its name. */
static void the_script_wins_for_its_name(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t node = types_import(types, sample.btf, sample.node);
	uint32_t other = types_pointee(types, member_of(types, node, "table").type);
	struct types_member mine = {.name = "mine", .type = types_integer(types, 2, true)};
	uint32_t own = types_composite(types, "struct", "other", &mine, 1, 2);

	assert_true(types_define(types, "struct", "other", own));
	assert_int_equal(types_size(types, types_complete(types, other)), 2);
	assert_int_equal(types_size(types, node), 112);
}

static void the_kernel_takes_copies(void **state _unused_)
{
	_cleanup_types_ struct types *types = types_new(NULL);
	uint32_t node = types_import(types, sample.btf, sample.node), id;
	struct btf *btf;

	assert_success(types_export(types, &node, 1, &id, &btf));
	assert_kernel_takes(btf);
	btf__free(btf);
}

/* Types that contain themselves, and what libbpf refuses to say, become void and are left out. */
static void impossible_types_are_void(void **state _unused_)
{
	struct btf *btf = btf__new_empty();
	int odd = btf__add_int(btf, "odd", 2, 0);
	int self = odd + 1;

	((struct btf_type *)btf__type_by_id(btf, odd))->size = 3;
	btf__add_struct(btf, "self", 8);
	btf__add_field(btf, "self", self, 0, 0);
	btf__add_field(btf, "odd", odd, 0, 0);
	btf__add_field(btf, "lost", 4711, 0, 0);

	struct types *types = types_new(NULL);
	uint32_t type = types_import(types, btf, self);

	assert_int_equal(types_class(types, type), TYPE_STRUCT);
	assert_int_equal(types_member_count(types, type), 0);
	assert_int_equal(types_import(types, btf, odd), 0);
	types_free(types);
	btf__free(btf);
}

struct kernel {
	struct host host;
	struct kbtf *kbtf;
	const struct btf *btf;
	struct types *types;
};

static int open_kernel(void **state)
{
	static struct kernel kernel;

	kernel = (struct kernel){.host = HOST_INIT};
	assert_success(host_open_root("/", &kernel.host));
	kernel.kbtf = kbtf_new(&kernel.host, NULL);
	kernel.types = types_new(kernel.kbtf);
	*state = &kernel;
	return 0;
}

static int close_kernel(void **state)
{
	struct kernel *kernel = *state;

	types_free(kernel->types);
	kbtf_free(kernel->kbtf);
	host_deinit(&kernel->host);
	return 0;
}

static void need_kernel(struct kernel *kernel)
{
	_cleanup_error_ struct error *error = kbtf_btf(kernel->kbtf, &kernel->btf);

	if (error) {
		print_message("%s\n", error->message);
		skip();
	}
}

static void the_kernel_s_tasks(void **state)
{
	struct kernel *kernel = *state;
	struct types *types = kernel->types;

	need_kernel(kernel);

	uint32_t task = types_find(types, "struct", "task_struct");
	int32_t id = btf__find_by_name_kind(kernel->btf, "task_struct", BTF_KIND_STRUCT);

	assert_true(id > 0);
	assert_int_equal(types_find(types, "struct", "task_struct"), task);
	assert_int_equal(types_size(types, task), btf__resolve_size(kernel->btf, id));

	uint32_t parent = types_complete(
		types, types_pointee(types, member_of(types, task, "real_parent").type));

	assert_int_equal(parent, task);
	assert_int_equal(member_of(types, task, "comm").type, types_string(types, 16));
	assert_int_equal(types_size(types, member_of(types, task, "pid").type), 4);
	/* A copy of what task_struct holds by value; all of the kernel is a thousand times that. */
	assert_in_range(btf__type_cnt(types_btf(types)), 100, 2000);
	assert_int_equal(types_find(types, "struct", "no_such_struct"), 0);
	assert_int_equal(types_find(types, NULL, "task_struct"), 0);
	assert_int_equal(types_size(types, types_find(types, NULL, "pid_t")), 4);
}

static void the_kernel_s_enumerators(void **state)
{
	struct kernel *kernel = *state;
	uint32_t type;
	uint64_t value;

	need_kernel(kernel);
	assert_true(types_enumerator(kernel->types, NULL, "BPF_MAP_TYPE_RINGBUF", &type, &value));
	assert_int_equal(value, BPF_MAP_TYPE_RINGBUF);
	assert_int_equal(types_class(kernel->types, type), TYPE_ENUM);
	assert_false(types_enumerator(kernel->types, NULL, "NO_SUCH_ENUMERATOR", &type, &value));
}

/* Every struct of the kernel keeps its size and the places of its members. */
static void all_structs_keep_their_layout(void **state)
{
	struct kernel *kernel = *state;
	struct types *types = kernel->types;
	size_t compared = 0;

	need_kernel(kernel);
	for (uint32_t id = 1; id < btf__type_cnt(kernel->btf); id++) {
		const struct btf_type *type = btf__type_by_id(kernel->btf, id);

		if (!btf_is_composite(type))
			continue;

		uint32_t copy = types_import(types, kernel->btf, id);

		assert_int_equal(types_size(types, copy), type->size);
		assert_int_equal(types_member_count(types, copy), btf_vlen(type));
		for (uint32_t i = 0; i < btf_vlen(type); i++) {
			struct types_member member = types_member_at(types, copy, i);
			int64_t size = btf__resolve_size(kernel->btf, btf_members(type)[i].type);

			assert_int_equal(member.bit_offset, btf_member_bit_offset(type, i));
			assert_int_equal(member.bit_size, btf_member_bitfield_size(type, i));
			assert_true(size == types_size(types, member.type));
		}
		compared++;
	}
	assert_true(compared > 1000);
	assert_kernel_takes(types_btf(types));
}

#define test_with_kernel(function)                                                                 \
	cmocka_unit_test_setup_teardown(function, open_kernel, close_kernel)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_member),
		cmocka_unit_test(pointers_lead_to_declarations),
		cmocka_unit_test(enumerators_are_kept),
		cmocka_unit_test(signs_of_enums),
		cmocka_unit_test(the_script_defines_by_name),
		cmocka_unit_test(the_script_wins_for_its_name),
		cmocka_unit_test(the_kernel_takes_copies),
		cmocka_unit_test(impossible_types_are_void),
		test_with_kernel(the_kernel_s_tasks),
		test_with_kernel(the_kernel_s_enumerators),
		test_with_kernel(all_structs_keep_their_layout),
	};

	return cmocka_run_group_tests(tests, make_sample, free_sample);
}
