/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packets into capture files. The helper copies from the beginning of a packet, so what comes
 * before the offset is copied too and left out by user space. It accepts only an sk_buff that the
 * verifier has typed: an argument of the traced function, not a pointer that was read or stored.
 */
#include <string.h>

#include "bpftrace/compiler/bind/typename.h"
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/context/context.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/helper.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/record.h"
#include "builtin_table.h"

enum {
	PACKET_MOST = 65000, /* bytes: the record of a perf event has a length of 16 bits */
};

struct arguments {
	struct node *path, *skb, *length, *offset;
};

static struct arguments arguments_of(struct node *node)
{
	struct arguments arguments = {.path = node_call(node)->arguments};

	arguments.skb = arguments.path->next;
	arguments.length = arguments.skb->next;
	arguments.offset = arguments.length->next;
	return arguments;
}

/* The member of args behind casts, NULL when it is something else. */
static struct member *argument_itself(struct node *node)
{
	while (node->kind == NODE_CAST)
		node = node_cast(node)->operand;
	if (node->kind != NODE_MEMBER || node_member(node)->object->kind != NODE_IDENTIFIER)
		return NULL;
	return node_member(node);
}

static bool is_skb(struct compilation *c, uint32_t type)
{
	uint32_t skb = types_find(c->types, "struct", "sk_buff");

	return skb && types_class(c->types, type) == TYPE_POINTER &&
	       types_complete(c->types, types_pointee(c->types, type)) == skb;
}

static void check_skboutput(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *skb = arguments_of(node).skb;

	if (!argument_itself(skb)) {
		diag_error(c->diags, skb->span,
			"skboutput: the kernel accepts only an argument of the traced function");
		diag_hint(c->diags, "as in args.skb");
	} else if (!is_skb(c, skb->type)) {
		diag_error(c->diags, skb->span,
			"skboutput: argument 2 (skb) must be a struct sk_buff *, found %s",
			typename_spell(c, skb->type));
	}
}

static LLVMValueRef least(struct emitter *e, LLVMValueRef a, LLVMValueRef b)
{
	LLVMValueRef is_less = ir_compare(e, LLVMIntULT, a, b);

	return LLVMBuildSelect(e->builder, is_less, a, b, "");
}

/* The bytes that the packet has. */
static LLVMValueRef packet_size(struct emitter *e, struct node *skb)
{
	struct types_member member = {};
	struct value packet = access_pointee(e, skb->type, expr_register(e, skb));

	types_member(e->c->types, packet.type, "len", &member);
	return access_load(e, access_member(e, packet, member));
}

static LLVMValueRef typed_skb(struct emitter *e, struct node *skb)
{
	struct types_member member = {};

	types_member(e->c->types, e->unit->args, argument_itself(skb)->name, &member);
	return context_find(e->unit->context)->typed(e, member);
}

static struct value emit_skboutput(struct emitter *e, struct node *node)
{
	struct arguments arguments = arguments_of(node);
	uint32_t site = record_site(e, node, ACTION_SKBOUTPUT);
	struct manifest_site *row = record_site_row(e, site);

	row->text = node_string(arguments.path)->text;
	row->text_length = node_string(arguments.path)->length;

	LLVMValueRef length = expr_register(e, arguments.length);
	LLVMValueRef offset = expr_register(e, arguments.offset);
	LLVMValueRef original = packet_size(e, arguments.skb);
	LLVMValueRef most = least(e, original, ir_const(e, PACKET_MOST));

	offset = least(e, offset, most);
	length = least(e, length, LLVMBuildSub(e->builder, most, offset, ""));
	LLVMValueRef size = LLVMBuildAdd(e->builder, offset, length, "");
	LLVMValueRef words[] = {
		helper_call(e, HELPER_ktime_get_boot_ns, NULL, 0), offset, size, original};

	return value_register(node->type, record_packet(e, site, typed_skb(e, arguments.skb), size,
						  words, ARRAY_SIZE(words)));
}

const struct builtin builtins_packet[] = {
	{
		.name = "skboutput",
		.doc = "writes length bytes of a packet, from offset on, to a capture file; 0, or "
		       "a "
		       "negative error",
		.kind = BUILTIN_FUNCTION,
		.flags = BUILTIN_ASYNC,
		.contexts = CONTEXT_BIT(CONTEXT_FENTRY) | CONTEXT_BIT(CONTEXT_FEXIT),
		.where = "fentry and fexit",
		.prototypes =
			{"skboutput(literal path, pointer skb, int length, int offset) int64"},
		.check = check_skboutput,
		.emit = emit_skboutput,
	},
	{},
};
