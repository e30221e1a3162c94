/* SPDX-License-Identifier: Apache-2.0 */
/* Matches functions of its own executable. */
#include "tests/unit/probing.h"

#include "libcommon/elf/elf.h"
#include "libcommon/probes/return_danger.h"

#define SELF "/proc/self/exe"

int marked_one(int number);
int marked_two(int number);
int indirect_one(int number);
int _marked_one_again(int number);

__attribute__((noinline)) int marked_one(int number)
{
	return number * 3;
}

__attribute__((noinline)) int marked_two(int number)
{
	return number * 5;
}

/* Runs while the program is linked, before sanitizers work. */
__attribute__((no_sanitize("address", "undefined"))) static int (*choose(void))(int)
{
	return marked_one;
}

__attribute__((ifunc("choose"))) int indirect_one(int number);

/* A second name of the same place. */
__attribute__((alias("marked_one"))) int _marked_one_again(int number);

/* Functions that do nothing, by symbols that no C function can have or that are the C library's. */
#define MEANING(function, symbol)                                                                  \
	void function(void) __asm__(symbol);                                                       \
	__attribute__((noinline)) void function(void)                                              \
	{                                                                                          \
		__asm__ volatile("" ::: "memory");                                                 \
	}
MEANING(cold_part, "fourth.cold")
MEANING(cold_part_numbered, "fourth.cold.3")
MEANING(cold_part_of_class, "_ZN2ns4coldEi.cold") /* ns::cold(int) [clone .cold] */
MEANING(own_swapcontext, "swapcontext")
MEANING(own_restorer, "__restore_rt")
MEANING(own_resolver, "_dl_runtime_resolve_xsavec")
MEANING(own_throw, "__cxa_throw")
MEANING(own_thunk, "__x86.get_pc_thunk.bx")
MEANING(colder, "fourth.colder")

struct wanted {
	const char *name;
	struct elf_symbol symbol;
};

static void look(const struct elf_symbol *symbol, void *context)
{
	struct wanted *wanted = context;

	if (strcmp(symbol->name, wanted->name) == 0)
		wanted->symbol = *symbol;
}

/* Address and size; the name is that asked for. */
static struct elf_symbol find(const char *name)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	struct wanted wanted = {.name = name};

	assert_success(host_open_root("/", &host));
	assert_success(elf_open(&host, SELF, &elf));
	assert_success(elf_functions(elf, look, &wanted));
	assert_true(wanted.symbol.address != 0);
	return wanted.symbol;
}

static uint64_t offset_of(uint64_t address)
{
	_cleanup_host_ struct host host = HOST_INIT;
	_cleanup_elf_ struct elf *elf = NULL;
	uint64_t offset = 0;

	assert_success(host_open_root("/", &host));
	assert_success(elf_open(&host, SELF, &elf));
	assert_true(elf_code_offset(elf, address, &offset));
	return offset;
}

static void assert_place(const struct probe_match *match, const char *name, const char *function,
	uint64_t address, bool is_return)
{
	assert_string_equal(match->name, name);
	assert_string_equal(match->function, function);
	assert_string_equal(match->event, function);
	assert_string_equal(match->target, SELF);
	assert_int_equal(match->address, offset_of(address));
	assert_int_equal(match->attach, ATTACH_UPROBE);
	assert_int_equal(match->context, is_return ? CONTEXT_REGS_RETURN : CONTEXT_REGS);
	assert_int_equal(match->is_return, is_return);
}

/* PROBE-08, PROBE-11 */
static void by_symbol(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;
	uint64_t address = find("marked_two").address;

	probing_open(&probing, "/");
	assert_place(probing_one(&probing, "u:" SELF ":marked_two"), "uprobe:" SELF ":marked_two",
		"marked_two", address, false);
	assert_place(probing_one(&probing, "ur:" SELF ":marked_two"),
		"uretprobe:" SELF ":marked_two", "marked_two", address, true);
	assert_place(probing_one(&probing, "uprobe:\"" SELF "\":\"marked_two\""),
		"uprobe:" SELF ":marked_two", "marked_two", address, false);
}

/* PROBE-09 */
static void by_offset(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;
	_cleanup_str_ struct str text = STR_INIT, message = STR_INIT;
	struct elf_symbol symbol = find("marked_two");

	probing_open(&probing, "/");
	assert_place(probing_one(&probing, "uprobe:" SELF ":marked_two+0x2"),
		"uprobe:" SELF ":marked_two+2", "marked_two", symbol.address + 2, false);
	assert_failure(
		probing_match(&probing, "ur:" SELF ":marked_two+2"), "uretprobe takes no offset");
	assert_failure(probing_match(&probing, "u:" SELF ":marked_two+x"), "'x' is not an offset");
	assert_failure(probing_match(&probing, "u:" SELF ":marked_*+2"),
		"'marked_*+2': an offset needs one function");

	str_printf(&text, "u:" SELF ":marked_two+%llu", (unsigned long long)symbol.size);
	str_printf(&message, "offset %llu is outside of marked_two, which has %llu bytes",
		(unsigned long long)symbol.size, (unsigned long long)symbol.size);
	assert_failure(probing_match(&probing, str_text(&text)), str_text(&message));
}

/* PROBE-10 */
static void by_address(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;
	_cleanup_str_ struct str text = STR_INIT, name = STR_INIT;
	uint64_t address = find("marked_two").address;

	probing_open(&probing, "/");
	str_printf(&text, "u:" SELF ":0x%llx", (unsigned long long)address);
	str_printf(&name, "uprobe:" SELF ":%llu", (unsigned long long)address);
	assert_place(probing_one(&probing, str_text(&text)), str_text(&name), "marked_two", address,
		false);
	assert_failure(probing_match(&probing, "u:" SELF ":0x7fffffffffff"),
		SELF " has no code at address 0x7fffffffffff");
	assert_failure(probing_match(&probing, "u:" SELF ":12x"), "'12x' is not an address");
}

/* PROBE-20: a place with several names is attached once, by its plainest name. */
static void wildcards(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");
	assert_success(probing_match(&probing, "u:" SELF ":*marked_*"));
	assert_int_equal(probing.matches.count, 2);
	assert_string_equal(probing.matches.items[0].name, "uprobe:" SELF ":marked_one");
	assert_string_equal(probing.matches.items[1].name, "uprobe:" SELF ":marked_two");
	assert_success(probing_match(&probing, "u:" SELF ":*"));
	assert_true(probing.matches.count > 10);
	assert_success(probing_match(&probing, "u:" SELF ":no_such*"));
	assert_int_equal(probing.matches.count, 0);
	probing_one(&probing, "u:" SELF ":_marked_one_again");
}

static void assert_refused(struct probing *probing, const char *symbol, const char *reason)
{
	_cleanup_str_ struct str text = STR_INIT, message = STR_INIT;

	str_printf(&text, "uretprobe:" SELF ":%s", symbol);
	str_printf(&message,
		"%s can crash the traced program: %s; use --unsafe to attach it anyway",
		str_text(&text), reason);
	assert_failure(probing_match(probing, str_text(&text)), str_text(&message));
	probing->world.unsafe = true;
	assert_null(probing_one(probing, str_text(&text))->refusal);
	probing->world.unsafe = false;
	str_truncate(&text, 0);
	str_printf(&text, "uprobe:" SELF ":%s", symbol);
	assert_null(probing_one(probing, str_text(&text))->refusal);
}

/* PROBE-11 */
static void dangerous_returns(void **state _unused_)
{
	static const struct {
		const char *symbol, *reason;
	} rows[] = {
		{"_start", "the program begins there, without a return address"},
		{"fourth.cold", "it is a part of a function that is entered by a jump, without a "
				"return address"},
		{"fourth.cold.3", "it is a part of a function that is entered by a jump, without a "
				  "return address"},
		{"swapcontext", "it saves its return address, to return there more than once or on "
				"another stack"},
		{"__restore_rt", "signal handlers return to it, so it has no return address"},
		{"_dl_runtime_resolve_xsavec",
			"it is entered by a jump, without a return address on top of the stack"},
		{"__cxa_throw", "exceptions find their handlers by return addresses"},
		{"__x86.get_pc_thunk.bx", "it reads its return address"},
	};
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_refused(&probing, rows[i].symbol, rows[i].reason);
	assert_null(probing_one(&probing, "ur:" SELF ":fourth.colder")->refusal);
	assert_null(probing_one(&probing, "ur:" SELF ":marked_two")->refusal);
	assert_non_null(probing_one(&probing, "ur:" SELF ":cpp:\"ns::cold*\"")->refusal);
}

/* A name of each kind, and one that only looks alike. */
static void names_of_dangerous_returns(void **state _unused_)
{
	static const char *const dangerous[] = {"_start", "__start", "_dlstart", "_dl_start_user",
		"__start_context", "__restore", "__restore_rt", "__default_sa_restorer_v2",
		"__default_rt_sa_restorer", "__kernel_sigreturn", "__kernel_rt_sigreturn",
		"_dl_runtime_resolve", "_dl_runtime_profile_avx512", "_dl_tlsdesc_resolve_rela",
		"main.cold", "main.cold.1", "ns::f(int) [clone .cold]",
		"ns::f(int) [clone .cold.4]", "main.__part.2", "ns::f(int) [clone .__part.2]",
		"setjmp", "_setjmp", "__setjmp", "___setjmp", "sigsetjmp", "__sigsetjmp",
		"getcontext", "__getcontext", "swapcontext", "__swapcontext", "jump_fcontext",
		"ontop_fcontext", "coroutine_transfer", "_Unwind_RaiseException", "_Unwind_Resume",
		"_Unwind_Resume_or_Rethrow", "_Unwind_ForcedUnwind", "__cxa_throw",
		"__cxa_throw_bad_array_length", "__cxa_rethrow", "__cxa_rethrow_primary_exception",
		"__cxa_bad_cast", "_ZSt20__throw_length_errorPKc",
		"std::__throw_length_error(char const*)",
		"_ZSt17rethrow_exceptionNSt15__exception_ptr13exception_ptrE",
		"std::rethrow_exception(std::__exception_ptr::exception_ptr)", "rust_panic",
		"rust_begin_unwind", "__rust_start_panic", "__x86.get_pc_thunk.ax",
		"__i686.get_pc_thunk.bx", "__morestack", "__morestack_non_split"};
	static const char *const harmless[] = {"main", "_start_thread", "start_context", "vfork",
		"__libc_start_main", "longjmp", "makecontext", "main.colder", "scold",
		"main.part.0", "main.constprop.0", "_Unwind_Backtrace", "__cxa_begin_catch",
		"restore_rt", "_dl_runtime", ""};
	_cleanup_probing_ struct probing probing;
	_cleanup_elf_ struct elf *elf = NULL;
	struct function function = {.address = find("marked_two").address};

	probing_open(&probing, "/");
	assert_success(elf_open(&probing.host, SELF, &elf));
	for (size_t i = 0; i < ARRAY_SIZE(dangerous); i++) {
		function.name = dangerous[i];
		if (!return_danger(&probing.world, elf, &function))
			fail_msg("%s is taken for harmless", function.name);
	}
	for (size_t i = 0; i < ARRAY_SIZE(harmless); i++) {
		function.name = harmless[i];
		if (return_danger(&probing.world, elf, &function))
			fail_msg("%s is taken for dangerous", function.name);
	}
}

/* The place inside of a function, by its address. */
static void returns_of_places(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;
	_cleanup_str_ struct str begin = STR_INIT, inside = STR_INIT;
	uint64_t address = find("marked_two").address;

	probing_open(&probing, "/");
	str_printf(&begin, "ur:" SELF ":0x%llx", (unsigned long long)address);
	str_printf(&inside, "ur:" SELF ":0x%llx", (unsigned long long)address + 2);
	assert_null(probing_one(&probing, str_text(&begin))->refusal);

	struct error *error = probing_match(&probing, str_text(&inside));

	assert_non_null(error);
	assert_non_null(strstr(error->message, "it is inside a function"));
	error_free(error);
}

static const struct probe_match *match_of(const struct probing *probing, const char *function)
{
	const struct probe_match *match;

	vec_for_each (&probing->matches, match) {
		if (strcmp(match->function, function) == 0)
			return match;
	}
	fail_msg("no match of %s", function);
	return NULL;
}

static void dangerous_members_of_wildcards(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");
	assert_success(probing_match(&probing, "ur:" SELF ":*"));
	assert_non_null(match_of(&probing, "_start")->refusal);
	assert_non_null(match_of(&probing, "fourth.cold")->refusal);
	assert_null(match_of(&probing, "marked_two")->refusal);
	assert_success(probing_match(&probing, "u:" SELF ":*"));
	assert_null(match_of(&probing, "_start")->refusal);
}

/* PROBE-16 */
static void short_names(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");
	if (!host_exists(&probing.host, "/etc/ld.so.cache")) {
		print_message("no /etc/ld.so.cache\n");
		skip();
	}

	const struct probe_match *match = probing_one(&probing, "uprobe:libc:malloc");

	assert_true(match->target[0] == '/');
	assert_non_null(strstr(match->target, "/libc.so"));
	assert_non_null(strstr(match->name, match->target));
	assert_string_equal(match->function, "malloc");
}

/* ERR-12, ERR-13 */
static void what_is_not_there(void **state _unused_)
{
	_cleanup_probing_ struct probing probing;

	probing_open(&probing, "/");
	assert_failure(probing_match(&probing, "uprobe:/nonexist:f"),
		"uprobe target file '/nonexist' does not exist");
	assert_failure(probing_match(&probing, "uretprobe:no-such-program:f"),
		"uretprobe target file 'no-such-program' does not exist: no program (PATH) of that "
		"name is known");
	assert_failure(probing_match(&probing, "u:" SELF ":marked_tow"),
		"Could not resolve symbol: " SELF ":marked_tow");
	assert_string_equal(probing.suggestion.best, "uprobe:" SELF ":marked_two");
	assert_failure(probing_match(&probing, "u:" SELF ":indirect_one"), SELF
		":indirect_one is an indirect function (ifunc): the dynamic linker chooses its "
		"code at run time");
	assert_failure(probing_match(&probing, "u:/etc/passwd:f"),
		"uprobe target file '/etc/passwd' is not an ELF file");
	assert_failure(probing_match(&probing, "u:" SELF),
		"'u:" SELF "' does not have the form uprobe:PATH:FUNCTION or "
		"uprobe:PATH@FILE:LINE[:COLUMN]");
	assert_failure(probing_match(&probing, "u:" SELF ":"), "'' names no function");
	assert_failure(probing_match(&probing, "u:" SELF ":cpp:marked_tow"),
		"Could not resolve symbol: " SELF ":marked_tow");
	assert_success(probing_match(&probing, "u:*:no_such_function_anywhere"));
	assert_int_equal(probing.matches.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_symbol),
		cmocka_unit_test(by_offset),
		cmocka_unit_test(by_address),
		cmocka_unit_test(wildcards),
		cmocka_unit_test(dangerous_returns),
		cmocka_unit_test(names_of_dangerous_returns),
		cmocka_unit_test(returns_of_places),
		cmocka_unit_test(dangerous_members_of_wildcards),
		cmocka_unit_test(short_names),
		cmocka_unit_test(what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
