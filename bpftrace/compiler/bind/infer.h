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
uint32_t infer_scalar(struct compilation *c, uint32_t type);

/* What values of the type are where a string is wanted: those of probe and func are strings with
 * room for each name that the script's attach points have; any other type itself. */
uint32_t infer_text(struct compilation *c, uint32_t type);

/* The 64-bit integer that an operand becomes: signed ones int64, uint64 stays, unsigned narrower
 * ones and literals type_number. */
uint32_t infer_promote(struct compilation *c, uint32_t type);

/* How a variable, a key or a member of a tuple keeps a value: bools and enums as such, other
 * integers by size and sign only. */
uint32_t infer_stored(struct compilation *c, uint32_t type);

/* The type that holds values of both (types_join), a string where names and strings, or names of
 * probes and of functions, come together; 0 when there is none. */
uint32_t infer_join(struct compilation *c, uint32_t a, uint32_t b);

/* Makes *slot hold type too; false when the two do not go together. *first, what gave the slot its
 * first type, becomes span then. */
bool infer_grow(
	struct compilation *c, uint32_t *slot, uint32_t type, struct span *first, struct span span);

/* A value of the type is assigned to a variable. */
void infer_variable_write(
	struct compilation *c, struct variable *variable, uint32_t type, struct span span);

/* Reports in the last round only, and one error per place: the clones of a block differ in their
 * types but not in their mistakes. True when it was reported. */
bool infer_error(struct compilation *c, struct span span, const char *format, ...) _printf_(3, 4);

/* The type of an expression as an operand, and as a value that something keeps. */
uint32_t infer_operand(struct compilation *c, struct unit *unit, struct node *node);
uint32_t infer_value(struct compilation *c, struct unit *unit, struct node *node);

void infer_statements(struct compilation *c, struct unit *unit, struct node *head);

/* --- infer_expr.c --- */

/* The type of any expression, computed anew; infer_expression keeps it in the node. */
uint32_t infer_compute(struct compilation *c, struct unit *unit, struct node *node);

/* What two operands of a calculation become; either may be 0. */
uint32_t infer_common(struct compilation *c, uint32_t a, uint32_t b);

/* Whether the operands are numbers of names of one kind, or one and a literal, whose number is
 * known. */
bool infer_compares_names(struct compilation *c, const struct binary *binary);

/* Hints, below an error where a string was expected, that str() reads the one at an address;
 * nothing for what can be none. */
void infer_hint_str(struct compilation *c, struct node *node);

/* Hints, below an error, at what a program can compare instead of a text that user space makes;
 * nothing for other types. */
void infer_hint_comparable(struct compilation *c, uint32_t type);

/* Reports that the operator cannot be used on an operand of the type. */
void infer_refuse(struct compilation *c, const struct unary *unary, uint32_t type);

/* --- infer_access.c; type is that of the operand --- */

uint32_t infer_dereference(struct compilation *c, const struct unary *unary, uint32_t type);
uint32_t infer_address(
	struct compilation *c, const struct unit *unit, const struct unary *unary, uint32_t type);
uint32_t infer_member(struct compilation *c, struct unit *unit, struct member *member);
uint32_t infer_element(struct compilation *c, struct unit *unit, struct element *element);
uint32_t infer_index(struct compilation *c, struct unit *unit, struct index *node);

/* How expressions name what was found in memory: integers and strings as the language's own; of
 * what is in a record's tail, a string is one of max_strlen bytes, all else is pointed to. */
uint32_t infer_loaded(struct compilation *c, uint32_t type);

/* The array of char in memory that an expression reads as a string, of a size of its own (0: it has
 * no length); 0 when the expression reads none. */
uint32_t infer_char_array(struct compilation *c, const struct unit *unit, struct node *node);

/* Hints at the member of the struct that was meant, or at those that it has, below an error. */
void infer_suggest_member(struct compilation *c, uint32_t type, const char *name);

/* --- infer_cast.c --- */

uint32_t infer_cast(struct compilation *c, struct unit *unit, struct cast *cast);
uint32_t infer_sizeof(struct compilation *c, struct unit *unit, struct size_of *node);
uint32_t infer_offsetof(struct compilation *c, struct unit *unit, struct offset_of *node);

/* Returns the members on a path as offsetof takes it, outermost first; *ret_count is 0 when one of
 * them does not exist, which is reported. */
const struct types_member *infer_members(
	struct compilation *c, uint32_t type, struct node *path, size_t *ret_count);

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
