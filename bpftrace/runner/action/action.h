/* SPDX-License-Identifier: Apache-2.0 */
/* What a call site does when its record arrives: one file per action, each exporting one row. */
#pragma once

#include "bpftrace/runner/data/traced.h"
#include "bpftrace/runner/process/helper.h"
#include "bpftrace/runner/process/waiter.h"
#include "bpftrace/runner/show/value.h"
#include "libcommon/base/error.h"

struct capture;
struct output;

/* The context of actions, and their results. */
struct actions {
	struct traced *traced;
	struct output *output;
	const struct waiter *waiter;    /* NULL outside of the event loop */
	struct helper_process executor; /* of commands; none without --unsafe */
	struct capture *captures;       /* files that packets are written to, see capture.h */
	/* Ends a watchpoint; NULL when the script has none. */
	void (*unwatch)(void *context, uint64_t address);
	void *unwatch_context;
	uint64_t left_out; /* calls skipped because of a signal */
	bool exited;       /* exit() was called */
	int exit_status;   /* 0, or the argument of exit() */
};

/* A call site, prepared once at start: formats are parsed, members of the record found. */
struct site {
	const struct manifest_site *site;
	const struct action_ops *ops;
	uint32_t record;       /* type of the record */
	size_t record_size;    /* of its fixed part; shorter records are ignored and counted */
	uint32_t first_member; /* of the record, behind its head */
	void *prepared;        /* set by prepare, in the arena of the traced object */
};

struct action_ops {
	enum action action;
	bool is_slow; /* skipped and counted after a signal for the end */
	/* Once per site, before privileges are dropped; may be NULL. */
	struct error *(*prepare)(struct actions *actions, struct site *site);
	/* One record (with its head); its size is at least record_size. */
	void (*handle)(
		struct actions *actions, const struct site *site, const void *record, size_t size);
	/* Once per site, after the last record; may be NULL. */
	void (*end)(struct actions *actions, const struct site *site);
};

extern const struct action_ops action_printf, action_cat, action_system, action_print, action_time,
	action_helper_error, action_print_map, action_swap_clear, action_swap_zero, action_clear,
	action_zero, action_errorf, action_warnf, action_exit, action_unwatch, action_skboutput,
	action_join;

const struct action_ops *action_find(enum action action);

/* prepare of a site whose text is a format; the formatted record, in the output's scratch text
 * (printf_format). */
struct error *action_prepare_format(struct actions *actions, struct site *site);
struct str *action_format(struct actions *actions, const struct site *site, const void *record,
	size_t size, bool escapes);

/* The only member of the record behind its head; action_prepare_member stores it as the site's
 * prepared struct types_member. */
struct error *action_prepare_member(struct actions *actions, struct site *site);

/* The prepared member as a value; record must outlive it. */
struct value action_value(
	struct actions *actions, const struct site *site, const void *record, size_t size);

/* Prints the contents of files or the output of commands. On a terminal control characters other
 * than line feeds and tabs are escaped. */
void action_print_foreign(struct actions *actions, const char *kind, const void *data, size_t size);

/* The only member as a number; its value in a record. */
struct action_number {
	size_t offset;
	size_t size;
	bool is_signed;
};
struct error *action_find_number(
	const struct actions *actions, const struct site *site, struct action_number *ret);
int64_t action_number_at(const struct action_number *number, const void *record);

/* prepare of a site whose record holds one number; the number of a record. */
struct error *action_prepare_number(struct actions *actions, struct site *site);
int64_t action_number(const struct site *site, const void *record);
