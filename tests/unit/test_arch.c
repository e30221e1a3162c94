/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <asm/ptrace.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "libcommon/base/hashmap.h"
#include "libcommon/host/arch.h"
#include "libcommon/host/tracefs.h"

static const char *const names[] = {"x86_64", "aarch64"};

static void native_is_this_machine(void **state _unused_)
{
	struct utsname uts;

	assert_int_equal(uname(&uts), 0);
	assert_string_equal(arch_native()->name, uts.machine);
	assert_ptr_equal(arch_find(uts.machine), arch_native());
	assert_null(arch_find("pdp11"));
}

static void registers(void **state _unused_)
{
	const struct arch *x86 = arch_find("x86_64"), *arm = arch_find("aarch64");
	uint16_t offset = 7;

	assert_true(arch_register(x86, "ip", &offset));
	assert_int_equal(offset, 128);
	assert_true(arch_register(arm, "r30", &offset));
	assert_int_equal(offset, 240);
	assert_false(arch_register(x86, "r30", &offset));
	assert_false(arch_register(arm, "ax", &offset));
	assert_int_equal(offset, 240);
}

#ifdef __x86_64__
/* The kernel's own header of this machine says the same. */
static void registers_are_those_of_the_header(void **state _unused_)
{
	static const struct {
		const char *name;
		size_t offset;
	} rows[] = {
#define ROW(name, member) {name, offsetof(struct pt_regs, member)}
		ROW("r15", r15),
		ROW("r14", r14),
		ROW("r13", r13),
		ROW("r12", r12),
		ROW("bp", rbp),
		ROW("bx", rbx),
		ROW("r11", r11),
		ROW("r10", r10),
		ROW("r9", r9),
		ROW("r8", r8),
		ROW("ax", rax),
		ROW("cx", rcx),
		ROW("dx", rdx),
		ROW("si", rsi),
		ROW("di", rdi),
		ROW("orig_ax", orig_rax),
		ROW("ip", rip),
		ROW("cs", cs),
		ROW("flags", eflags),
		ROW("sp", rsp),
		ROW("ss", ss),
#undef ROW
	};
	const struct arch *arch = arch_native();

	assert_int_equal(arch->register_count, ARRAY_SIZE(rows));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint16_t offset = UINT16_MAX;

		assert_true(arch_register(arch, rows[i].name, &offset));
		assert_int_equal(offset, rows[i].offset);
	}
	assert_int_equal(arch->return_value, offsetof(struct pt_regs, rax));
	assert_int_equal(arch->ip, offsetof(struct pt_regs, rip));
	assert_int_equal(arch->sp, offsetof(struct pt_regs, rsp));
	assert_int_equal(arch->syscall_number, offsetof(struct pt_regs, orig_rax));
	assert_int_equal(arch->arguments[3], offsetof(struct pt_regs, rcx));
	assert_int_equal(arch->syscall_arguments[3], offsetof(struct pt_regs, r10));
}
#endif

/* struct user_pt_regs of aarch64: 31 registers, sp, pc and pstate, 8 bytes each. */
static void registers_of_aarch64(void **state _unused_)
{
	const struct arch *arch = arch_find("aarch64");
	char name[8];
	uint16_t offset = 0;

	for (int i = 0; i <= 30; i++) {
		snprintf(name, sizeof(name), "r%d", i);
		assert_true(arch_register(arch, name, &offset));
		assert_int_equal(offset, 8 * i);
	}
	assert_true(arch_register(arch, "sp", &offset));
	assert_int_equal(offset, 8 * 31);
	assert_true(arch_register(arch, "pc", &offset));
	assert_int_equal(offset, 8 * 32);
	assert_true(arch_register(arch, "pstate", &offset));
	assert_int_equal(offset, 8 * 33);
}

static void syscalls_are_sorted_and_unique(void **state _unused_)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct arch *arch = arch_find(names[i]);
		static bool seen[ARRAY_SIZE(names)][1024];

		assert_true(arch->syscall_count > 300);
		for (size_t k = 0; k < arch->syscall_count; k++) {
			const struct arch_syscall *row = &arch->syscalls[k];
			int32_t number = -1;

			if (k)
				assert_true(strcmp(row[-1].name, row->name) < 0);
			assert_true(row->number < 1024);
			assert_false(seen[i][row->number]);
			seen[i][row->number] = true;
			assert_true(arch_syscall(arch, row->name, &number));
			assert_int_equal(number, row->number);
		}
	}
}

static void syscalls_by_event_name(void **state _unused_)
{
	static const struct {
		const char *name;
		int32_t x86, arm;
	} rows[] = {
		{"openat", 257, 56},
		{"read", 0, 63},
		{"newstat", 4, -1},
		{"newfstat", 5, 80},
		{"newlstat", 6, -1},
		{"newfstatat", 262, 79},
		{"newuname", 63, 160},
		{"sendfile64", 40, 71},
		{"umount", 166, 39},
		{"stat", -1, -1},
		{"uname", -1, -1},
		{"umount2", -1, -1},
		{"sendfile", -1, -1},
		{"fadvise64", 221, -1},
		{"fadvise64_64", -1, 223},
		{"", -1, -1},
		{"zzz", -1, -1},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int32_t x86 = -1, arm = -1;

		arch_syscall(arch_find("x86_64"), rows[i].name, &x86);
		arch_syscall(arch_find("aarch64"), rows[i].name, &arm);
		assert_int_equal(x86, rows[i].x86);
		assert_int_equal(arm, rows[i].arm);
	}
}

/* The numbers that the C preprocessor finds with these options, by name; empty without a compiler.
 */
static void read_header(const char *options, struct hashmap *numbers)
{
	char command[512], line[256], name[128];

	snprintf(command, sizeof(command), "cc -E -dM %s - </dev/null 2>/dev/null", options);
	FILE *macros = popen(command, "r");
	intptr_t number;

	assert_non_null(macros);
	while (fgets(line, sizeof(line), macros)) {
		if (sscanf(line, "#define __NR_%127s %jd", name, &number) == 2)
			*hashmap_text_slot(numbers, name) = (void *)(number + 1);
	}
	pclose(macros);
}

/* An event's name in the header: six differ. */
static const char *header_name(const char *event)
{
	static const char *const rows[][2] = {{"newstat", "stat"}, {"newfstat", "fstat"},
		{"newlstat", "lstat"}, {"newuname", "uname"}, {"sendfile64", "sendfile"},
		{"umount", "umount2"}};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i][0], event) == 0)
			return rows[i][1];
	}
	return event;
}

/* Every system call event of the running kernel that has a number in the header is in the table. */
static void the_running_kernel(void **state _unused_)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	_cleanup_hashmap_ struct hashmap numbers = HASHMAP_INIT;
	tracefs_events events = {};
	const struct tracefs_event *event;
	size_t compared = 0;

	read_header("-include asm/unistd.h", &numbers);
	assert_success(host_open_root("/", &host));

	_cleanup_error_ struct error *error = tracefs_list(&host, &arena, &events);

	if (error || numbers.count < 300)
		skip();
	vec_for_each (&events, event) {
		if (strcmp(event->category, "syscalls") != 0 ||
			strncmp(event->name, "sys_enter_", 10) != 0)
			continue;

		const void *value = hashmap_text_get(&numbers, header_name(event->name + 10));
		intptr_t number = (intptr_t)value;
		int32_t found = -1;

		if (number == 0)
			continue;
		if (!arch_syscall(arch_native(), event->name + 10, &found))
			fail_msg("%s is not in the table", event->name);
		assert_int_equal(found, number - 1);
		compared++;
	}
	vec_deinit(&events);
	assert_true(compared > 250);
}

/* aarch64 numbers its system calls by the list that is common to new architectures. */
static void aarch64_has_the_common_numbers(void **state _unused_)
{
	_cleanup_hashmap_ struct hashmap numbers = HASHMAP_INIT;
	const struct arch *arch = arch_find("aarch64");
	size_t compared = 0;

	read_header("-D__ARCH_WANT_RENAMEAT -D__ARCH_WANT_SET_GET_RLIMIT -D__ARCH_WANT_SYS_CLONE3 "
		    "-D__ARCH_WANT_MEMFD_SECRET -include asm-generic/unistd.h",
		&numbers);
	if (numbers.count < 200)
		skip();
	for (size_t i = 0; i < arch->syscall_count; i++) {
		const char *event = arch->syscalls[i].name;
		const void *value = hashmap_text_get(&numbers, header_name(event));

		if (!value)
			continue;
		assert_int_equal(arch->syscalls[i].number, (intptr_t)value - 1);
		compared++;
	}
	assert_true(compared > 250);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_is_this_machine),
		cmocka_unit_test(registers),
#ifdef __x86_64__
		cmocka_unit_test(registers_are_those_of_the_header),
#endif
		cmocka_unit_test(registers_of_aarch64),
		cmocka_unit_test(syscalls_are_sorted_and_unique),
		cmocka_unit_test(syscalls_by_event_name),
		cmocka_unit_test(the_running_kernel),
		cmocka_unit_test(aarch64_has_the_common_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
