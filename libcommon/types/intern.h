/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of struct types, for this folder: what it holds, and how types get into it. */
#pragma once

#include "types.h"

#include "libcommon/base/arena.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/base/vec.h"

/* Texts of the BTF that stay in place: libbpf moves its own when they grow. */
struct texts {
	struct arena arena;
	struct hashmap at; /* offset among the BTF's strings → text */
	/* By the same offset: what typedefs of that name are, see typedef_kind. A cache, since
	 * each value that is shown requires it. */
	VEC(uint8_t) typedef_kinds;
};

struct types {
	struct btf *btf;
	struct kbtf *kernel;       /* borrowed, may be NULL */
	struct arena arena;        /* rows of the tables below */
	struct str key;            /* of the look-up under way */
	struct hashmap interned;   /* canonical key → id */
	struct hashmap copies;     /* {source, id, way} → id, see copy.c */
	struct hashmap origins;    /* id of a forward declaration → struct origin */
	struct hashmap dies;       /* {DIE, way} → id, see from_dwarf.c */
	struct hashmap scopes;     /* DIE → the scopes around it, see dwarf_names.c */
	struct hashmap parameters; /* id of a typedef with a meaning → its text */
	struct hashmap found;      /* keyword and name (and module) → id + 1 of types_find */
	struct texts *texts;
	VEC(struct definition) definitions; /* of the script, see types_define */
	struct types_headers *headers;      /* borrowed, may be NULL */
};

struct definition {
	const char *keyword; /* "" for a typedef */
	const char *name;
	uint32_t id;
};

/* Where a forward declaration's definition is; source and program are NULL when only the name is
 * known. */
struct origin {
	const struct btf *source;
	uint32_t id;
	uint32_t complete; /* id here once it was looked for */
	bool of_kernel;    /* looked up by its name, in the kernel before headers of the script */

	/* In debug information, where each unit has a copy of it: those of one size and line are
	 * the same. die is a Dwarf_Die; NULL for a declaration. */
	struct debuginfo *program;
	const void *die;
	uint32_t size, line;
};

/* Each returns the id of the type with this meaning and adds it if it is new; 0 (void) when BTF
 * cannot express it. kind is a BTF_KIND. */
uint32_t intern_integer(struct types *types, const char *name, uint32_t bytes, int encoding);
uint32_t intern_float(struct types *types, const char *name, uint32_t bytes);
uint32_t intern_reference(struct types *types, uint32_t kind, uint32_t to); /* PTR, CONST … */
uint32_t intern_user(struct types *types, uint32_t to);
uint32_t intern_typedef(struct types *types, const char *name, uint32_t to, const char *parameters);
uint32_t intern_array(struct types *types, uint32_t element, uint32_t count);
uint32_t intern_composite(struct types *types, uint32_t kind, const char *name,
	const struct types_member *members, size_t count, uint32_t size);
uint32_t intern_enum(struct types *types, const char *name, uint32_t bytes, bool is_signed,
	const struct types_constant *constants, size_t count);

/* A type of functions; a last parameter of no type stands for any number of them. */
uint32_t intern_prototype(
	struct types *types, uint32_t result, const struct types_field *parameters, size_t count);

/* kind is BTF_KIND_STRUCT, UNION or ENUM. */
uint32_t intern_forward(struct types *types, uint32_t kind, const char *name, struct origin origin);

/* The basic type of this name, 0 when there is none; the kernel's types are not searched. */
uint32_t basic_find(struct types *types, const char *name);

/* Looks for the definition of a forward declaration; 0 when there is none. */
uint32_t find_definition(struct types *types, uint32_t forward, const struct origin *origin);

/* The same in the debug information of a program. */
uint32_t dwarf_definition(struct types *types, uint32_t forward, const struct origin *origin);

/* Adds a struct or union without looking for an equal one. */
uint32_t intern_add_composite(struct types *types, uint32_t kind, const char *name,
	const struct types_member *members, size_t count, uint32_t size);

/* The type with this id; void when the BTF has none. Valid until a type is added. */
const struct btf_type *types_at(const struct types *types, uint32_t id);

/* A text of the BTF by its offset, "" when there is none; lives as long as types. */
const char *types_text(const struct types *types, uint32_t offset);

/* The same for any BTF; valid until it changes. */
const struct btf_type *btf_at(const struct btf *btf, uint32_t id);
const char *btf_text(const struct btf *btf, uint32_t offset);

/* Value number index of an ENUM, extended by its sign; foreign is the BTF that it is of, NULL
 * for that of a struct types, which always has signs. */
int64_t btf_enum_number(const struct btf *foreign, const struct btf_type *type, uint32_t index);

/* The same for ENUM64, too, with the offset of its name. */
uint64_t btf_enumerator(
	const struct btf *foreign, const struct btf_type *type, uint32_t index, uint32_t *ret_name);

/* True for the integer that C calls char: arrays of it are strings. */
bool btf_is_char(const struct btf *btf, const struct btf_type *type);

/* True for the names of typedefs with a meaning, which no foreign typedef may have. */
bool meaning_is_reserved(const char *name);

/* True for what identifiers of C are made of: ASCII letters, digits and the underscore. */
bool is_word_char(char c);

/* The name of the typedef over the struct of a tuple. */
extern const char tuple_name[];

/* The name of the struct of a record, and types_join of two of them. */
extern const char record_name[];
uint32_t record_join(struct types *types, uint32_t a, uint32_t b);

/* Typedefs over the integers of types_widened. Keywords of C, so no foreign typedef has the name.
 */
enum { NR_WIDENED = 5 };
extern const struct widened {
	const char *name;
	uint32_t bytes;
} widened[NR_WIDENED];

/* Valid BTF is far from these limits, a hostile one may be a circle: the longest chain of types
 * that is followed, and how many members one question may look at. */
enum {
	TYPES_DEPTH = 64,
	TYPES_MEMBERS = 1 << 16,
};
