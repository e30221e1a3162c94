/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics for the author of a script, made from the verifier's log. */
#pragma once

#include "bpftrace/door/manifest.h"
#include "libcommon/base/str.h"

/*
 * Appends a diagnostic made from the log of a refused program, whose name may be NULL: the
 * statement at which the verifier stopped, else the block, its reason in words, and a next step
 * where there is one. False when the log holds no verdict.
 */
bool verifier_explain(
	const char *log, const char *program, const struct manifest *manifest, struct str *out);

/* Whether the verdict is that programs may not read memory. */
bool verifier_denies_reading(const char *log);

/* Whether a log, which may have been cut, ends as the verifier ends it. */
bool verifier_is_complete(const char *log);

/* Whether the verdict is that the program is too complex: the log of the walk does not help then.
 */
bool verifier_gave_up(const char *log);
