/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bpftrace/door/request.h"
#include "libcommon/base/arena.h"
#include "libcommon/base/error.h"

struct options;

/* Reads the file of the options into them, so that script_read() uses that text. */
struct error *script_keep(struct options *options);

/*
 * Reads what is to be run: the text of -e, a file, or standard input. Sets name, text and length of
 * the request, in arena or the options; text may as well be a saved bundle.
 */
struct error *script_read(
	const struct options *options, struct arena *arena, struct request *request);
