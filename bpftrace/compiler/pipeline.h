/* SPDX-License-Identifier: Apache-2.0 */
/* The passes, in order; nothing else calls a pass. */
#pragma once

#include "compilation.h"

struct pass {
	const char *name; /* "parse", for -d STAGE */
	void (*run)(struct compilation *c);
	void (*dump)(
		struct compilation *c, struct str *out); /* what -d shows after it; may be NULL */
	int dump_level;                                  /* shown from -d (1) or -dd (2) on */
};

/* Whether -d accepts the name: of a pass, an alias of one, or "all"; and appends all such names.
 */
bool pipeline_has_pass(const char *name);
void pipeline_passes(struct str *out);

/* The error for a list of names with commas, one of which -d does not accept. */
struct error *pipeline_check_stages(const char *names);

/* Appends the functions and variables: a line "name: what it is" and, indented, one per prototype.
 */
void pipeline_builtins(struct str *out);

/*
 * Runs the passes up to what the request's answer needs (a list ends after expand), stopping after
 * the first that reported an error. Dumps go to out.
 */
void pipeline_run(struct compilation *c, struct str *out);

/* Appends the attach points of the script, a line each; with -v also what arguments they have,
 * which adds warnings where they are not known. */
void pipeline_list(struct compilation *c, struct str *out);
