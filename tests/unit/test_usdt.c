/* SPDX-License-Identifier: Apache-2.0 */
/* Static probes of its own executable. */
#include "tests/unit/probing.h"

#include "libcommon/elf/operand.h"
#include "tests/fixtures/note.h"

#define SELF "/proc/self/exe"

extern unsigned short unit_counter;
unsigned short unit_counter = 7;

int probed(int number);

/* "twice" is at two places, "shared" belongs to two providers; "wild" has a counter in no data. */
__attribute__((noinline)) int probed(int number)
{
	NOTE("one", "twice", "0", "-4@%0", "nor"(number));
	NOTE("one", "shared", "0", "");
	NOTE("other", "shared", "0", "");
	NOTE("one", "counted", "unit_counter", "4@$5 !");
	NOTE("one", "wild", "0x10", "");
	NOTE("one", "twice", "0", "-4@%0", "nor"(number));
	return number + unit_counter;
}

static int setup(void **state)
{
	static struct probing probing;

	assert_int_equal(probed(1), 8);
	probing_open(&probing, "/");
	*state = &probing;
	return 0;
}

static int teardown(void **state)
{
	probing_close(*state);
	return 0;
}

static void one_place(void **state)
{
	const struct probe_match *match = probing_one(*state, "usdt:" SELF ":one:counted");

	assert_string_equal(match->name, "usdt:" SELF ":one:counted");
	assert_string_equal(match->function, "counted");
	assert_string_equal(match->event, "counted");
	assert_string_equal(match->target, SELF);
	assert_int_equal(match->attach, ATTACH_UPROBE);
	assert_int_equal(match->context, CONTEXT_USDT);
	assert_true(match->address != 0 && match->semaphore != 0);
	assert_false(match->optional);
	assert_int_equal(match->operands->count, 2);
	assert_int_equal(match->operands->items[0].kind, OPERAND_CONSTANT);
	assert_int_equal(match->operands->items[1].kind, OPERAND_OTHER);
	probing_one(*state, "U:" SELF ":counted");
	probing_one(*state, "usdt:" SELF "::counted");
}

static void several_places_of_one_name(void **state)
{
	struct probing *probing = *state;
	const struct probe_match *matches;

	assert_success(probing_match(probing, "usdt:" SELF ":one:twice"));
	assert_int_equal(probing->matches.count, 2);
	matches = probing->matches.items;
	assert_string_equal(matches[0].name, matches[1].name);
	assert_int_equal(matches[0].location, 0);
	assert_int_equal(matches[1].location, 1);
	assert_true(matches[0].address < matches[1].address);
	assert_int_equal(matches[0].semaphore, 0);
}

static void providers(void **state)
{
	struct probing *probing = *state;

	assert_failure(probing_match(probing, "usdt:" SELF ":shared"),
		"namespace for usdt:" SELF ":shared not specified, matched 2 probes; specify a "
		"unique namespace or use '*' to attach to all matched probes");
	assert_success(probing_match(probing, "usdt:" SELF ":*:shared"));
	assert_int_equal(probing->matches.count, 2);
	assert_string_equal(probing->matches.items[0].name, "usdt:" SELF ":one:shared");
	assert_string_equal(probing->matches.items[1].name, "usdt:" SELF ":other:shared");
	probing_one(probing, "usdt:" SELF ":oth*:shared");
}

static void wildcards(void **state)
{
	struct probing *probing = *state;

	assert_success(probing_match(probing, "usdt:" SELF ":one:*"));
	assert_int_equal(probing->matches.count, 4);
	for (size_t i = 0; i < probing->matches.count; i++)
		assert_true(probing->matches.items[i].optional);
	assert_success(probing_match(probing, "usdt:" SELF ":one:none*"));
	assert_int_equal(probing->matches.count, 0);
}

static void what_is_not_there(void **state)
{
	struct probing *probing = *state;

	assert_failure(probing_match(probing, "usdt:" SELF ":one:twic"),
		"No probes found for usdt:" SELF ":one:twic");
	assert_string_equal(probing->suggestion.best, "usdt:" SELF ":one:twice");
	assert_failure(probing_match(probing, "usdt:" SELF ":one:wild"),
		"No probes found for usdt:" SELF ":one:wild");
	assert_failure(probing_match(probing, "usdt:" SELF ":none:shared"),
		"No probes found for usdt:" SELF ":none:shared");
}

static void spellings_that_are_none(void **state)
{
	static const char *const cases[] = {"usdt", "usdt:" SELF,
		"usdt:" SELF ":one:", "usdt:" SELF ":", "usdt:" SELF ":one:shared:more"};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_error_ struct error *error = probing_match(*state, cases[i]);

		assert_non_null(error);
		assert_non_null(strstr(error->message, "usdt:PATH:PROVIDER:NAME"));
	}
}

static void arguments_are_declared(void **state)
{
	struct probing *probing = *state;
	const struct probe_match *match = probing_one(probing, "usdt:" SELF ":one:counted");
	_cleanup_str_ struct str out = STR_INIT;
	char semaphore[64];

	assert_success(match->type->declare(&probing->world, match, &out));
	assert_non_null(strstr(out.data, "    uint32 arg0 (4@$5)\n    arg1: "));
	assert_non_null(strstr(out.data, " (!)\n"));
	snprintf(semaphore, sizeof(semaphore), "    semaphore at 0x%llx\n",
		(unsigned long long)match->semaphore);
	assert_non_null(strstr(out.data, semaphore));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_place, setup, teardown),
		cmocka_unit_test_setup_teardown(several_places_of_one_name, setup, teardown),
		cmocka_unit_test_setup_teardown(providers, setup, teardown),
		cmocka_unit_test_setup_teardown(wildcards, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_not_there, setup, teardown),
		cmocka_unit_test_setup_teardown(spellings_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(arguments_are_declared, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
