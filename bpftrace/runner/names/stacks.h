/* SPDX-License-Identifier: Apache-2.0 */
/* Names of addresses: frames of stacks, and symbols. */
#pragma once

#include "bpftrace/door/settings.h"
#include "names.h"
#include "symbols.h"

/* The kinds of names, as bits, that are wanted. */
#define NAME_BIT(kind)     (1u << (kind))
#define NAMES_OF_KERNEL    (NAME_BIT(NAME_KERNEL_STACK) | NAME_BIT(NAME_KERNEL_SYMBOL))
#define NAMES_OF_PROCESSES (NAME_BIT(NAME_USER_STACK) | NAME_BIT(NAME_USER_SYMBOL))

/* Parameters of keys of stacks for fields (frames.h) instead of lines: of the modes bpftrace and
 * perf, raw, and build_id. */
#define STACKS_FIELDS          "fields"
#define STACKS_FIELDS_RAW      "fields=raw"
#define STACKS_FIELDS_BUILD_ID "fields=build_id"

/*
 * Starts the helper process that finds them and adds it as the source of these kinds. stacks_fd:
 * the map of stacks, borrowed; -1 where none of them is stored there. Once the helper fails,
 * addresses are shown, and a warning reports it.
 */
struct error *stacks_open(
	struct names *names, unsigned kinds, int stacks_fd, const struct settings *settings);
