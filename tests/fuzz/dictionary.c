/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the words of the language, from the parser's own table, in libFuzzer's form. */
#include <stdio.h>

#define CLASS(text)
#define WORD(text) puts("\"" text "\"");
#define SOFT(text) puts("\"" text "\"");
#define MARK(text) puts("\"" text "\"");

int main(void)
{
#define TOKEN(class, KIND, text) class(text)
#include "bpftrace/compiler/ast/tokens.def"
#undef TOKEN
	return 0;
}
