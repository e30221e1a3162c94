/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "bpftrace/door/request.h"
#include "bpftrace/runner/attach/attach.h"
#include "libcommon/base/error.h"

/*
 * Loads the bundle of attachments->traced into the kernel: sets its object, state and rings.
 * request: with the settings of this run and the features of the kernel. When the verifier refuses
 * a program, a diagnostic that shows the script's line goes to stderr (verifier.c), and the error
 * is ECANCELED: there is nothing to add.
 */
struct error *load_bundle(struct attachments *attachments, const struct request *request);
