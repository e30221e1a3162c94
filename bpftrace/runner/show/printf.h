/* SPDX-License-Identifier: Apache-2.0 */
/* printf: a format and a record's type become a list of steps once; each record then runs through
 * it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpftrace/runner/session.h"
#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

struct printf_site;

/* record has one member per conversion of the format, from first_member on. *ret is in the
 * session's arena. Fails when format and record do not fit together. */
struct error *printf_prepare(struct session *session, uint32_t record, uint32_t first_member,
	const char *format, size_t length, struct printf_site **ret);

/* Appends the text; the record has at least the size of its type. */
void printf_format(const struct printf_site *site, const struct session *session,
	const void *record, size_t size, struct str *out);
