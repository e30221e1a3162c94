/* SPDX-License-Identifier: Apache-2.0 */
/* A tree of files in a temporary directory, made by a test and used as root of a host. */
#pragma once

#include <stddef.h>

struct tree {
	char *path;
};

/* Any failure ends the test. */
struct tree tree_make(void);
void tree_remove(struct tree *tree);

/* Makes the directories on the way. path begins with "/", the tree's root. */
void tree_write(const struct tree *tree, const char *path, const void *data, size_t size);
void tree_write_text(const struct tree *tree, const char *path, const char *text);
void tree_directory(const struct tree *tree, const char *path);
void tree_link(const struct tree *tree, const char *path, const char *target);

/* Runs a command of the shell in the tree; it must succeed. */
void tree_run(const struct tree *tree, const char *command);

#define _cleanup_tree_ __attribute__((cleanup(tree_remove)))
