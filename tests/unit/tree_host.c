/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tree_host.h"

#include "tests/unit/unit.h"

int tree_host_setup(void **state)
{
	static struct tree_host fixture;

	fixture = (struct tree_host){.tree = tree_make()};
	assert_success(host_open_root(fixture.tree.path, &fixture.host));
	*state = &fixture;
	return 0;
}

int tree_host_teardown(void **state)
{
	struct tree_host *fixture = *state;

	host_deinit(&fixture->host);
	tree_remove(&fixture->tree);
	arena_deinit(&fixture->arena);
	return 0;
}
