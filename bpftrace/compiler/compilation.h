/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the passes of one compilation share. pipeline.c lists the passes; each takes the
 * compilation, reads what earlier ones made and adds its own. Members are grouped by the pass that
 * fills them.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpftrace/compiler/ast/ast.h"
#include "bpftrace/compiler/ast/builtin.h"
#include "bpftrace/door/request.h"
#include "bpftrace/door/script_options.h"
#include "libcommon/base/hashmap.h"
#include "libcommon/host/kbtf.h"
#include "libcommon/probes/probe.h"
#include "libcommon/types/types.h"

struct cfront;
struct emitter;
struct resolver;

/* A scratch variable $x of one unit. */
struct variable {
	const char *name;  /* with the $ */
	uint32_t type;     /* grows by types_join until infer ends */
	struct span typed; /* what gave it its first type */
	struct span declared;
	bool assigned;
	bool fixed;                  /* its type was declared (let $x : type) and does not grow */
	const struct for_loop *loop; /* ends with a round of this one; NULL: belongs to the block */
	struct variable *joined;     /* while names are resolved: what it is a part of, or NULL */

	/* Plan's: what the verifier must be able to follow. */
	bool counts;  /* a while loop looks at it */
	bool shared;  /* functions other than its own use it: bodies of loops */
	bool changed; /* … and assign to it */

	void *place; /* emit's */
};

/* The loop whose body, a function, the variable belongs to; NULL: to the block's. From plan on. */
static inline const struct for_loop *variable_function(const struct variable *variable)
{
	return variable->loop ? variable->loop->function : NULL;
}

/* How a map is declared, or what it is without. Aggregations are per CPU anyway. */
/* Keys of maps that kernels without FEATURE_LONG_KEYS take: MAX_BPF_STACK of the kernel's
 * include/linux/filter.h. */
enum {
	SHORT_KEY_BYTES = 512,
};

enum map_kind {
	MAP_UNDECLARED,
	MAP_HASH,
	MAP_LRU_HASH,
	MAP_PER_CPU_HASH,
	MAP_LRU_PER_CPU_HASH,
};

/* A map @x of the script. */
struct map {
	const char *name;   /* "@x", "@" */
	const char *symbol; /* "AT_x", "AT_" */
	const char
		*standby_symbol; /* "BT_x": the second buffer of a double-buffered map, or NULL */
	bool double_buffered;    /* some print() is followed by clear() or zero(): swapped
				    atomically */
	uint32_t index; /* among the maps of the manifest; by order of names from plan on */
	bool keyed;
	bool has_use;                       /* keyed is known */
	uint32_t key;                       /* type; for several keys a tuple; 0 when not keyed */
	uint32_t value;                     /* type; TYPE_MEANING for aggregations */
	struct span key_typed, value_typed; /* what gave them their first types */
	bool assigned; /* some unit writes it: otherwise reading it is an error */
	bool read;     /* an aggregation whose value a program uses, not user space alone */
	bool counted;  /* a program uses the number of its elements */
	struct span declared;
	enum map_kind kind; /* by let @x = hash(limit) … */
	uint32_t limit;     /* most elements, 0: as the settings have it */
	/* Emit's: which programs write it decides whether updates must be atomic. */
	uint32_t writers;
	bool nested; /* written where another program can come between on the same CPU */
};

/* Whether the kernel makes room by removing elements that were not used for long. */
static inline bool map_is_lru(const struct map *map)
{
	return map->keyed && (map->kind == MAP_LRU_HASH || map->kind == MAP_LRU_PER_CPU_HASH);
}

/*
 * One program's worth of script: an action block for the attach points that give it the same
 * context (kind, args struct). Blocks with several contexts are cloned, one unit each.
 */
struct unit {
	uint32_t index;
	struct probe *probe; /* the block in the tree, this unit's own clone */
	enum context_kind context;
	uint32_t args; /* struct behind `args`, 0 when the context has none */
	probe_matches matches;
	VEC(struct span) spans; /* of the attach point of each match */
	bool uses_probe;        /* probe or func: depends on which match fired */
	bool uses_cookie;       /* … and learns it from the cookie */
	struct unit *enter;     /* plan: of the same functions; its program runs this block at
				   their returns; NULL: not so */
	uint64_t *names; /* of the matches: the numbers of their names (names_word); emit's */
	uint32_t scratch_bytes; /* emit: of scratch memory that the block needs */
	VEC(struct variable *) variables;
};

/* The module whose functions the unit's matches are; NULL: the kernel's own, or none. */
static inline const char *unit_module(const struct unit *unit)
{
	return unit->matches.items[0].module;
}

/* An iterator that is pinned as a file: no runner finishes what its program begins. */
static inline bool unit_is_pinned(const struct unit *unit)
{
	return unit->context == CONTEXT_ITER && *unit->matches.items[0].target;
}

/* A type that attributes align otherwise than its members. */
struct type_alignment {
	uint32_t type, align;
};

/* A symbol of the kernel whose address the runner finds. */
struct kernel_address {
	const char *name;
	struct span span; /* of the first call */
	bool per_cpu;     /* a variable that each CPU has: as an offset */
	bool is_optional; /* 0 on kernels that lack it */
};

struct compilation {
	struct arena *arena; /* everything below, until the process ends */
	struct diags *diags;
	const struct request *request;
	struct host *host;
	struct kbtf *kbtf;
	struct functions *functions; /* of the kernel */
	struct programs *programs;
	struct types *types;
	uint32_t source;

	/* parse */
	struct program *program;

	/* … the script's text in C, as clang has read it; NULL: there is none, or bind/cdef.c is
	 * enough */
	struct cfront *cfront;

	/* config: the settings in force */
	struct settings settings;

	/* options: those that the script declares, their bytes together, and the words of the
	 * command line */
	script_options options;
	uint32_t options_size;
	struct script_arguments arguments;
	struct error *error; /* these words are wrong; NULL: they are not */

	/* expand: units in script order, and how many attach points they have together */
	VEC(struct unit *) units;
	size_t attach_points;

	/* cdef: types of the script whose alignment is not that of their members */
	VEC(struct type_alignment) alignments;

	/* scope */
	VEC(struct map *) maps;
	struct hashmap maps_by_name;

	/* … until no name is left to be resolved, and how many ifs with comptime conditions are not
	 * decided */
	struct resolver *resolver;
	size_t undecided;
	bool has_comptime; /* something is evaluated while compiling */

	/* builtins handed in by the pipeline, so that no pass includes builtin/: families, each an
	 * array that ends with a row without a name */
	const struct builtin *const *builtins;
	size_t builtin_count;

	/* those of builtins whose prototypes were needed: name → struct prototypes */
	struct hashmap prototypes;

	/* generation: what bpftrace 0.20 would refuse, the first of it; NULL: nothing. Only forms
	 * in which values are shown depend on it */
	const struct node *newer;

	/* infer: bytes of the longest name of an attach point, with its NUL; 0 until asked for */
	uint32_t name_size;
	/* a slot grew in this round; the last round, in which mistakes are reported */
	bool infer_grew;
	bool infer_last;
	uint32_t stack_depth; /* most frames of any stack; 0: the script takes none */
	bool infer_misfit; /* a call has a number of arguments that it does not take: check reports
			      it */

	/* check: symbols of the kernel whose addresses are wanted, each once */
	VEC(struct kernel_address) addresses;

	/* emit */
	const void *bundle;
	size_t bundle_size;
	struct emitter *emitter;
	struct str ir_before; /* textual IR for -d and --emit-llvm */
	struct str ir_after;
};

/*
 * Opens the files of the request's root and adds the script as a source; nothing of the kernel's
 * types is read yet. request, arena and diags are borrowed. The caller deinits *ret.
 */
struct error *compilation_init(const struct request *request, struct arena *arena,
	struct diags *diags, struct compilation *ret);
void compilation_deinit(struct compilation *c); /* all but what was borrowed */

/* By name; NULL when there is none (then *suggestion, if given, has the nearest). */
const struct builtin *builtin_find(
	const struct compilation *c, const char *name, struct suggestion *suggestion);

/* "int64" and friends without spelling out c->types each time. */
static inline uint32_t type_bool(struct compilation *c)
{
	return types_bool(c->types);
}

static inline uint32_t type_int64(struct compilation *c)
{
	return types_integer(c->types, 8, true);
}

/* An int64 that becomes a uint64 where it meets one: literals, and what narrower types widen to. */
static inline uint32_t type_number(struct compilation *c)
{
	return types_widened(c->types, 8, true);
}

static inline uint32_t type_uint64(struct compilation *c)
{
	return types_integer(c->types, 8, false);
}
