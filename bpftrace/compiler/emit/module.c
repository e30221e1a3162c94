/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The LLVM module: made from the skeleton with the script's text, filled with the symbols of state,
 * rings, and maps, then with the programs, verified, and optimised by a list of passes that keeps
 * what the verifier wants to see and does not invent calls of library functions.
 */
#include <llvm-c/Analysis.h>
#include <llvm-c/Error.h>
#include <llvm-c/ErrorHandling.h>
#include <llvm-c/Support.h>
#include <llvm-c/Target.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <llvm/Config/llvm-config.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpftrace/door/stack.h"
#include "debug.h"
#include "defect.h"
#include "emit.h"
#include "ir.h"
#include "module.h"
#include "program.h"
#include "split.h"

/* From 18 on LLVM aborts when one iteration of the pass reaches no fixpoint, unless this is
 * disabled. */
#if LLVM_VERSION_MAJOR >= 18
#define COMBINE "instcombine<no-verify-fixpoint>"
#else
#define COMBINE "instcombine"
#endif

static const char passes[] = "function(sroa,early-cse,simplifycfg),cgscc(inline),"
			     "function(sroa,early-cse<memssa>," COMBINE
			     ",simplifycfg,gvn,dse," COMBINE ",adce,simplifycfg),"
			     "globaldce";

/* Replaces LLVM's handler, whose exit() would run atexit handlers. LLVM does not report which
 * jump of the program exceeds the 16 bits of an instruction's offset. */
static void fatal(const char *reason)
{
	if (!strstr(reason, "Branch target out of insn range"))
		defect("LLVM: %s", reason);
	fputs("ERROR: the code under one condition or of one block is too long: BPF programs jump "
	      "over at most 32767 instructions\nHINT: split it into several conditions or blocks\n",
		stderr);
	exit(1);
}

/* The code that LLVM's "name:line:column: " at the beginning of a text is about; all of the script
 * without it. */
static struct span place_of(const struct compilation *c, const char *text)
{
	const struct source *source;

	vec_for_each (&c->diags->sources, source) {
		size_t length = strlen(source->name);
		const struct manifest_statement *statement = NULL;
		unsigned line;

		if (strncmp(text, source->name, length) == 0 &&
			sscanf(text + length, ":%u:", &line) == 1)
			statement = debug_statement(c->emitter, line);
		if (statement)
			return statement->span;
	}
	return c->program->node.span;
}

/* What LLVM cannot translate: of a script that is a block with too much on its stack. */
static void diagnose(LLVMDiagnosticInfoRef info, void *context)
{
	struct compilation *c = context;
	char *text = LLVMGetDiagInfoDescription(info);
	bool is_error = LLVMGetDiagInfoSeverity(info) == LLVMDSError;

	if (is_error && !strstr(text, "stack"))
		defect("LLVM: %s", text);
	if (is_error && !c->diags->errors) {
		diag_error(c->diags, place_of(c, text),
			"this block needs more than the 512 bytes of stack of a BPF program");
		diag_hint(c->diags,
			"calculate with fewer values at a time, or split the block into several");
	}
	LLVMDisposeMessage(text);
}

/* Blocks stay in the order in which they were made, that of the script. LLVM would rotate loops
 * so that their end falls through to their begin, which the verifier of 5.10 rejects as an
 * infinite loop. */
static void keep_order(void)
{
	static const char *const arguments[] = {"bpftrace-compile", "-disable-block-placement"};
	static bool done;

	if (!done)
		LLVMParseCommandLineOptions(ARRAY_SIZE(arguments), arguments, NULL);
	done = true;
}

static void make_machine(struct emitter *e)
{
	keep_order();
	LLVMInstallFatalErrorHandler(fatal);
	LLVMInitializeBPFTargetInfo();
	LLVMInitializeBPFTarget();
	LLVMInitializeBPFTargetMC();
	LLVMInitializeBPFAsmPrinter();
	LLVMInitializeBPFAsmParser(); /* for ir_untyped */
	LLVMTargetRef target;
	char *message = NULL;

	if (LLVMGetTargetFromTriple("bpf", &target, &message))
		defect("LLVM has no BPF target: %s", message);
	/* v3 is what the oldest kernel understands */
	e->machine = LLVMCreateTargetMachine(target, "bpf", "v3", "", LLVMCodeGenLevelDefault,
		LLVMRelocDefault, LLVMCodeModelDefault);
}

static void make_types(struct emitter *e)
{
	e->llvm = LLVMContextCreate();
	e->i1 = LLVMInt1TypeInContext(e->llvm);
	e->i8 = LLVMInt8TypeInContext(e->llvm);
	e->i16 = LLVMInt16TypeInContext(e->llvm);
	e->i32 = LLVMInt32TypeInContext(e->llvm);
	e->i64 = LLVMInt64TypeInContext(e->llvm);
	e->pointer = LLVMPointerTypeInContext(e->llvm, 0);
}

static LLVMValueRef add_global(
	struct emitter *e, const char *name, const char *section, uint64_t size)
{
	LLVMTypeRef type = LLVMArrayType(e->i8, size);
	LLVMValueRef global = LLVMAddGlobal(e->module, type, name);

	LLVMSetInitializer(global, LLVMConstNull(type));
	LLVMSetSection(global, section);
	LLVMSetAlignment(global, 8);
	return global;
}

/* Their values are those of the command line, or else the defaults. */
static LLVMValueRef add_options(struct emitter *e)
{
	const struct compilation *c = e->c;
	uint32_t size = MAX(c->options_size, 1U);
	LLVMValueRef global = add_global(e, "options", SECTION_OPTIONS, size);
	char *bytes = arena_alloc(c->arena, size);

	memset(bytes, 0, size);
	for (size_t i = 0; i < c->options.count; i++) {
		const struct script_option *option = &c->options.items[i];

		if (script_option_encode(option, option->preset, bytes + option->offset))
			defect("the default of the option %s does not fit", option->name);
	}
	LLVMSetInitializer(global, LLVMConstStringInContext(e->llvm, bytes, size, true));
	LLVMSetGlobalConstant(global, true);
	return global;
}

static uint32_t largest_value(const struct compilation *c)
{
	uint32_t largest = 8;
	struct map **map;

	vec_for_each (&c->maps, map)
		largest = MAX(largest, types_size(c->types, (*map)->value));
	return largest;
}

static void add_symbols(struct emitter *e)
{
	struct compilation *c = e->c;
	struct globals *globals = &e->globals;

	globals->state = add_global(e, "state", ".bss",
		sizeof(struct state) + c->maps.count * sizeof(struct state_map));
	globals->constants =
		add_global(e, "constants", SECTION_CONSTANTS, sizeof(struct constants));
	LLVMSetGlobalConstant(globals->constants, true);
	globals->addresses = add_global(e, "addresses", SECTION_ADDRESSES,
		MAX(c->addresses.count, (size_t)1) * sizeof(uint64_t));
	LLVMSetGlobalConstant(globals->addresses, true);
	globals->options = add_options(e);
	globals->zeros = add_global(e, "zeros", ".rodata", largest_value(c));
	LLVMSetGlobalConstant(globals->zeros, true);
	globals->data_ring = add_global(e, MAP_DATA_RING, ".maps", MODULE_MAP_BYTES);
	globals->control_ring = add_global(e, MAP_CONTROL_RING, ".maps", MODULE_MAP_BYTES);
	globals->packets = add_global(e, MAP_PACKETS, ".maps", MODULE_MAP_BYTES);
	globals->stacks = add_global(e, MAP_STACKS, ".maps", MODULE_MAP_BYTES);
	globals->scratch = add_global(e, MAP_SCRATCH, ".maps", MODULE_MAP_BYTES);
	globals->maps = arena_array(c->arena, LLVMValueRef, c->maps.count + 1);
	globals->standby = arena_array(c->arena, LLVMValueRef, c->maps.count + 1);
	for (size_t i = 0; i < c->maps.count; i++) {
		const struct map *map = c->maps.items[i];

		globals->maps[i] = add_global(e, map->symbol, ".maps", MODULE_MAP_BYTES);
		if (map->standby_symbol)
			globals->standby[i] =
				add_global(e, map->standby_symbol, ".maps", MODULE_MAP_BYTES);
	}

	const char *license = e->c->settings.license;
	LLVMValueRef text = LLVMConstStringInContext(e->llvm, license, strlen(license), false);
	LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(text), "LICENSE");

	LLVMSetInitializer(global, text);
	LLVMSetSection(global, "license");
	add_global(e, "manifest", SECTION_MANIFEST, 1);
}

static void drop_unused(LLVMValueRef global)
{
	if (!LLVMGetFirstUse(global))
		LLVMDeleteGlobal(global);
}

/* A script without records has no rings; maps stay, the script named them. */
static void drop_unused_symbols(struct emitter *e)
{
	drop_unused(e->globals.data_ring);
	drop_unused(e->globals.control_ring);
	drop_unused(e->globals.packets);
	drop_unused(e->globals.scratch);
	drop_unused(e->globals.stacks);
	drop_unused(e->globals.zeros);
	drop_unused(e->globals.constants);
	drop_unused(e->globals.addresses);
	drop_unused(e->globals.options);
}

static void print_module(struct emitter *e, struct str *out)
{
	char *text = LLVMPrintModuleToString(e->module);

	str_append(out, text);
	LLVMDisposeMessage(text);
}

static void optimise(struct emitter *e)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(e->module, passes, e->machine, options);

	if (error)
		defect("LLVM's passes failed: %s", LLVMGetErrorMessage(error));
	LLVMDisposePassBuilderOptions(options);
}

void emit_module(struct compilation *c)
{
	struct emitter *e = arena_new(c->arena, struct emitter);

	e->c = c;
	e->arch = host_arch(c->host);
	e->manifest = arena_new(c->arena, struct manifest);
	c->emitter = e;
	make_machine(e);
	make_types(e);
	LLVMContextSetDiagnosticHandler(e->llvm, diagnose, c);
	debug_init(e);
	LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(e->machine);

	LLVMSetModuleDataLayout(e->module, layout);
	LLVMDisposeTargetData(layout);
	e->builder = LLVMCreateBuilderInContext(e->llvm);

	add_symbols(e);
	program_emit_all(e);
	drop_unused_symbols(e);
	LLVMDIBuilderFinalize(e->debug);

	bool print = c->request->answer == ANSWER_DUMP || c->request->answer == ANSWER_IR;

	if (print)
		print_module(e, &c->ir_before);
	char *message = NULL;

	if (LLVMVerifyModule(e->module, LLVMReturnStatusAction, &message))
		defect("invalid code was generated: %s", message);
	LLVMDisposeMessage(message);
	optimise(e);
	split_blocks(e->module, e->llvm, e->builder);
	if (print)
		print_module(e, &c->ir_after);
}
