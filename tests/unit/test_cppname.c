/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "libcommon/elf/cppname.h"

static bool is_same(const char *name, const char *text)
{
	return strcmp(name, text) == 0;
}

static bool begins(const char *name, const char *text)
{
	return strncmp(name, text, strcspn(name, "*")) == 0;
}

/* PROBE-17 */
static void names(void **state _unused_)
{
	static const struct {
		const char *symbol;
		const char *names[6]; /* all of which mean it */
		const char *others[4];
	} cases[] = {
		{"_ZN12_GLOBAL__N_11fEi",
			{"(anonymous namespace)::f", "(anonymous namespace)::f(int)"},
			{"f", "(anonymous namespace)", "(anonymous namespace)::f()"}},
		{"_ZN2ns1KclEi", {"ns::K::operator()", "ns::K::operator()(int)"},
			{"ns::K::operator", "ns::K", "ns::K::operator()(char)"}},
		{"_ZN2nsltERKNS_1KES2_",
			{"ns::operator<", "ns::operator<(ns::K const&, ns::K const&)",
				"ns::operator<(ns::K const&,ns::K const&)"},
			{"ns::operator", "ns::operator<<", "ns::operator<="}},
		{"_ZN2ns1KlsEi", {"ns::K::operator<<", "ns::K::operator<<(int)"},
			{"ns::K::operator<", "ns::K::operator"}},
		{"_ZN2ns1KptEv", {"ns::K::operator->", "ns::K::operator->()"},
			{"ns::K::operator-"}},
		{"_Znam", {"operator new[]", "operator new [ ]", "operator new[](unsigned long)"},
			{"operator new", "operatornew[]"}},
		{"_ZN2ns1KcvbEv", {"ns::K::operator bool", "ns::K::operator bool()"},
			{"ns::K::operator"}},
		{"_ZN2ns4tmplIiEEvT_",
			{"ns::tmpl", "ns::tmpl<int>", "ns::tmpl(int)", "ns::tmpl<int>(int)",
				"void ns::tmpl<int>(int)", "ns :: tmpl < int >"},
			{"ns::tmpl<char>", "ns::tmpl(char)", "tmpl"}},
		{"_ZN1CIiE3getIcEEvT_",
			{"C::get", "C<int>::get", "C<int>::get<char>", "C<int>::get(char)"},
			{"C::get<char>", "C<char>::get"}},
		{"_ZltIiEbT_S0_", {"operator<", "operator< <int>", "operator< <int>(int, int)"},
			{"operator", "operator<<int>>"}},
		{"_ZNK1K1fEv", {"K::f", "K::f()", "K::f() const"}, {"K::f()volatile", "K::f(int)"}},
		{"_ZN1K1fB5cxx11Ev", {"K::f", "K::f[abi:cxx11]", "K::f[abi:cxx11]()"}, {"K"}},
		{"_ZZ4mainENKUliE_clEi",
			{"main::{lambda(int)#1}::operator()",
				"main::{lambda(int)#1}::operator()(int) const"},
			{"main", "main::{lambda(int)#2}::operator()"}},
		{"_ZN2nsli3_kmEy", {"ns::operator\"\" _km", "ns::operator _km"}, {"ns::operator"}},
		/* operators as arguments of a template, whose signs are no brackets */
		{"_ZN1TIXadL_ZN1KptEvEEE1fEv", {"T::f", "T::f()"}, {"T", "T>::f"}},
		{"_ZN1TIXadL_ZN1KltEvEEE1fEv", {"T::f", "T::f()"}, {"T"}},
		{"plain", {"plain"}, {"plain()", "pla"}},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(cases[i].names) && cases[i].names[j]; j++) {
			if (!cppname_means(cases[i].names[j], is_same, cases[i].symbol))
				fail_msg("%s is not %s", cases[i].names[j], cases[i].symbol);
		}
		for (size_t j = 0; j < ARRAY_SIZE(cases[i].others) && cases[i].others[j]; j++) {
			if (cppname_means(cases[i].others[j], is_same, cases[i].symbol))
				fail_msg("%s is %s", cases[i].others[j], cases[i].symbol);
		}
	}
}

static void patterns(void **state _unused_)
{
	assert_true(cppname_means("ns::tm*", begins, "_ZN2ns4tmplIiEEvT_"));
	assert_true(cppname_means("void ns::*", begins, "_ZN2ns4tmplIiEEvT_"));
	assert_false(cppname_means("nt::*", begins, "_ZN2ns4tmplIiEEvT_"));
}

/* Brackets that nothing closes, and names of other languages. */
static void odd_names(void **state _unused_)
{
	static const char *const symbols[] = {"", "_Z", "_ZltE", "a<b", "a[abi:", "f(",
		"<T as U>::f", "_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE"};

	for (size_t i = 0; i < ARRAY_SIZE(symbols); i++) {
		cppname_means("f<(*", is_same, symbols[i]);
		assert_true(cppname_means(symbols[i], is_same, symbols[i]));
	}
}

/* The stars of pointers are none of a pattern. */
static void stars(void **state _unused_)
{
	static const char *const cases[][2] = {
		{"over(void (*)(int))", "over(void (\\*)(int))"},
		{"over(void (ns::K::*)(int))", "over(void (ns::K::\\*)(int))"},
		{"over(char const*, ns::T<int>**)", "over(char const\\*, ns::T<int>\\*\\*)"},
		{"over(char *)", "over(char \\*)"},
		{"over(*)", "over(*)"},
		{"over(int, *)", "over(int, *)"},
		{"over(ns::*)", "over(ns::*)"},
		{"over(**)", "over(**)"},
		{"ov*(int*) const", "ov*(int\\*) const"},
		{"over(int*", "over(int*"},
		{"ns::K::operator*", "ns::K::operator*"},
		{"ns::K::operator()", "ns::K::operator()"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *pattern = cppname_pattern(cases[i][0]);

		assert_string_equal(pattern, cases[i][1]);
		free(pattern);
	}
}

static void lengths(void **state _unused_)
{
	static const struct {
		const char *name, *plain;
	} cases[] = {
		{"ns::fn(int) const", "ns::fn"},
		{"fn", "fn"},
		{"fn(void (*)(int), char)", "fn"},
		{"(anonymous namespace)::hidden(int)", "(anonymous namespace)::hidden"},
		{"(anonymous namespace)::hidden", "(anonymous namespace)::hidden"},
		{"ns::K::operator()(int)", "ns::K::operator()"},
		{"ns::K::operator()", "ns::K::operator()"},
		{")", ")"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(cppname_length(cases[i].name), strlen(cases[i].plain));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(patterns),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(stars),
		cmocka_unit_test(lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
