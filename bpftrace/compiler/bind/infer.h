/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of type inference share. */
#pragma once

#include "bind.h"
#include "prototype.h"

/* Of a type that is known. */
static inline bool infer_is(struct compilation *c, uint32_t type, enum type_class class)
{
	return type && types_class(c->types, type) == class;
}

static inline bool infer_is_integer(struct compilation *c, uint32_t type)
{
	return type && types_is_integer(c->types, type);
}

static inline bool infer_is_pointer(struct compilation *c, uint32_t type)
{
	return infer_is(c, type, TYPE_POINTER);
}

/* --- the rules, infer.c --- */

/* What values of the type count as in calculations: an aggregation's number, any other type itself;
 * 0 when an aggregation has no single number (hist). */
uint32_t infer_readable(struct compilation *c, uint32_t type);

/* The 64-bit integer that an operand becomes: uint64 stays, everything narrower is int64. */
uint32_t infer_promote(struct compilation *c, uint32_t type);

/* How a variable, a key or a member of a tuple keeps a value: integers by size and sign only. */
uint32_t infer_kept(struct compilation *c, uint32_t type);

/* Makes *slot hold type too; false when the two do not go together. */
bool infer_grow(struct compilation *c, uint32_t *slot, uint32_t type);

/* Reports in the last round only, and one error per place: the clones of a block differ in their
 * types but not in their mistakes. True when it was reported. */
bool infer_error(struct compilation *c, struct span span, const char *format, ...) _printf_(3, 4);

/* The type of an expression as an operand, and as a value that something keeps. */
uint32_t infer_operand(struct compilation *c, struct unit *unit, struct node *node);
uint32_t infer_value(struct compilation *c, struct unit *unit, struct node *node);

/* --- infer_expr.c --- */

/* The type of any expression, computed anew; infer_expression keeps it in the node. */
uint32_t infer_compute(struct compilation *c, struct unit *unit, struct node *node);

/* What two operands of a calculation become; either may be 0. */
uint32_t infer_common(struct compilation *c, uint32_t a, uint32_t b);

/* Reports that the operator cannot be used on an operand of the type. */
void infer_refuse(struct compilation *c, const struct unary *unary, uint32_t type);

/* --- infer_access.c; type is that of the operand --- */

uint32_t infer_dereference(struct compilation *c, const struct unary *unary, uint32_t type);
uint32_t infer_address(struct compilation *c, const struct unary *unary, uint32_t type);
uint32_t infer_member(struct compilation *c, struct unit *unit, struct member *member);
uint32_t infer_element(struct compilation *c, struct unit *unit, struct element *element);
uint32_t infer_index(struct compilation *c, struct unit *unit, struct index *node);

/* How expressions name what was found in memory: integers and strings as the language's own; of
 * what is in a record's tail, a string is one of max_strlen bytes, all else is pointed to. */
uint32_t infer_found(struct compilation *c, uint32_t type);

/* The complete type that a pointer points to. */
uint32_t infer_pointee(struct compilation *c, uint32_t pointer);

/* Hints at the member of the struct that was meant, below an error. */
void infer_suggest_member(struct compilation *c, uint32_t type, const char *name);

/* --- infer_cast.c --- */

uint32_t infer_cast(struct compilation *c, struct unit *unit, struct cast *cast);
uint32_t infer_sizeof(struct compilation *c, struct unit *unit, struct size_of *node);
uint32_t infer_offsetof(struct compilation *c, struct unit *unit, struct offset_of *node);

/* The offset in bytes of a member given as offsetof takes it; false when there is none, which is
 * reported. */
bool infer_offset(struct compilation *c, uint32_t type, struct node *path, uint64_t *ret);

/* --- infer_map.c --- */

/* @x or @x[key] as an expression. */
uint32_t infer_map_read(struct compilation *c, struct unit *unit, struct map_access *access);

/* Types a key, also one given as an argument as in delete(@x, key), and makes room for it. */
void infer_map_key(struct compilation *c, struct unit *unit, struct map *map, struct node *key);

/* A value of the type is assigned to the map: that of an aggregation as a whole, or any other. */
void infer_map_write(
	struct compilation *c, struct map_access *access, uint32_t type, struct span span);

/* --- infer_call.c --- */

uint32_t infer_call(struct compilation *c, struct unit *unit, struct call *call);
uint32_t infer_identifier(struct compilation *c, struct unit *unit, struct identifier *identifier);

/* --- cast.c: after the last round --- */

void cast_insert(struct compilation *c);
