/* SPDX-License-Identifier: Apache-2.0 */
/* The fixture of tests that need a host whose root is a tree, and texts that live as long. */
#pragma once

#include "libcommon/base/arena.h"
#include "libcommon/host/host.h"
#include "tests/unit/tree.h"

struct tree_host {
	struct tree tree;
	struct host host;
	struct arena arena;
};

/* For cmocka: *state is the fixture. */
int tree_host_setup(void **state);
int tree_host_teardown(void **state);
