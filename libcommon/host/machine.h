/* SPDX-License-Identifier: Apache-2.0 */
/* The architecture of a machine whose files are below a root directory, as its programs show it. */
#pragma once

#include "arch.h"
#include "host.h"

/*
 * Returns the architecture that the shell, init or the dynamic linker of the host is for; NULL when
 * the host has none of them. Fails when that architecture is not supported.
 */
struct error *machine_arch(const struct host *host, const struct arch **ret);
