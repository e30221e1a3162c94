/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses of networks, which are in memory in network byte order: bytes, or an integer over the
 * same bytes. What user space formats is kept in a form of its own (meanings.def).
 */
#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "bpftrace/compiler/bind/constant.h"
#include "bpftrace/compiler/bind/typename.h"
#include "bpftrace/compiler/emit/access.h"
#include "bpftrace/compiler/emit/expr.h"
#include "bpftrace/compiler/emit/ir.h"
#include "bpftrace/compiler/emit/strings.h"
#include "builtin_table.h"

enum {
	IPV4_BYTES = sizeof(struct in_addr),
	IPV6_BYTES = sizeof(struct in6_addr),
	MAC_BYTES = 6,
};

static uint32_t bytes_type(struct compilation *c, uint32_t count)
{
	return types_array(c->types, types_integer(c->types, 1, false), count);
}

/* The first bytes of a value in memory. */
static void copy_bytes(struct emitter *e, struct node *node, LLVMValueRef address, uint32_t count)
{
	struct value value = expr_emit(e, node);

	value.type = bytes_type(e->c, count);
	access_copy(e, value, (struct place){.type = value.type, .address = address});
}

/* --- ntop --- */

static struct node *address_of(struct node *node)
{
	struct node *first = node_call(node)->arguments;

	return first->next ? first->next : first;
}

static struct node *family_of(struct node *node)
{
	struct node *first = node_call(node)->arguments;

	return first->next ? first : NULL;
}

/* How many bytes of address a value is; 0 when it is none. */
static uint32_t address_bytes(struct compilation *c, struct node *address)
{
	uint32_t size = types_size(c->types, address->type);

	switch (types_class(c->types, address->type)) {
	case TYPE_INTEGER:
	case TYPE_ENUM: return IPV4_BYTES;
	case TYPE_STRING:
		if (address->kind == NODE_STRING)
			return 0;
		break;
	case TYPE_ARRAY:
	case TYPE_STRUCT:
	case TYPE_UNION: break;
	default: return 0;
	}
	return size == IPV4_BYTES || size == IPV6_BYTES ? size : 0;
}

/* { family, bytes }: one form for both families, so that they share the keys of a map. */
static void infer_ntop(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct types_field fields[] = {
		{"family", type_uint64(c)},
		{"address", bytes_type(c, IPV6_BYTES)},
	};
	uint32_t form = types_struct(c->types, NULL, fields, ARRAY_SIZE(fields));

	node->type = types_with_meaning(c->types, MEANING_INET, form, NULL);
}

/* The family of a word or a constant; false when it is known only at run time. */
static bool constant_family(struct node *node, int64_t *ret)
{
	bool is_word = node->kind == NODE_IDENTIFIER && !node_identifier(node)->builtin;

	if (!is_word)
		return constant_integer(node, ret);
	*ret = strcmp(node_identifier(node)->name, "AF_INET") == 0 ? AF_INET : AF_INET6;
	return true;
}

static void check_family(struct compilation *c, struct node *family, uint32_t bytes)
{
	int64_t value;

	if (!constant_family(family, &value))
		return;
	if (value != AF_INET && value != AF_INET6)
		diag_error(c->diags, family->span,
			"ntop: %lld is not an address family, use AF_INET (2) or AF_INET6 (10)",
			(long long)value);
	else if (bytes != (value == AF_INET ? IPV4_BYTES : IPV6_BYTES))
		diag_error(c->diags, family->next->span,
			"ntop: an address of this family has %d bytes, found %u",
			value == AF_INET ? IPV4_BYTES : IPV6_BYTES, bytes);
}

static void check_ntop(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *address = address_of(node), *family = family_of(node);
	uint32_t bytes = address->type ? address_bytes(c, address) : IPV4_BYTES;

	if (!bytes) {
		diag_error(c->diags, address->span,
			"ntop: the address must be an integer or 4 or 16 bytes, found %s",
			typename_spell(c, address->type));
		if (types_class(c->types, address->type) == TYPE_POINTER)
			diag_hint(c->diags, "* takes what a pointer points to");
		return;
	}
	if (family)
		check_family(c, family, bytes);
}

static void emit_ntop(struct emitter *e, struct node *node, struct place place)
{
	struct node *address = address_of(node), *family = family_of(node);
	uint32_t bytes = address_bytes(e->c, address);
	int64_t constant = bytes == IPV4_BYTES ? AF_INET : AF_INET6;
	bool is_constant = !family || constant_family(family, &constant);
	LLVMValueRef number = is_constant ? ir_const(e, constant) : expr_register(e, family);
	LLVMValueRef to = ir_offset(e, place.address, sizeof(uint64_t));

	ir_store(e, place.address, number, sizeof(uint64_t));
	strings_fill(e, to, IPV6_BYTES);
	if (types_is_integer(e->c->types, address->type))
		ir_store(e, to, expr_register(e, address), bytes);
	else
		copy_bytes(e, address, to, bytes);
}

/* --- pton --- */

struct address {
	uint32_t count;
	unsigned char bytes[IPV6_BYTES];
};

/* False when the text is no address; count is then that of the family it looks like. */
static bool parse_address(struct node *text, struct address *ret)
{
	struct string *string = node_string(text);
	bool is_ipv6 = strchr(string->text, ':');

	*ret = (struct address){.count = is_ipv6 ? IPV6_BYTES : IPV4_BYTES};
	return strlen(string->text) == string->length &&
	       inet_pton(is_ipv6 ? AF_INET6 : AF_INET, string->text, ret->bytes) == 1;
}

static void infer_pton(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *text = node_call(node)->arguments;
	struct address address;

	if (!text || text->kind != NODE_STRING)
		return;
	parse_address(text, &address);
	node->type = bytes_type(c, address.count);
}

static void check_pton(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *text = node_call(node)->arguments;
	struct address address;

	if (!parse_address(text, &address))
		diag_error(c->diags, text->span, "pton: '%s' is not an IPv%d address",
			node_string(text)->text, address.count == IPV4_BYTES ? 4 : 6);
}

static void emit_pton(struct emitter *e, struct node *node, struct place place)
{
	struct address address;

	parse_address(node_call(node)->arguments, &address);
	strings_bytes(e, address.bytes, address.count, place.address);
}

/* --- macaddr --- */

static void infer_macaddr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	node->type = types_with_meaning(c->types, MEANING_MAC, bytes_type(c, MAC_BYTES), NULL);
}

static bool is_address(const struct compilation *c, uint32_t type)
{
	return types_is_integer(c->types, type) || types_class(c->types, type) == TYPE_POINTER;
}

static void check_macaddr(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *address = node_call(node)->arguments;
	enum type_class class = types_class(c->types, address->type);
	bool has_bytes = (class == TYPE_ARRAY || class == TYPE_STRING) &&
			 types_size(c->types, address->type) == MAC_BYTES;

	if (address->type && !is_address(c, address->type) && !has_bytes)
		diag_error(c->diags, address->span,
			"macaddr: the address must be 6 bytes or a pointer to them, found %s",
			typename_spell(c, address->type));
}

static void emit_macaddr(struct emitter *e, struct node *node, struct place place)
{
	struct node *address = node_call(node)->arguments;

	if (!is_address(e->c, address->type)) {
		copy_bytes(e, address, place.address, MAC_BYTES);
		return;
	}
	bool is_user = types_space(e->c->types, address->type) == ADDRESS_USER;

	access_read(e, is_user ? STORAGE_USER : STORAGE_KERNEL, place.address, MAC_BYTES,
		expr_register(e, address));
}

/* --- bswap --- */

static void infer_bswap(struct compilation *c, struct unit *unit _unused_, struct node *node)
{
	struct node *number = node_call(node)->arguments;

	if (number && types_is_integer(c->types, number->type))
		node->type = types_integer(c->types, types_size(c->types, number->type), false);
}

static struct value emit_bswap(struct emitter *e, struct node *node)
{
	static const char name[] = "llvm.bswap";
	uint32_t size = types_size(e->c->types, node->type);
	LLVMTypeRef type = ir_integer(e, size);
	LLVMValueRef number = expr_register(e, node_call(node)->arguments);

	if (size < sizeof(uint64_t))
		number = LLVMBuildTrunc(e->builder, number, type, "");
	if (size > 1) {
		unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
		LLVMValueRef swap = LLVMGetIntrinsicDeclaration(e->module, id, &type, 1);
		LLVMTypeRef function = LLVMIntrinsicGetType(e->llvm, id, &type, 1);

		number = LLVMBuildCall2(e->builder, function, swap, &number, 1, "");
	}
	return value_register(node->type, ir_extend(e, number, false));
}

const struct builtin builtins_network[] = {
	{
		.name = "ntop",
		.doc = "text of an IPv4 address (an integer or 4 bytes) or IPv6 address (16 bytes)",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"ntop(any address) inet", "ntop(int family, any address) inet",
			"ntop(AF_INET|AF_INET6 family, any address) inet"},
		.infer = infer_ntop,
		.check = check_ntop,
		.emit_into = emit_ntop,
	},
	{
		.name = "pton",
		.doc = "bytes of an IPv4 or IPv6 address: uint8[4] or uint8[16]",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"pton(literal address) bytes"},
		.infer = infer_pton,
		.check = check_pton,
		.emit_into = emit_pton,
	},
	{
		.name = "macaddr",
		.doc = "text of the 6 bytes of a MAC address, or of those that a pointer points to",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"macaddr(any address) mac"},
		.infer = infer_macaddr,
		.check = check_macaddr,
		.emit_into = emit_macaddr,
	},
	{
		.name = "bswap",
		.doc = "unsigned integer with the bytes of n in the opposite order",
		.kind = BUILTIN_FUNCTION,
		.prototypes = {"bswap(int n) uint64"},
		.infer = infer_bswap,
		.emit = emit_bswap,
	},
	{},
};
