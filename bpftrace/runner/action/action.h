/* SPDX-License-Identifier: Apache-2.0 */
/* What a call site does when its record arrives: one file per action, each exporting one row. */
#pragma once

#include "bpftrace/runner/session.h"
#include "libcommon/base/error.h"

/* A site made ready once at start: formats compiled, members of the record found. */
struct site {
	const struct manifest_site *site;
	const struct action_handler *handler;
	uint32_t record;       /* type of the record */
	size_t record_size;    /* of its fixed part; shorter records are ignored and counted */
	uint32_t first_member; /* of the record, behind its head */
	void *prepared;        /* the handler's, in the session's arena */
};

struct action_handler {
	enum action action;
	/* Once per site, before privileges are dropped; may be NULL. */
	struct error *(*prepare)(struct session *session, struct site *site);
	/* One record (with its head); its size is at least record_size. */
	void (*handle)(
		struct session *session, const struct site *site, const void *record, size_t size);
	/* Once per site, after the last record; may be NULL. */
	void (*end)(struct session *session, const struct site *site);
};

extern const struct action_handler action_printf, action_cat, action_system, action_print,
	action_time, action_helper_error, action_print_map, action_take, action_take_zero,
	action_clear, action_zero, action_exit, action_unwatch, action_skboutput, action_join;

const struct action_handler *action_handler(enum action action);

/* The prepare of a site whose text is a format, and what a record makes of it: in the output's
 * scratch text. */
struct error *action_prepare_format(struct session *session, struct site *site);
struct str *action_format(
	struct session *session, const struct site *site, const void *record, size_t size);

/* The only member of the record behind its head, and the prepare of a site that shows it: a
 * struct types_member. */
struct error *action_member(
	const struct session *session, const struct site *site, struct types_member *ret);
struct error *action_prepare_member(struct session *session, struct site *site);

/* That member as a number, and the number of a record. */
struct action_number {
	size_t offset;
	size_t size;
	bool is_signed;
};
struct error *action_find_number(
	const struct session *session, const struct site *site, struct action_number *ret);
int64_t action_number_at(const struct action_number *number, const void *record);

/* The prepare of a site whose record is one number, and the number of a record. */
struct error *action_prepare_number(struct session *session, struct site *site);
int64_t action_number(const struct site *site, const void *record);

/* The prepare of a site that takes a map, and the take: its content is shown, its keys stay (their
 * values zero) or go. */
struct error *action_prepare_take(struct session *session, struct site *site);
void action_take_map(struct session *session, const struct site *site, bool keep_keys);
