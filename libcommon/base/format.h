/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The printf format of the language: parsed once, by the compiler to check the arguments and by
 * the runner to print them. Conversions are those of C for integers, strings, characters and
 * pointers (d i u x X o c s p), all lengths (hh h l ll j z t), widths, precisions and flags, plus
 * r, rh and rx for buffers and gr for the kernel's flags of allocations; "%%" is one percent sign,
 * and so is a '%' that begins no conversion.
 * '*' widths are not part of the language.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "str.h"
#include "vec.h"

enum conversion {
	CONVERSION_NONE,     /* literal text only: the end of the format */
	CONVERSION_SIGNED,   /* d i */
	CONVERSION_UNSIGNED, /* u x X o */
	CONVERSION_CHAR,     /* c */
	CONVERSION_POINTER,  /* p */
	CONVERSION_STRING,   /* s */
	CONVERSION_BUFFER,   /* r rh rx */
	CONVERSION_FLAGS,    /* gr */
};

struct format_item {
	char *literal; /* text before the conversion, escapes and %% already resolved; owned */
	size_t literal_length;
	enum conversion conversion;
	char letter;       /* d i u x X o c p s r g */
	char buffer_style; /* 0 for %r, 'h' for %rh, 'x' for %rx */
	unsigned bytes;    /* width of the argument by its length letters: 1, 2, 8, or 0: none */
	bool left, zero, plus, space, alternate;
	bool plain;        /* no flags but left, no precision: only digits and a minus sign */
	int width;         /* 0 when none */
	int precision;     /* -1 when none */
	size_t begin, end; /* bytes of the conversion in the format, for diagnostics */
};

struct format {
	VEC(struct format_item) items;
	size_t arguments;              /* how many conversions take an argument */
	size_t strays;                 /* how many '%' begin no conversion and are text */
	size_t stray_begin, stray_end; /* bytes of the first of them, for diagnostics */
};

/*
 * Parses text (escapes of the script already resolved); the caller deinits *ret. supplied: how many
 * arguments there are. In "100% done" the blank is a flag in C; it is text when there are arguments
 * for all other conversions only.
 */
struct error *format_parse(const char *text, size_t length, size_t supplied, struct format *ret);
void format_deinit(struct format *format);

/*
 * Whether the item takes an integer of size bytes for a signed one: the conversion decides, as in
 * C, but %d of an unsigned type that is narrower than int has all of its values.
 */
bool format_reads_signed(const struct format_item *item, size_t size, bool is_signed);

/* Append one converted argument; item says how. */
void format_integer(const struct format_item *item, uint64_t value, struct str *out);
void format_text(const struct format_item *item, const char *text, size_t length, struct str *out);
void format_buffer(const struct format_item *item, const void *data, size_t size, struct str *out);

/* Appends the decimal digits, and a minus sign of a negative value. */
void format_decimal(uint64_t value, bool is_signed, struct str *out);
