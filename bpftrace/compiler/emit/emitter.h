/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of emit/ and the emit callbacks of builtins share while code is generated.
 *
 * Integers and pointers are values in registers: always i64, extended by the signedness of their
 * type. Everything else (strings, arrays, structs, tuples) is a value in memory and is generated
 * where it belongs (expr_into) instead of being built and copied; while it has not been read yet it
 * is only an address in the kernel, in the traced process, or in the program's context.
 */
#pragma once

#include <llvm-c/Core.h>
#include <llvm-c/DebugInfo.h>
#include <llvm-c/TargetMachine.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpftrace/compiler/compilation.h"
#include "bpftrace/door/manifest.h"
#include "bpftrace/door/state.h"

enum where {
	WHERE_NOWHERE,  /* no value: a call for its effect */
	WHERE_REGISTER, /* llvm is the i64 itself */
	WHERE_MEMORY,  /* llvm points to memory the program may read: stack, scratch, map, record */
	WHERE_KERNEL,  /* llvm is the i64 address of kernel memory */
	WHERE_USER,    /* llvm is the i64 address of memory of the traced process */
	WHERE_CONTEXT, /* llvm points into the context, to be read in place */
};

struct value {
	uint32_t type;
	enum where where;
	LLVMValueRef llvm;
	LLVMValueRef length; /* of an unread string: at most so many bytes (i64), all of them
				characters; NULL: as many as its type has, the last one its NUL */
	bool marks_cut;      /* an unread string whose cut shows: its last byte is then not NUL */
	uint32_t bit_offset; /* of a bit-field in the bytes at llvm, bit_size 0 for all others */
	uint32_t bit_size;
};

/* Memory of a type that may be written. */
struct place {
	uint32_t type;
	LLVMValueRef address;
	bool padded; /* bytes behind the NUL of a short string must be 0 */
	bool key;    /* those of a long one, too: keys are compared by all of their bytes */
};

/* A place on the stack, which statements use one after the other. */
struct stack_slot {
	LLVMValueRef address;
	uint32_t words;
};

/* What the body of a loop has in place of a variable of the function around it. */
struct borrowed {
	const struct variable *variable;
	LLVMValueRef address;
};

/* The function of one block, or of a program, while its body is generated. */
struct bpf_function {
	struct bpf_function *outer;    /* around the body of a loop, else NULL */
	VEC(struct borrowed) borrowed; /* by the body of a loop */
	LLVMValueRef llvm;
	LLVMMetadataRef subprogram;
	LLVMBasicBlockRef entry;     /* allocas only */
	LLVMBasicBlockRef leave;     /* where return goes */
	const struct for_loop *loop; /* whose body it is, NULL: not a loop's */
	LLVMBasicBlockRef break_to;
	LLVMBasicBlockRef continue_to;
	LLVMValueRef context;         /* the program's context */
	LLVMValueRef probe;           /* i64: index of the attach point that fired */
	LLVMValueRef scratch;         /* slot of this program run */
	uint32_t variables_used;      /* bytes of the stack */
	uint32_t scratch_used;        /* now */
	uint32_t scratch_most;        /* at any time */
	VEC(struct stack_slot) stack; /* the first stack_used of them are in use */
	size_t stack_used;
};

/* Symbols of the object that code refers to. */
struct globals {
	LLVMValueRef state;
	LLVMValueRef zeros; /* as many zero bytes as the largest map value */
	LLVMValueRef data_ring;
	LLVMValueRef control_ring;
	LLVMValueRef packets;
	LLVMValueRef scratch;
	LLVMValueRef *maps;         /* per map of the compilation */
	LLVMValueRef *others;       /* the same: its second generation, or NULL */
	LLVMValueRef scratch_claim; /* a function, NULL until needed */
};

/* An element of a map whose value was read. */
struct known_element {
	struct map_access *access;
	struct value value;
};

struct emitter {
	struct compilation *c;
	struct unit *unit;
	struct bpf_function *function;
	struct span span; /* of the node being generated */
	struct map_access
		*target; /* while an aggregation is generated: the map it is assigned to */
	bool remembers;  /* while a term of a filter is generated */
	VEC(struct known_element) known; /* by the filter of this block */
	struct manifest *manifest;       /* sites are added while code is generated */
	struct globals globals;
	uint32_t scratch_size; /* largest need of any block */
	uint32_t loops;        /* functions made of loops' bodies, numbers their names */
	uint32_t zeros_size;
	uint32_t searches; /* functions of search.c */
	uint64_t features; /* of the kernel, that the code relies on */
	bool compat_known;
	uint32_t compat_offset; /* in task_struct, of the word that tells calls of the compat ABI */
	VEC(uint32_t) records;  /* types to export: the structs of records */

	LLVMContextRef llvm;
	LLVMModuleRef module;
	LLVMBuilderRef builder;
	LLVMTargetMachineRef machine;
	LLVMDIBuilderRef debug;
	LLVMMetadataRef debug_file;
	LLVMMetadataRef debug_unit;
	LLVMMetadataRef debug_long;
	LLVMMetadataRef debug_pointer;
	LLVMTypeRef i1, i8, i16, i32, i64, pointer;
};

static inline struct value value_none(void)
{
	return (struct value){.where = WHERE_NOWHERE};
}

static inline struct value value_register(uint32_t type, LLVMValueRef llvm)
{
	return (struct value){.type = type, .where = WHERE_REGISTER, .llvm = llvm};
}

static inline struct value value_memory(uint32_t type, LLVMValueRef address)
{
	return (struct value){.type = type, .where = WHERE_MEMORY, .llvm = address};
}

/* expr.c */
struct value expr_emit(struct emitter *e, struct node *node);
LLVMValueRef expr_aggregation(struct emitter *e, struct value aggregation); /* its number */
LLVMValueRef expr_register(struct emitter *e, struct node *node); /* of integers and pointers */
LLVMValueRef expr_memory(struct emitter *e, struct node *node);   /* address of its bytes, padded */
void expr_into(struct emitter *e, struct node *node, struct place place);
/* Address of its bytes as those of a key: equal values of the type have equal bytes. */
LLVMValueRef expr_key(struct emitter *e, struct node *node, uint32_t type);

/* left op right, of 64 bits each; of op only what calculates. */
LLVMValueRef expr_arithmetic(
	struct emitter *e, enum operator op, LLVMValueRef left, LLVMValueRef right, bool is_signed);

/* Pointers count in elements of what they point to: count times that size where type is a pointer.
 */
LLVMValueRef expr_scaled(struct emitter *e, uint32_t type, LLVMValueRef count);

/* compare.c */
LLVMValueRef expr_condition(struct emitter *e, struct node *node); /* i1: is it not 0 */

/* filter.c: a filter goes on, or to function->leave; and what its terms read in maps */
void filter_emit(struct emitter *e, struct node *filter);
void filter_remember(struct emitter *e, struct map_access *access, struct value value);
/* The value of an element when it is known still; map NULL: all are forgotten. */
bool filter_recall(struct emitter *e, const struct map_access *access, struct value *ret);
void filter_forget(struct emitter *e, const struct map *map);

/* index.c */
struct value index_emit(struct emitter *e, struct index *node);

/* stmt.c, loop.c: loops within one function */
void stmt_emit(struct emitter *e, struct node *node);
void stmt_list(struct emitter *e, struct node *head);
void loop_while(struct emitter *e, struct while_loop *loop);
void loop_unroll(struct emitter *e, struct unroll *loop);
void loop_jump(struct emitter *e, struct jump *jump);
/* The parts that all loops in the same function have in common: where break and continue go. */
struct loop_targets {
	LLVMBasicBlockRef break_to, continue_to;
};
struct loop_targets loop_enter(struct emitter *e); /* new ones; returns those around it */
void loop_leave(struct emitter *e, struct loop_targets outer);

/* for.c */
void for_emit(struct emitter *e, struct for_loop *loop);

/* access.c: getting at bytes wherever they are */
struct value access_pointee(struct emitter *e, uint32_t pointer_type, LLVMValueRef address);
struct value access_member(struct emitter *e, struct value object, struct types_member member);
struct value access_element(struct emitter *e, struct value array, LLVMValueRef index);
struct value access_address(struct emitter *e, struct value value); /* of the context, as unread */
LLVMValueRef access_load(struct emitter *e, struct value value);    /* to a register */
void access_copy(struct emitter *e, struct value value, struct place place); /* to memory */
void access_read(struct emitter *e, enum where where, LLVMValueRef to, uint32_t size,
	LLVMValueRef from); /* probe_read of size bytes */
void access_store(
	struct emitter *e, struct place place, LLVMValueRef value); /* a register to memory */
void access_clear(struct emitter *e, struct place place);           /* zeros, an empty string */
struct place access_part(struct emitter *e, struct place place, struct types_member member);

/* holes.c: zeros into the bytes of the place that belong to no member */
void holes_fill(struct emitter *e, struct place place);

/* variable.c: places of variables and temporaries */
struct place variable_place(struct emitter *e, const struct variable *variable);
/* Those that live in the rounds of a loop, or NULL: in the block; at the start of its function. */
void variable_place_all(struct emitter *e, const struct for_loop *loop);
/* Before and after calls of a loop's body: what it shares stands in scratch meanwhile. */
void variable_lend(struct emitter *e);
void variable_take_back(struct emitter *e);
/* The same for the body itself: at its beginning, and before each end. */
void variable_borrow(struct emitter *e);
void variable_give_back(struct emitter *e);
void variable_clear(struct emitter *e, const struct variable *variable); /* to zeros */
struct place variable_temporary(
	struct emitter *e, uint32_t type); /* in scratch unless small and no string */
enum {
	STACK_MOST = 64, /* bytes of one place on the stack */
};
LLVMValueRef variable_stack(struct emitter *e, uint32_t size); /* small, 8-byte aligned */
LLVMValueRef variable_scratch(struct emitter *e, uint32_t size);

/* strings.c */
enum {
	STRINGS_SHORT = 128, /* bytes handled word by word */
};
void strings_fill(struct emitter *e, LLVMValueRef to, uint32_t size); /* zero bytes */
void strings_move(struct emitter *e, LLVMValueRef to, LLVMValueRef from, uint32_t size);
void strings_bytes(struct emitter *e, const void *bytes, size_t count, LLVMValueRef to);
void strings_literal(struct emitter *e, const char *text, size_t length, struct place place);
/* Bytes at..at+bytes of a text as a little-endian number; zeros behind its end. */
uint64_t strings_word(const char *text, size_t length, uint32_t at, uint32_t bytes);
/* Whether the bytes behind a string in this place must be 0. */
bool strings_pads(const struct emitter *e, struct place place);
/* A string in memory or the context as one that is still to be read. */
struct value strings_unread(struct emitter *e, struct value string);
/* Reads an unread string into place, cut to what fits. Returns its characters (i64): as many as the
 * place has bytes when it was cut, 0 when the address was bad. */
LLVMValueRef strings_read(struct emitter *e, struct value string, struct place place);

/* equal.c: i1, the first limit bytes of two strings are equal (as strncmp); limit 0: all. */
LLVMValueRef equal_strings(struct emitter *e, struct node *a, struct node *b, uint64_t limit);
LLVMValueRef equal_arrays(struct emitter *e, struct node *a, struct node *b); /* of one type */
/* Structs or tuples of one type: whether they would be the same key. */
LLVMValueRef equal_records(struct emitter *e, struct node *a, struct node *b);

/* search.c: i1, the needle is in the haystack. */
LLVMValueRef search_contains(struct emitter *e, struct node *haystack, struct node *needle);

/* mapops.c */
struct value mapops_read(struct emitter *e, struct map_access *access);
void mapops_assign(struct emitter *e, struct map_access *access, struct node *value);
/* Adds value (i64) to an integer and returns the result before (post) or after. */
LLVMValueRef mapops_add(
	struct emitter *e, struct map_access *access, LLVMValueRef value, bool post);
void mapops_delete(struct emitter *e, struct map *map, struct node *key);
/* Calls function(map, key, value, frame) for the elements of a keyed map until one returns 1; the
 * number of calls. Needs the feature for_each_map_elem. */
LLVMValueRef mapops_walk(
	struct emitter *e, struct map *map, LLVMValueRef function, LLVMValueRef frame);
/* i64: 1 if the map has the key, else 0. */
LLVMValueRef mapops_has(struct emitter *e, struct map *map, struct node *key);
/* i64: the number of elements of a keyed map that is counted. */
LLVMValueRef mapops_length(struct emitter *e, struct map *map);
/* Where the value of an aggregation stands for this event, inserted as zeros when new; code after
 * it runs only when there is one, until mapops_update_end. */
struct mapops_update {
	LLVMValueRef value;
	LLVMBasicBlockRef missing; /* taken instead, to done, when there is none */
	LLVMBasicBlockRef done;
};
struct mapops_update mapops_update_begin(struct emitter *e, struct map_access *access);
void mapops_update_end(struct emitter *e, struct mapops_update *update);
/* *address (8 bytes) += value, atomic where another program can come between. */
void mapops_increment(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef value);
/* The same for *address = MAX(*address, rank), unsigned. */
void mapops_raise(struct emitter *e, struct map *map, LLVMValueRef address, LLVMValueRef rank);

/* record.c: records for user space */
uint32_t record_site(struct emitter *e, struct node *call, enum action action);
struct manifest_site *record_site_row(struct emitter *e, uint32_t site);
/* Sends the values of a list of expressions (a call's arguments from first on). */
void record_send(struct emitter *e, uint32_t site, struct node *first);
/* A record of one text, which the caller writes to the room given, then sends: its length (i64, of
 * which the verifier knows that it is within the room), and whether more was left out (i1). */
struct record_text {
	LLVMValueRef text;
	LLVMValueRef record;
	uint32_t offset;
};
struct record_text record_text_begin(struct emitter *e, uint32_t site, uint32_t room);
void record_text_send(
	struct emitter *e, const struct record_text *text, LLVMValueRef length, LLVMValueRef cut);
/* A control record with the i64 words given. */
void record_control(struct emitter *e, uint32_t site, const LLVMValueRef *words, size_t count);
/* Sends words (i64) and the first size bytes of a packet, the address of whose sk_buff the verifier
 * knows; the helper's result. */
LLVMValueRef record_packet(struct emitter *e, uint32_t site, LLVMValueRef skb, LLVMValueRef size,
	const LLVMValueRef *words, size_t count);
/* Tells user space that a helper returned an error at the present span (-k). */
void record_helper_error(struct emitter *e, const char *helper, LLVMValueRef result);

/* plan.c: whether a map's values are kept per CPU (aggregations) */
bool plan_per_cpu(const struct compilation *c, const struct map *map);

/* session.c: marks the units that a program serves together with the one before; the unit whose
 * block it runs at the return of the functions that enter is about, NULL: none. */
void session_plan(struct compilation *c);
struct unit *session_leave(const struct compilation *c, const struct unit *enter);

/* helper.c */
enum helper {
#define HELPER(NAME, number, reads) HELPER_##NAME,
#include "helpers.def"
#undef HELPER
	NR_HELPERS,
};
LLVMValueRef helper_call(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count);
/* The same without a report when it fails. */
LLVMValueRef helper_call_quiet(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count);
LLVMValueRef helper_call_pointer(
	struct emitter *e, enum helper helper, const LLVMValueRef *arguments, size_t count);
#define HELPER_ARGS(...)                                                                           \
	((LLVMValueRef[]){__VA_ARGS__}), ARRAY_SIZE(((LLVMValueRef[]){__VA_ARGS__}))

/* tracepipe.c: a line about the present span to the kernel's trace_pipe, if the setting
 * debug_output asks for it. */
void tracepipe_write(struct emitter *e, const char *format, ...) _printf_(2, 3);

/* debug.c */
void debug_init(struct emitter *e);
void debug_location(struct emitter *e, struct span span);
LLVMMetadataRef debug_subprogram(struct emitter *e, const char *name, bool is_static,
	LLVMMetadataRef parameter, const char *const *parameters, size_t count, struct span span);

/* function.c: a BPF function with the parameters named; the builder stands at its start. With a
 * section it is a program, without one a static function of the object. */
void function_begin(struct emitter *e, struct bpf_function *function, const char *name,
	const char *section, LLVMTypeRef result, const char *const *parameters, size_t count,
	struct span span);
/* One that takes and returns a number, and that the kernel verifies by itself, once for all calls:
 * a global function, as its documentation calls it. */
void function_begin_verified_once(struct emitter *e, struct bpf_function *function,
	const char *name, const char *parameter, struct span span);
void function_end(struct emitter *e, struct bpf_function *function);

/* block.c, program.c: the function of a unit's block, and the programs that call them. All programs
 * together fill probes and links of the manifest. */
LLVMValueRef block_emit(struct emitter *e, struct unit *unit);
void program_emit_all(struct emitter *e);

/* prologue.c: what comes before a block. The first three go to function->leave. */
void prologue_stopped(struct emitter *e);  /* when tracing has stopped */
void prologue_process(struct emitter *e);  /* when it is not the process of -p */
void prologue_iterator(struct emitter *e); /* when the walk is over */
/* A slot of scratch memory, to be released; goes to none when there is no free one. */
LLVMValueRef prologue_claim_scratch(struct emitter *e, LLVMBasicBlockRef none);
LLVMValueRef prologue_scratch_bytes(
	struct emitter *e, LLVMValueRef slot);           /* for the block to use */
LLVMValueRef prologue_scratch_number(struct emitter *e); /* of this program run's slot */
void prologue_release_scratch(struct emitter *e, LLVMValueRef slot);

/* seqfile.c: printf in an iterator that is pinned, where the kernel itself formats. What of the
 * format the kernel cannot do, in words; NULL when it can do all of it. */
struct format;
const char *seqfile_refusal(const struct format *format);
void seqfile_print(struct emitter *e, const struct format *format, struct node *argument);

/* context/: how programs get their arguments */
struct context_row {
	enum context_kind kind;
	struct value (*argument)(struct emitter *e, uint32_t number, uint32_t type); /* argN */
	struct value (*stack_argument)(
		struct emitter *e, uint32_t number, uint32_t type); /* sargN */
	struct value (*result)(struct emitter *e, uint32_t type);   /* retval */
	/* A member of `args`; index counts members. */
	struct value (*member)(struct emitter *e, struct types_member member, uint32_t index);
	/* A pointer among them as the verifier knows it; NULL where it knows none. */
	LLVMValueRef (*typed)(struct emitter *e, struct types_member member);
};
extern const struct context_row context_none, context_perf, context_regs, context_regs_return,
	context_usdt, context_record, context_raw, context_syscall_enter, context_syscall_exit,
	context_fentry, context_fexit, context_iter;
const struct context_row *context_row(enum context_kind kind);

/* The file that an iterator's program writes to, typed as the verifier knows it. */
LLVMValueRef context_iter_file(struct emitter *e);
/* A byte into that file, so that whoever reads it gets on. */
void context_iter_tick(struct emitter *e);

/* The number of the system call that a raw sys_enter or sys_exit event is about. */
LLVMValueRef context_syscall_number(struct emitter *e, enum context_kind kind);
