/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one type currency: BTF. struct types owns the program's own, self-contained BTF; a type is an
 * id in it, 0 is "no value" (void). Constructors are interned: same meaning, same id. BTF only
 * grows, so ids stay valid as long as struct types lives.
 *
 * What a type means to the language is its class (types_class); qualifiers and foreign typedefs are
 * looked through. Types with a meaning for people (hist, probe …) are typedefs listed in
 * meanings.def.
 *
 * Sources: Documentation/bpf/btf.rst of the kernel; libbpf's btf.h.
 */
#pragma once

#include <bpf/btf.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcommon/base/error.h"
#include "libcommon/base/str.h"

struct types;
struct kbtf;

enum type_class {
	TYPE_VOID,
	TYPE_INTEGER, /* INT, also char, bool */
	TYPE_ENUM,    /* ENUM, ENUM64: usable as integers */
	TYPE_POINTER,
	TYPE_STRING, /* char[N]: N bytes with the NUL */
	TYPE_ARRAY,
	TYPE_STRUCT,
	TYPE_UNION,
	TYPE_FORWARD, /* declared, not completed */
	TYPE_TUPLE,
	TYPE_MEANING, /* a row of meanings.def, see types_meaning_of */
	TYPE_FUNCTION,
	TYPE_FLOAT,
};

enum address_space {
	ADDRESS_KERNEL,
	ADDRESS_USER, /* TYPE_TAG "user" on what the pointer points to */
};

enum meaning {
#define MEANING(NAME, name, reading, doc) MEANING_##NAME,
#include "meanings.def"
#undef MEANING
	NR_MEANINGS,
};

/* What programs read of a value. */
enum meaning_reading {
	READS_ITSELF,  /* what is no aggregation */
	READS_COUNT,   /* its only word, which is unsigned whatever was counted */
	READS_SUM,     /* its only word */
	READS_EXTREME, /* the smallest or largest number (door/extreme.h) */
	READS_AVERAGE,
	READS_FIELDS,  /* nothing; a walk over a map gives its numbers as a struct */
	READS_BUCKETS, /* nothing; a walk over a map gives it as it is */
	READS_SLOTS,   /* nothing, and no walk goes over such a map */
};

/* In the word of a MEANING_TEXT: the string had no end within its length. */
#define TEXT_WAS_CUT (UINT64_C(1) << 63)

/* In the length of a MEANING_BUF: there were more bytes, for which there was no room. */
#define BUF_WAS_CUT (1U << 31)

/* The parameters of an aggregation of unsigned numbers; signed ones have none. */
#define AGGREGATION_UNSIGNED "unsigned"

/* kernel may be NULL: then no kernel type is found. It is borrowed and read at first need. */
struct types *types_new(struct kbtf *kernel);
void types_free(struct types *types);

static inline void cleanup_types(struct types **types)
{
	types_free(*types);
}

#define _cleanup_types_ _cleanup_(cleanup_types)

/* The BTF itself, borrowed. */
const struct btf *types_btf(const struct types *types);

/* --- constructors --- */

/* "int64", "uint8" … */
uint32_t types_integer(struct types *types, uint32_t bytes, bool is_signed);

/*
 * An integer of 64 bits of which printf shows no more than there was before it got so wide: as many
 * bytes as its type was declared with (1, 2 or 4), all 8 of a literal or of what was calculated, or
 * 0 for the word of a register, of which no type is known. All other code treats it as that
 * integer, but for types_join: a signed one gives way to uint64.
 */
uint32_t types_widened(struct types *types, uint32_t bytes, bool is_signed);

/* Of one byte, 0 or 1. */
uint32_t types_bool(struct types *types);

/* char[bytes] */
uint32_t types_string(struct types *types, uint32_t bytes);

uint32_t types_pointer(struct types *types, uint32_t to, enum address_space space);
uint32_t types_array(struct types *types, uint32_t element, uint32_t count);

/* Members _0, _1 … */
uint32_t types_tuple(struct types *types, const uint32_t *elements, size_t count);

struct types_field {
	const char *name;
	uint32_t type;
};

/* A struct of a script, (a = 1, b = "x"). types_join goes by the names of its members, in any
 * order; the result has them in the order of the first type. */
uint32_t types_record(struct types *types, const struct types_field *fields, size_t count);
bool types_is_record(const struct types *types, uint32_t type);

/* A member of a struct, union or tuple. */
struct types_member {
	const char *name; /* "" for an unnamed one */
	uint32_t type;
	uint32_t bit_offset; /* in owner */
	uint32_t bit_size;   /* of a bit-field, 0 otherwise */
	/* Set by the functions that return a member. owner: the type that the caller passed;
	 * index: of this member there, or of the unnamed member that contains it. */
	uint32_t owner;
	uint32_t index;
};

/* A struct laid out as C does, members in the given order. Two structs with the same name and
 * fields are the same type. name may be NULL. */
uint32_t types_struct(
	struct types *types, const char *name, const struct types_field *fields, size_t count);

/* The same with members at the places given (bit_offset in the order of members, bit_size), for
 * layouts that are not C's own, as the records of tracepoints. size in bytes. */
uint32_t types_layout(struct types *types, const char *name, const struct types_member *members,
	size_t count, uint32_t size);

/* A struct, union or enum known by its name only; types_complete looks the definition up. keyword
 * as in types_find. */
uint32_t types_forward(struct types *types, const char *keyword, const char *name);

/* The same for a type that the kernel's own code uses: the kernel's definition comes before one of
 * a header that the script includes. */
uint32_t types_forward_kernel(struct types *types, const char *keyword, const char *name);

/* The same for what a script defines: each call makes a type of its own. keyword is "struct" or
 * "union". */
uint32_t types_composite(struct types *types, const char *keyword, const char *name,
	const struct types_member *members, size_t count, uint32_t size);

struct types_constant {
	const char *name;
	int64_t value;
};

/* An enum of 4 bytes, or of 8 where the values need them. name may be NULL. */
uint32_t types_enum(struct types *types, const char *name, const struct types_constant *constants,
	size_t count);

/* The typedef of a meaning over its form in memory; parameters ("min=0,max=10,step=2") are kept in
 * a DECL_TAG and may be NULL. */
uint32_t types_with_meaning(
	struct types *types, enum meaning meaning, uint32_t form, const char *parameters);

/* A MEANING_BUF with room for so many bytes; and the room of one. */
uint32_t types_buf(struct types *types, uint32_t bytes);
uint32_t types_buf_room(const struct types *types, uint32_t type);

/* --- questions; all look through const, volatile, restrict, and typedefs without a meaning --- */

enum type_class types_class(const struct types *types, uint32_t id);
uint32_t types_size(const struct types *types, uint32_t id);  /* bytes; 0 for void and forwards */
uint32_t types_align(const struct types *types, uint32_t id); /* bytes, at least 1 */

/* Of integers and enums; false for all else. */
bool types_is_signed(const struct types *types, uint32_t type);

/* Whether the number that an aggregation stands for is unsigned; false for all other types. */
bool types_aggregates_unsigned(const struct types *types, uint32_t type);

/* bool and _Bool: integers that are 0 or 1. */
bool types_is_bool(const struct types *types, uint32_t type);

/* TYPE_INTEGER or TYPE_ENUM. */
bool types_is_integer(const struct types *types, uint32_t type);

/* An integer, an enum or a pointer: what fits in a register. */
bool types_is_scalar(const struct types *types, uint32_t type);

/* A type made by types_widened; its bytes, if ret_bytes is not NULL. */
bool types_is_widened(const struct types *types, uint32_t type, uint32_t *ret_bytes);

/* The type without what is looked through. */
uint32_t types_strip(const struct types *types, uint32_t id);

/* What a pointer points to, without the "user" tag; 0 if it is void or type is no pointer. */
uint32_t types_pointee(const struct types *types, uint32_t pointer);

/* Whether the type is char *. */
bool types_points_to_char(const struct types *types, uint32_t type);
enum address_space types_space(const struct types *types, uint32_t pointer);

/* Of an array or string; count may be NULL. 0 if type is neither, count is untouched then. */
uint32_t types_element(const struct types *types, uint32_t array, uint32_t *count);

/* Members of struct, union and tuple. Names live as long as struct types. */
uint32_t types_member_count(const struct types *types, uint32_t id);
struct types_member types_member_at(const struct types *types, uint32_t id, uint32_t index);

/* Finds a member by name, also inside of unnamed members. */
bool types_member(
	const struct types *types, uint32_t type, const char *name, struct types_member *ret);

/* Of a TYPE_MEANING: its enumerator, the type that the typedef refers to, and its parameters (""
 * when none). */
enum meaning types_meaning_of(const struct types *types, uint32_t id);
uint32_t types_form(const struct types *types, uint32_t id);
const char *types_parameters(const struct types *types, uint32_t id);
bool types_has_meaning(const struct types *types, uint32_t type, enum meaning meaning);

/* READS_ITSELF for types without a meaning, too. */
enum meaning_reading types_reading(const struct types *types, uint32_t type);

static inline bool types_is_aggregation(const struct types *types, uint32_t type)
{
	return types_reading(types, type) != READS_ITSELF;
}

/* Whether a type is that of hist() or lhist(). */
static inline bool types_is_histogram(const struct types *types, uint32_t type)
{
	return types_reading(types, type) == READS_BUCKETS;
}

/* Whether values of a type are numbers of the manifest's names: those of probes and functions. */
static inline bool types_is_name(const struct types *types, uint32_t type)
{
	return types_has_meaning(types, type, MEANING_PROBE) ||
	       types_has_meaning(types, type, MEANING_FUNC);
}

/* "count", "hist" and the like as scripts and the manifest spell them. */
const char *meaning_name(enum meaning meaning);
bool meaning_find(const char *name, enum meaning *ret);

/* --- foreign types --- */

/* Makes a type the script's definition of a name, which types_find and types_complete prefer to
 * that of the kernel; keyword as in types_find. False when the script has defined it before. */
bool types_define(struct types *types, const char *keyword, const char *name, uint32_t id);

/* Undoes all types_define; ids stay valid. */
void types_forget_defined(struct types *types);

/* Such a definition; 0 when there is none. */
uint32_t types_find_defined(struct types *types, const char *keyword, const char *name);

/*
 * Definitions of headers that the script includes, made when they are asked for. before_kernel:
 * those that come before the kernel's type of that name, otherwise the others. Each returns 0 or
 * false when there is none.
 */
struct types_headers {
	uint32_t (*find)(struct types_headers *headers, const char *keyword, const char *name,
		bool before_kernel);
	bool (*enumerator)(struct types_headers *headers, const char *name, bool before_kernel,
		uint32_t *ret_type, uint64_t *ret_value);
};

/* headers is borrowed; NULL: none. */
void types_set_headers(struct types *types, struct types_headers *headers);

/*
 * Finds a type by keyword ("struct", "union", "enum", or NULL for a typedef or basic type) and
 * name: a definition of the script first, then the integers of the language and of C ("uint8",
 * "unsigned long"), then the headers' definitions, then the kernel's BTF and those of its modules,
 * from which it is copied in: members by value are copied with it, what its pointers point to
 * becomes a forward declaration whose origin is kept. 0 when there is none.
 */
uint32_t types_find(struct types *types, const char *keyword, const char *name);

/* The same where modules have different types of one name: what the kernel does not have is looked
 * up in this module first; NULL: in none. */
uint32_t types_find_for(
	struct types *types, const char *module, const char *keyword, const char *name);

/* Whether the kernel provides the types of the module. */
bool types_knows_module(const struct types *types, const char *module);

/* The full definition behind a forward declaration, a script's own one of that name first (itself
 * when it is complete already); the declaration's id when nothing defines it. */
uint32_t types_complete(struct types *types, uint32_t type);

/* Copies type id of another BTF in, in the way of types_find. Functions become void, and so does
 * what no valid BTF holds. source is borrowed for as long as types lives. */
uint32_t types_import(struct types *types, const struct btf *source, uint32_t id);

/*
 * The struct of a tracepoint's record, its members named and placed as in the format. Integers have
 * the size and sign of their C type, enums those of the format; arrays of char are strings, words
 * that locate data are MEANING_DATA_LOC and MEANING_REL_LOC. Pointers to structs lead to forward
 * declarations, so that the kernel's BTF is read only when one is followed; pointers to what only
 * that BTF could explain point to void. space says where pointers point to.
 */
struct tracefs_format;
uint32_t types_from_tracefs(struct types *types, const char *name,
	const struct tracefs_format *format, enum address_space space);

/* Whether a member of such a struct locates data in the tail of the record, and the type of a
 * pointer to that data, 0 when it is a string. */
bool types_is_located(const struct types *types, uint32_t type);
uint32_t types_located(struct types *types, uint32_t type);

/* The value of an enumerator of the script or its headers; false when there is none. */
bool types_enumerator_defined(
	struct types *types, const char *name, uint32_t *ret_type, uint64_t *ret_value);

/* The value of an enumerator of the script, the kernel or a module (module first, as in
 * types_find_for); false when there is none. */
bool types_enumerator(struct types *types, const char *module, const char *name, uint32_t *ret_type,
	uint64_t *ret_value);

/* The name that an enum has for a value, one of several; NULL when there is none. */
const char *types_enumerator_name(const struct types *types, uint32_t type, uint64_t value);

/* Offers each name of a kind ("struct" …) to find the one that was meant. */
struct suggestion;
void types_suggest(struct types *types, const char *keyword, struct suggestion *suggestion);

/* --- joining, spelling, exporting --- */

/*
 * The narrowest type that holds values of both, for a slot (variable, map key, map value, member):
 * integers widen (of mixed signedness to a signed one, but widened ones and uint64 to that), bools
 * and enums to integers unless both are the same, strings take the longer, tuples join member by
 * member, pointers to the same thing join, an integer 0 joins with pointers (values are not seen
 * here: any integer does; refuse others before). a or b may be 0 (not known yet): the other one.
 * 0 when they do not go together.
 */
uint32_t types_join(struct types *types, uint32_t a, uint32_t b);

/* As scripts spell it: "int64", "string[16]", "struct task_struct *", "(int64,string[5])". */
void types_spell(const struct types *types, uint32_t type, struct str *out);

/*
 * A new BTF with what the roots reach; ret_ids[i] is the id of roots[i] in it. What pointers point
 * to stays a forward declaration. The caller frees it with btf__free.
 */
struct error *types_export(const struct types *types, const uint32_t *roots, size_t count,
	uint32_t *ret_ids, struct btf **ret);

/* Wraps a BTF read from a bundle, for the runner: questions, types_spell, types_export only.
 * Owns btf from then on. Hostile contents are safe: what is broken is void. */
struct types *types_adopt(struct btf *btf);
