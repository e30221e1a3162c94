/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flame graphs: a picture for each map that was printed, in one document, which is written when the
 * run ends. A map that is printed again replaces what was printed before, unless it was cleared in
 * between: then it is added.
 */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "flame_svg.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"

struct graph {
	char *name; /* of the map */
	struct flame_tree tree;
	bool is_histogram;
};

struct flamegraph {
	struct profile profile;
	VEC(struct graph) graphs;
	struct graph *shown; /* the map that is being printed; NULL: it is left out */
};

static struct flamegraph *flamegraph_of(struct output *out)
{
	if (!out->state)
		out->state = xcalloc(1, sizeof(struct flamegraph));
	return out->state;
}

static struct graph *find_graph(struct flamegraph *flamegraph, const char *name)
{
	struct graph *graph;

	vec_for_each (&flamegraph->graphs, graph) {
		if (strcmp(graph->name, name) == 0)
			return graph;
	}
	return NULL;
}

static struct graph *make_graph(struct flamegraph *flamegraph, const struct map_view *map)
{
	struct graph *graph = find_graph(flamegraph, map->name);

	if (graph)
		return graph;
	vec_push(&flamegraph->graphs, ((struct graph){.name = xstrdup(map->name),
					      .is_histogram = map->shape == SHAPE_HISTOGRAM}));
	return vec_last(&flamegraph->graphs);
}

static void map_begin(struct output *out, struct map_view *map)
{
	struct flamegraph *flamegraph = flamegraph_of(out);
	bool is_shown = profile_begin(&flamegraph->profile, out, map);

	flamegraph->shown = is_shown ? make_graph(flamegraph, map) : NULL;
	if (is_shown)
		flame_tree_restart(&flamegraph->shown->tree);
}

/* What counted nothing is a bar of a histogram, but no frame. */
static void add(void *context, const struct profile_path *path, uint64_t count)
{
	struct graph *graph = context;

	if (count || graph->is_histogram)
		flame_tree_add(&graph->tree, path, count);
}

static void element(struct output *out, struct map_view *map, const struct map_element *element)
{
	struct flamegraph *flamegraph = flamegraph_of(out);

	if (flamegraph->shown)
		profile_element(&flamegraph->profile, map, element, false, add, flamegraph->shown);
}

static void cleared(struct output *out, const char *map)
{
	struct graph *graph = find_graph(flamegraph_of(out), map);

	if (graph)
		flame_tree_keep(&graph->tree);
}

/* --- the document --- */

static bool is_empty(const struct graph *graph)
{
	const struct flame_node *node;

	vec_for_each (&graph->tree.nodes, node) {
		if (flame_node_count(node))
			return false;
	}
	return true;
}

static void warn_of_cut(const struct graph *graph)
{
	if (graph->tree.cut)
		log_warning("%s: a flame graph has at most %d frames: %" PRIu64
			    " stacks are drawn without their last ones",
			graph->name, FLAME_NODES_MAX, graph->tree.cut);
}

/* Behind the document, so that it can be seen. */
static void hint_at_terminal(struct output *out)
{
	output_flush(out);
	if (isatty(out->fd))
		log_hint("use -o FILE to write the flame graph to a file, for a web browser");
}

static void finish(struct output *out)
{
	struct flamegraph *flamegraph = flamegraph_of(out);
	VEC(struct flame_picture) pictures = {};
	_cleanup_str_ struct str text = STR_INIT;
	const struct graph *graph;

	vec_for_each (&flamegraph->graphs, graph) {
		warn_of_cut(graph);
		if (!is_empty(graph))
			vec_push(&pictures, ((struct flame_picture){graph->name, &graph->tree,
						    graph->is_histogram}));
	}
	flame_svg_append(&text, pictures.items, pictures.count);
	output_write(out, text.data, text.length);
	hint_at_terminal(out);
	vec_deinit(&pictures);
}

static void close_state(struct output *out)
{
	struct flamegraph *flamegraph = out->state;
	struct graph *graph;

	if (!flamegraph)
		return;
	vec_for_each (&flamegraph->graphs, graph) {
		flame_tree_deinit(&graph->tree);
		free(graph->name);
	}
	vec_deinit(&flamegraph->graphs);
	profile_deinit(&flamegraph->profile);
	free(flamegraph);
	out->state = NULL;
}

const struct output_ops output_flamegraph = {
	.name = "flamegraph",
	PROFILE_OPS,
	.map_begin = map_begin,
	.element = element,
	.cleared = cleared,
	.finish = finish,
	.close = close_state,
};
