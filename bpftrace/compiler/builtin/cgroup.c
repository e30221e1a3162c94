/* SPDX-License-Identifier: Apache-2.0 */
/* Control groups: from a path to the id when the script is compiled, back when it is printed. */
#include <string.h>

#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "libcommon/host/cgroup.h"
#include "builtin_table.h"

static struct value emit_cgroup(struct emitter *e, struct node *node)
{
	return value_register(node->type, helper_call(e, HELPER_get_current_cgroup_id, NULL, 0));
}

/* What is found is kept for the code: the directory may be gone by then. */
static void check_cgroupid(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *path = node_call(node)->arguments;
	uint64_t *id = &node_call(node)->constant;
	_cleanup_error_ struct error *error = cgroup_id(c->host, node_string(path)->text, id);

	if (error)
		diag_error(c->diags, path->span, "cgroupid: %s", error->message);
}

static struct value emit_cgroupid(struct emitter *e, struct node *node)
{
	return value_register(node->type, ir_const(e, node_call(node)->constant));
}

static void infer_cgroup_path(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *id = node_call(node)->arguments, *wildcard = id ? id->next : NULL;
	bool filters = wildcard && wildcard->kind == NODE_STRING;

	node->type = types_with_meaning(c->types, MEANING_CGROUP_PATH, type_uint64(c),
		filters ? node_string(wildcard)->text : NULL);
}

static void emit_cgroup_path(struct emitter *e, struct node *node, struct place place)
{
	ir_store(e, place.address, expr_register(e, node_call(node)->arguments), sizeof(uint64_t));
}

const struct builtin builtins_cgroup[] = {
	{
		.name = "cgroup",
		.doc = "ID of the current cgroup (v2)",
		.flags = BUILTIN_STEADY,
		.prototypes = {"cgroup uint64"},
		.emit = emit_cgroup,
	},
	{
		.name = "cgroupid",
		.doc = "ID of the cgroup that is this directory when the script is compiled",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"cgroupid(literal path) uint64"},
		.check = check_cgroupid,
		.emit = emit_cgroupid,
	},
	{
		.name = "cgroup_path",
		.doc = "path of the cgroup with an ID in each hierarchy that has one, or in those "
		       "whose names match a wildcard",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"cgroup_path(int id, [literal wildcard]) cgroup_path"},
		.infer = infer_cgroup_path,
		.emit_into = emit_cgroup_path,
	},
	{},
};
