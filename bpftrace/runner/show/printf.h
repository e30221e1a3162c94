/* SPDX-License-Identifier: Apache-2.0 */
/* printf: a format and a record's type become a list of steps once; each record then runs through
 * it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpftrace/runner/data/traced.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"
#include "value.h"

struct printf_site;

/* record has one member per conversion of the format, from first_member on. *ret is in the
 * traced's arena. Fails when format and record do not fit together. */
struct error *printf_prepare(struct traced *traced, uint32_t record, uint32_t first_member,
	const char *text, size_t length, struct printf_site **ret);

/* Appends the text; the record has at least the size of its type. escapes: control characters of
 * arguments are escaped for a terminal, those of the format are not. */
void printf_format(const struct printf_site *site, struct value_reader *reader, const void *record,
	size_t size, bool escapes, struct str *out);
