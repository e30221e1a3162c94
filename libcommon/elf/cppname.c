/* SPDX-License-Identifier: Apache-2.0 */
#include "cppname.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "demangle.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/str.h"

static bool is_word(char byte)
{
	return isalnum((unsigned char)byte) || byte == '_' || byte == '$';
}

/* Whether a blank between these is more than a matter of taste: "unsigned int", "operator< <int>".
 */
static bool separates(char before, char after)
{
	return (is_word(before) && is_word(after)) || (before == '<' && after == '<');
}

/* Without blanks that separate nothing, and without quotes, which attach points cannot hold. */
static char *squeeze(const char *text)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (const char *at = text; *at; at++) {
		char before = out.length > 0 ? out.data[out.length - 1] : ' ';

		if (*at == '"' || (*at == ' ' && !separates(before, at[strspn(at, " ")])))
			continue;
		str_append_char(&out, *at);
	}
	return xstrdup(str_text(&out));
}

/* The length of an operator's name at text, "operator<=", which may look like other punctuation; 0
 * when there is none. before is the character in front of it. */
static size_t operator_length(const char *text, char before)
{
	static const char *const signs[] = {
		"()", "[]", "<=>", "<<=", ">>=", "->*", "->", "<<", ">>", "<=", ">=", "<", ">"};
	const size_t size = sizeof("operator") - 1;

	if (is_word(before) || strncmp(text, "operator", size) != 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		if (strncmp(text + size, signs[i], strlen(signs[i])) == 0)
			return size + strlen(signs[i]);
	}
	return 0;
}

/* The length of what is in brackets at text, these included; 0 when they are not closed. */
static size_t bracket_length(const char *text, char open, char close)
{
	size_t depth = 0;

	for (const char *at = text; *at; at++) {
		size_t skipped = operator_length(at, at > text ? at[-1] : ' ');

		if (skipped > 0) {
			at += skipped - 1;
			continue;
		}
		depth += *at == open;
		/* "->" closes nothing */
		if (*at == close && !(close == '>' && at > text && at[-1] == '-') && --depth == 0)
			return (size_t)(at - text) + 1;
	}
	return 0;
}

/* The length of a template's arguments, or of a tag as "[abi:cxx11]", at *at; 0 when neither is
 * there. "<T as Trait>" at the begin of a name of Rust is no such. */
static size_t arguments_length(const char *text, const char *at)
{
	if (at == text)
		return 0;
	if (*at == '<')
		return bracket_length(at, '<', '>');
	return strncmp(at, "[abi:", strlen("[abi:")) == 0 ? bracket_length(at, '[', ']') : 0;
}

/* Without the arguments of templates: of all, or of those behind which the name ends or its
 * parameters begin. */
static char *without_arguments(const char *text, bool only_last)
{
	_cleanup_str_ struct str out = STR_INIT;

	for (const char *at = text; *at;) {
		size_t kept = operator_length(at, at > text ? at[-1] : ' ');
		size_t left_out = kept > 0 ? 0 : arguments_length(text, at);

		if (left_out > 0 && (!only_last || strchr("(", at[left_out]))) {
			if (out.data[out.length - 1] == ' ')
				str_truncate(&out, out.length - 1);
			at += left_out;
			continue;
		}
		kept = MAX(kept, (size_t)1);
		str_append_bytes(&out, at, kept);
		at += kept;
	}
	return xstrdup(str_text(&out));
}

/* Cuts qualifiers behind the parameters; true when there were some. */
static bool cut_qualifiers(char *text)
{
	static const char *const qualifiers[] = {"const", "volatile", "&&", "&"};
	size_t before = strlen(text), length = before;

	for (size_t i = 0; i < ARRAY_SIZE(qualifiers); i++) {
		size_t size = strlen(qualifiers[i]);

		if (length > size && text[length - size - 1] == ')' &&
			strcmp(text + length - size, qualifiers[i]) == 0)
			text[length -= size] = '\0';
	}
	return length < before;
}

/* Compares with a text and what it is when parts are left out. */
static bool means(const char *name, cppname_compare compare, const char *text)
{
	if (!text)
		return false;

	_cleanup_free_ char *whole = squeeze(text);
	_cleanup_free_ char *last = without_arguments(whole, true);
	_cleanup_free_ char *none = without_arguments(whole, false);
	char *const forms[] = {whole, last, none};

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		if (compare(name, forms[i]) ||
			(cut_qualifiers(forms[i]) && compare(name, forms[i])))
			return true;
	}
	return false;
}

bool cppname_means(const char *name, cppname_compare compare, const char *symbol)
{
	_cleanup_free_ char *plain = demangle(symbol, DEMANGLE_NAME);

	if (compare(name, symbol))
		return true;
	if (!plain)
		return false;

	_cleanup_free_ char *wanted = squeeze(name);

	if (means(wanted, compare, plain))
		return true;
	/* Without a parenthesis no types of parameters are meant, but perhaps by a pattern. */
	if (!strpbrk(name, "(*"))
		return false;

	_cleanup_free_ char *full = demangle(symbol, DEMANGLE_FULL);
	_cleanup_free_ char *call = demangle(symbol, DEMANGLE_CALL);

	return means(wanted, compare, full) || means(wanted, compare, call);
}

size_t cppname_length(const char *name)
{
	static const char call[] = "operator";
	const char *end = strrchr(name, ')');
	size_t depth = 0;

	for (const char *at = end; at && at >= name; at--) {
		depth += *at == ')';
		if (*at != '(' || --depth > 0)
			continue;

		size_t length = (size_t)(at - name), size = sizeof(call) - 1;
		bool is_call = length >= size && strncmp(at - size, call, size) == 0;

		/* Behind it come qualifiers, else it encloses a part of the name. */
		return is_call || strchr(end, ':') ? strlen(name) : length;
	}
	return strlen(name);
}

/* Whether the star makes a pointer of what is before it, and does not begin what is looked for.
 * before: the text in front of it, without blanks. */
static bool is_pointer(const char *star, char before)
{
	const char *after = star + 1;

	if (is_word(before) || strchr(">&)", before))
		return true;
	if (before != '(' && before != ':')
		return false;
	return after[0] == ')' && after[1 + strspn(after + 1, " ")] == '(';
}

char *cppname_pattern(const char *name)
{
	_cleanup_str_ struct str out = STR_INIT;
	const char *begin = name + cppname_length(name);
	char before = ' ';
	bool was_pointer = false;

	for (const char *at = name; *at; at++) {
		if (*at == '*' && at > begin && before != '\\') {
			was_pointer = before == '*' ? was_pointer : is_pointer(at, before);
			str_append(&out, was_pointer ? "\\*" : "*");
		} else {
			str_append_char(&out, *at);
		}
		before = *at == ' ' ? before : *at;
	}
	return xstrdup(str_text(&out));
}
