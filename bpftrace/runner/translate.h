/* SPDX-License-Identifier: Apache-2.0 */
/* From the script to the bundle, or to whatever else of the compiler was asked for. */
#pragma once

#include <stdbool.h>

#include "libcommon/base/error.h"
#include "session.h"

struct options;

/* Whether the compiler's answer is all that is wanted: dumps, files, lists. */
bool translate_only(const struct options *options);

/* Reads settings and script and starts the compiler; a script that is a saved bundle needs none. */
struct error *translate_start(struct session *session);

/* Completes the request by what the kernel can do, and sends it. */
struct error *translate_ask(struct session *session);

/*
 * Takes the answer: a bundle that was read and found fit for this kernel, in
 * session->traced.bundle; or it is written to the file that the options name, and the run is
 * finished.
 */
struct error *translate_finish(struct session *session);
