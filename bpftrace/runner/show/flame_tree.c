/* SPDX-License-Identifier: Apache-2.0 */
#include "flame_tree.h"

#include <string.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/utf8.h"

/* --- names --- */

/* What is no UTF-8, and the two characters that no XML document may hold, becomes U+FFFD. */
static void append_printable(struct str *out, const unsigned char *text, size_t length)
{
	static const char last[] = "\xef\xbf";
	bool is_none = length == 3 && memcmp(text, last, 2) == 0 && text[2] >= 0xbe;

	if (length == 0 || is_none)
		str_append(out, "\xef\xbf\xbd");
	else
		utf8_append_visible(out, text, length, "");
}

static char *printable(struct arena *arena, const char *name, size_t size)
{
	_cleanup_str_ struct str text = STR_INIT;
	const unsigned char *bytes = (const unsigned char *)name;

	for (size_t i = 0, length; i < size; i += length ? length : 1) {
		if (text.length >= FLAME_NAME_MAX) {
			str_append(&text, "\xe2\x80\xa6");
			break;
		}
		length = utf8_sequence(bytes + i, size - i);
		append_printable(&text, bytes + i, length);
	}
	return arena_strdup(arena, str_text(&text));
}

/* False when there is no room for another name. */
static bool find_name(struct flame_tree *tree, const struct profile_path *path,
	const struct path_frame *frame, uint32_t *ret)
{
	_cleanup_str_ struct str key = STR_INIT;
	size_t known = tree->name_index.count;

	str_append_char(&key, (char)('0' + frame->kind));
	str_append_bytes(&key, path->names.data + frame->name, frame->length);
	if (tree->name_bytes + key.length > FLAME_NAMES_MAX &&
		!hashmap_get(&tree->name_index, key.data, key.length))
		return false;

	void **slot = hashmap_slot(&tree->name_index, key.data, key.length);

	if (tree->name_index.count > known) {
		tree->name_bytes += key.length;
		vec_push(&tree->names, ((struct flame_name){frame->kind,
					       printable(&tree->arena, key.data + 1, frame->length),
					       frame->rank}));
		*slot = (void *)(uintptr_t)tree->names.count;
	}
	*ret = (uint32_t)(uintptr_t)*slot - 1;
	return true;
}

/* --- nodes --- */

static bool find_node(struct flame_tree *tree, uint32_t parent, uint32_t name, uint32_t *ret)
{
	const uint32_t key[] = {parent, name};
	size_t most = tree->nodes_most ? tree->nodes_most : FLAME_NODES_MAX;
	void *known = hashmap_get(&tree->node_index, key, sizeof(key));

	if (!known && tree->nodes.count >= most)
		return false;
	if (!known) {
		vec_push(&tree->nodes, ((struct flame_node){.parent = parent, .name = name}));
		known = (void *)(uintptr_t)tree->nodes.count;
		*hashmap_slot(&tree->node_index, key, sizeof(key)) = known;
	}
	*ret = (uint32_t)(uintptr_t)known - 1;
	return true;
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a + b < a ? UINT64_MAX : a + b;
}

void flame_tree_add(struct flame_tree *tree, const struct profile_path *path, uint64_t count)
{
	uint32_t at = 0, name = 0;

	if (!tree->nodes.count)
		vec_push(&tree->nodes, (struct flame_node){});
	for (size_t i = 0; i < path->frames.count; i++) {
		if (find_name(tree, path, &path->frames.items[i], &name) &&
			find_node(tree, at, name, &at))
			continue;
		tree->cut++;
		break;
	}

	struct flame_node *node = &tree->nodes.items[at];

	node->last = sum(node->last, count);
}

uint64_t flame_node_count(const struct flame_node *node)
{
	return sum(node->kept, node->last);
}

void flame_tree_restart(struct flame_tree *tree)
{
	struct flame_node *node;

	vec_for_each (&tree->nodes, node)
		node->last = 0;
	tree->cut = tree->kept_cut;
}

void flame_tree_keep(struct flame_tree *tree)
{
	struct flame_node *node;

	tree->kept_cut = tree->cut;
	vec_for_each (&tree->nodes, node) {
		node->kept = flame_node_count(node);
		node->last = 0;
	}
}

void flame_tree_deinit(struct flame_tree *tree)
{
	vec_deinit(&tree->nodes);
	vec_deinit(&tree->names);
	hashmap_deinit(&tree->node_index);
	hashmap_deinit(&tree->name_index);
	arena_deinit(&tree->arena);
}

/* --- the layout --- */

struct laying {
	const struct flame_tree *tree;
	uint64_t *totals;
	uint32_t *sorted;   /* nodes by their parents, then in order */
	uint32_t *children; /* where those of a node begin among these */
	bool with_empty;
};

static int compare_names(const struct flame_name *a, const struct flame_name *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return strcmp(a->text, b->text);
}

/* The index decides last: names that were cut may look the same. */
static int compare_nodes(const void *a, const void *b, void *context)
{
	const struct flame_tree *tree = context;
	uint32_t first = *(const uint32_t *)a, second = *(const uint32_t *)b;
	const struct flame_node *x = &tree->nodes.items[first], *y = &tree->nodes.items[second];
	int result = (x->parent > y->parent) - (x->parent < y->parent);

	if (!result)
		result = compare_names(&tree->names.items[x->name], &tree->names.items[y->name]);
	return result ? result : (first > second) - (first < second);
}

/* Parents have smaller indices than their children. */
static void sum_up(struct laying *laying)
{
	const struct flame_tree *tree = laying->tree;

	for (size_t i = tree->nodes.count; i-- > 0;) {
		const struct flame_node *node = &tree->nodes.items[i];
		uint64_t *parent = &laying->totals[node->parent];

		laying->totals[i] = sum(laying->totals[i], flame_node_count(node));
		if (i)
			*parent = sum(*parent, laying->totals[i]);
	}
}

static void sort(struct laying *laying)
{
	const struct flame_tree *tree = laying->tree;
	size_t count = tree->nodes.count;

	for (size_t i = 1; i < count; i++) {
		laying->sorted[i - 1] = (uint32_t)i;
		laying->children[tree->nodes.items[i].parent + 1]++;
	}
	for (size_t i = 0; i < count; i++)
		laying->children[i + 1] += laying->children[i];
	qsort_r(laying->sorted, count - 1, sizeof(*laying->sorted), compare_nodes, (void *)tree);
}

static void lay(const struct laying *laying, uint32_t index, struct flame_frame frame,
	struct flame_layout *ret)
{
	const struct flame_node *node = &laying->tree->nodes.items[index];
	uint64_t begin = frame.begin;

	frame.name = node->name;
	frame.self = flame_node_count(node);
	frame.total = laying->totals[index];
	if (!frame.total && !laying->with_empty)
		return;
	vec_push(&ret->frames, frame);
	ret->depth = MAX(ret->depth, frame.depth);
	for (uint32_t i = laying->children[index]; i < laying->children[index + 1]; i++) {
		uint32_t child = laying->sorted[i];

		lay(laying, child, (struct flame_frame){.depth = frame.depth + 1, .begin = begin},
			ret);
		begin = sum(begin, laying->totals[child]);
	}
}

struct flame_layout flame_tree_layout(const struct flame_tree *tree, bool with_empty)
{
	size_t count = tree->nodes.count;
	struct flame_layout layout = {};
	struct laying laying = {
		.tree = tree,
		.totals = xcalloc(count + 1, sizeof(*laying.totals)),
		.sorted = xcalloc(count + 1, sizeof(*laying.sorted)),
		.children = xcalloc(count + 1, sizeof(*laying.children)),
		.with_empty = with_empty,
	};

	if (count) {
		sum_up(&laying);
		sort(&laying);
		lay(&laying, 0, (struct flame_frame){}, &layout);
	}
	free(laying.totals);
	free(laying.sorted);
	free(laying.children);
	return layout;
}

void flame_layout_deinit(struct flame_layout *layout)
{
	vec_deinit(&layout->frames);
}
