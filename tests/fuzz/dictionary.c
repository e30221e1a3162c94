/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the words of scripts in libFuzzer's form, all from the tables that the compiler itself
 * uses: tokens, builtins, probe types, settings, and the names of types.
 */
#include <stdio.h>

#include "bpftrace/compiler/builtin/builtin_table.h"
#include "bpftrace/door/settings.h"
#include "libcommon/probes/probe.h"

static void print_word(const char *word)
{
	if (word && *word)
		printf("\"%s\"\n", word);
}

static void print_tokens(void)
{
#define CLASS(text)
#define WORD(text)               print_word(text);
#define SOFT(text)               print_word(text);
#define MARK(text)               print_word(text);
#define TOKEN(class, KIND, text) class(text)
#include "bpftrace/compiler/ast/tokens.def"
#undef TOKEN
}

static void print_builtins(void)
{
	for (size_t i = 0; i < builtin_table_count; i++) {
		for (const struct builtin *row = builtin_table[i]; row->name; row++)
			print_word(row->name);
	}
}

static void print_probe_types(void)
{
	for (size_t i = 0; i < probe_type_count; i++) {
		print_word(probe_types[i]->name);
		for (size_t j = 0; j < ARRAY_SIZE(probe_types[i]->aliases); j++)
			print_word(probe_types[i]->aliases[j]);
	}
}

static void print_settings(void)
{
	for (size_t i = 0; i < NR_SETTINGS; i++) {
		print_word(setting_descs[i].name);
		print_word(setting_descs[i].variable);
	}
}

static void print_types(void)
{
	for (enum meaning meaning = 0; meaning < NR_MEANINGS; meaning++)
		print_word(meaning_name(meaning));
	for (unsigned bits = 8; bits <= 64; bits *= 2)
		printf("\"int%u\"\n\"uint%u\"\n", bits, bits);
}

int main(void)
{
	print_tokens();
	print_builtins();
	print_probe_types();
	print_settings();
	print_types();
	return 0;
}
