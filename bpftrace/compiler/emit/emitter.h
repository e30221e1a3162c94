/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state that the files of emit/ and the emit callbacks of builtins share while code is
 * generated.
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
#include "libcommon/base/hashmap.h"

enum storage {
	STORAGE_NONE,     /* no value: a call for its effect */
	STORAGE_REGISTER, /* llvm is the i64 itself */
	STORAGE_MEMORY,   /* llvm points to memory the program may read: stack, scratch, map, record
			   */
	STORAGE_KERNEL,   /* llvm is the i64 address of kernel memory */
	STORAGE_USER,     /* llvm is the i64 address of memory of the traced process */
	STORAGE_CONTEXT,  /* llvm points into the context, to be read in place */
};

struct value {
	uint32_t type;
	enum storage storage;
	LLVMValueRef llvm;
	LLVMValueRef length; /* of an unread string: at most so many bytes (i64), all of them
				characters; NULL: as many as its type has, the last one its NUL */
	bool may_fill;       /* an unread string that may fill its place: no NUL need end it */
	uint32_t bit_offset; /* of a bit-field in the bytes at llvm, bit_size 0 for all others */
	uint32_t bit_size;
};

/* Whether the bytes behind the NUL of a string, and behind the data of a buf, must be zeros. */
enum padding {
	PADDING_NONE,
	PADDING_SHORT, /* in bufs and in strings of up to STRINGS_SHORT bytes */
	PADDING_ALL,   /* in keys, which are compared by all of their bytes */
};

/* Memory of a type that may be written. */
struct place {
	uint32_t type;
	LLVMValueRef address;
	enum padding padding;
};

/* A place on the stack, which statements use one after the other. */
struct stack_slot {
	LLVMValueRef address;
	uint32_t words;
};

/* What the body of a loop has in place of a variable of the function around it. */
struct local_copy {
	const struct variable *variable;
	LLVMValueRef address;
};

/* The function of one block, or of a program, while its body is generated. */
struct bpf_function {
	struct bpf_function *outer;    /* around the body of a loop, else NULL */
	VEC(struct local_copy) copies; /* by the body of a loop */
	LLVMValueRef llvm;
	LLVMMetadataRef subprogram;
	LLVMBasicBlockRef entry;     /* allocas only */
	LLVMBasicBlockRef leave;     /* where return goes */
	const struct for_loop *loop; /* whose body it is, NULL: not a loop's */
	LLVMBasicBlockRef break_to;
	LLVMBasicBlockRef continue_to;
	LLVMValueRef context;    /* the program's context */
	LLVMValueRef probe;      /* i64: names_word() of the attach point that fired */
	LLVMValueRef scratch;    /* slot of this program run */
	uint32_t variables_used; /* bytes of the stack */
	uint32_t scratch_used;   /* now */
	uint32_t scratch_most;   /* at any time */
	uint32_t innermost;      /* bodies of loops: offset in scratch of tracing_innermost() */
	bool reads_innermost;    /* whether anything reads it */
	VEC(struct stack_slot) stack; /* the first stack_used of them are in use */
	size_t stack_used;
};

/* Symbols of the object that code refers to. */
struct globals {
	LLVMValueRef state;
	LLVMValueRef constants;
	LLVMValueRef addresses;
	LLVMValueRef options; /* values of getopt(), with the defaults */
	LLVMValueRef zeros;   /* as many zero bytes as the largest map value */
	LLVMValueRef data_ring;
	LLVMValueRef control_ring;
	LLVMValueRef packets;
	LLVMValueRef scratch;
	LLVMValueRef stacks;
	LLVMValueRef *maps;         /* per map of the compilation */
	LLVMValueRef *standby;      /* the same: the second map of a double-buffered one, or NULL */
	LLVMValueRef scratch_claim; /* a function, NULL until needed */
	LLVMValueRef task_number;   /* the same */
	LLVMValueRef go_on;         /* the same */
	LLVMValueRef names;         /* the table of names.c, NULL until needed */
	LLVMValueRef numbers[NR_MEANINGS]; /* the same of numbers with names */
};

/* An element of a map whose value is in a register. */
struct cached_element {
	struct map_access *access;
	struct value value;
};

struct emitter {
	struct compilation *c;
	const struct arch *arch; /* of the host that is compiled for */
	struct unit *unit;
	struct bpf_function *function;
	struct span span;          /* of the node being generated */
	struct map_access *target; /* of the aggregation being emitted: where its value is */
	bool fills_cache;          /* a term of a filter is being emitted */
	bool may_be_missing;       /* the element read next: the script tests whether it exists */
	VEC(struct cached_element) cache; /* cache.c */
	struct manifest *manifest;        /* sites are added while code is emitted */
	struct globals globals;
	uint32_t scratch_size; /* largest need of any block */
	uint32_t loops;        /* functions made of loops' bodies, numbers their names */
	uint32_t zeros_size;
	uint32_t searches;          /* functions of search.c */
	uint64_t features;          /* of the kernel, that the code relies on */
	LLVMValueRef compat_offset; /* in task_struct, of the word with the flag of the compat ABI;
				       NULL: not known, or not needed */
	VEC(uint32_t) records;      /* types to export: the structs of records */

	LLVMContextRef llvm;
	LLVMModuleRef module;
	LLVMBuilderRef builder;
	LLVMTargetMachineRef machine;
	VEC(struct manifest_statement) statements; /* lines of the debug information, from 1 */
	struct hashmap statement_rows;             /* struct span → its line */
	LLVMDIBuilderRef debug;
	LLVMMetadataRef *debug_files; /* per source */
	LLVMMetadataRef debug_unit;
	LLVMMetadataRef debug_long;
	LLVMMetadataRef debug_pointer;
	LLVMTypeRef i1, i8, i16, i32, i64, pointer;
};

static inline struct value value_none(void)
{
	return (struct value){.storage = STORAGE_NONE};
}

static inline struct value value_register(uint32_t type, LLVMValueRef llvm)
{
	return (struct value){.type = type, .storage = STORAGE_REGISTER, .llvm = llvm};
}

static inline struct value value_memory(uint32_t type, LLVMValueRef address)
{
	return (struct value){.type = type, .storage = STORAGE_MEMORY, .llvm = address};
}
