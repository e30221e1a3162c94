/* SPDX-License-Identifier: Apache-2.0 */
/* Names of users. */
#pragma once

#include "libcommon/base/error.h"
#include "names.h"

/* Starts a process without privileges that looks up names of users, and adds it as their source.
 * Once it fails, users are shown by number, and a warning reports it. */
struct error *users_open(struct names *names);

/* The same for NAME_PROCESS: names of processes by their numbers, "" where there is none. */
struct error *users_open_processes(struct names *names);
