/* SPDX-License-Identifier: Apache-2.0 */
/* Matches functions of its own executable. */
#include "tests/unit/probing.h"

#include "libcommon/elf/elf.h"

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
		"uprobe target file '/nonexist' does not exist or is not executable");
	assert_failure(probing_match(&probing, "uretprobe:no-such-program:f"),
		"uretprobe target file 'no-such-program' does not exist or is not executable");
	assert_failure(probing_match(&probing, "u:" SELF ":marked_tow"),
		"Could not resolve symbol: " SELF ":marked_tow");
	assert_string_equal(probing.suggestion.best, "uprobe:" SELF ":marked_two");
	assert_failure(probing_match(&probing, "u:" SELF ":indirect_one"),
		SELF ":indirect_one is an indirect function: which code its callers get is "
		     "decided when they start");
	assert_failure(probing_match(&probing, "u:/etc/passwd:f"), "/etc/passwd: not an ELF file");
	assert_failure(probing_match(&probing, "u:" SELF),
		"'u:" SELF "' is no attach point of the form uprobe:PATH:FUNCTION");
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
		cmocka_unit_test(short_names),
		cmocka_unit_test(what_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
