/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths of a profile, merged: frames with the same name and the same callers are one node. Memory
 * is bounded: when there are too many nodes or names, a path counts for its last frame that has a
 * node.
 */
#pragma once

#include "profile.h"

/* A name of a kind. */
struct flame_name {
	enum frame_kind kind;
	const char *text; /* printable UTF-8 without control characters, not too long */
	int64_t rank;
};

struct flame_node {
	uint32_t parent; /* has a smaller index */
	uint32_t name;
	uint64_t kept, last; /* see flame_tree_keep */
};

struct flame_tree {
	VEC(struct flame_node) nodes; /* the root first, which has no name */
	VEC(struct flame_name) names;
	struct hashmap node_index, name_index; /* numbers, plus one */
	struct arena arena;
	size_t name_bytes;
	size_t nodes_most; /* 0: FLAME_NODES_MAX */
	uint64_t cut;      /* paths that found no room */
	uint64_t kept_cut; /* of these, what flame_tree_restart() leaves */
};

enum {
	FLAME_NODES_MAX = 500000,
	FLAME_NAMES_MAX = 16 << 20, /* bytes */
	FLAME_NAME_MAX = 4096,
};

void flame_tree_deinit(struct flame_tree *tree);

void flame_tree_add(struct flame_tree *tree, const struct profile_path *path, uint64_t count);

/* What was added since the last call of flame_tree_keep is left out from now on: the map is printed
 * again. */
void flame_tree_restart(struct flame_tree *tree);

/* What was added up to now stays: the map was cleared. */
void flame_tree_keep(struct flame_tree *tree);

/* What the paths to the node counted, without what they did further on. */
uint64_t flame_node_count(const struct flame_node *node);

/* A node as it is drawn. */
struct flame_frame {
	uint32_t name;
	uint32_t depth; /* 1 is that of the root's children */
	uint64_t self, total;
	uint64_t begin; /* how much is counted in front of it */
};

struct flame_layout {
	VEC(struct flame_frame) frames; /* in front of what they call; the root first */
	uint32_t depth;                 /* the largest */
};

/* The nodes with children ordered by kind, rank and name. Nodes that counted nothing are in it only
 * with_empty. The caller deinits it. */
struct flame_layout flame_tree_layout(const struct flame_tree *tree, bool with_empty);
void flame_layout_deinit(struct flame_layout *layout);
