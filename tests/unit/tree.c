/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/tree.h"

#include "tests/unit/unit.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#include "libcommon/base/alloc.h"

struct tree tree_make(void)
{
	const char *directory = getenv("TMPDIR");
	struct tree tree = {xasprintf("%s/tree-XXXXXX", directory ? directory : "/tmp")};

	assert_non_null(mkdtemp(tree.path));
	return tree;
}

static int remove_one(const char *path, const struct stat *status _unused_, int type _unused_,
	struct FTW *at _unused_)
{
	return remove(path);
}

void tree_remove(struct tree *tree)
{
	nftw(tree->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(tree->path);
	tree->path = NULL;
}

/* The path outside of the tree, its parent directories made. */
static char *place(const struct tree *tree, const char *path)
{
	char *full = xasprintf("%s%s", tree->path, path);

	assert_int_equal(path[0], '/');
	for (char *slash = full + strlen(tree->path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(mkdir(full, 0755) == 0 || errno == EEXIST);
		*slash = '/';
	}
	return full;
}

void tree_write(const struct tree *tree, const char *path, const void *data, size_t size)
{
	_cleanup_free_ char *full = place(tree, path);
	_cleanup_fclose_ FILE *file = fopen(full, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, size, file), size);
}

void tree_write_text(const struct tree *tree, const char *path, const char *text)
{
	tree_write(tree, path, text, strlen(text));
}

void tree_directory(const struct tree *tree, const char *path)
{
	_cleanup_free_ char *full = place(tree, path);

	assert_int_equal(mkdir(full, 0755), 0);
}

void tree_link(const struct tree *tree, const char *path, const char *target)
{
	_cleanup_free_ char *full = place(tree, path);

	assert_int_equal(symlink(target, full), 0);
}

void tree_run(const struct tree *tree, const char *command)
{
	_cleanup_free_ char *line = xasprintf("cd %s && %s", tree->path, command);

	assert_int_equal(system(line), 0);
}
