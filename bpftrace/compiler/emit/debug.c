/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug metadata for functions and lines only: from it LLVM makes the FUNC entries of .BTF and the
 * line information of .BTF.ext, by which errors of the verifier are mapped to the script. The line
 * numbers that LLVM gets are indices of statements and expressions, which lines.c replaces by the
 * lines of the sources. LLVM would read the files by itself, and compare each line's text with all
 * others, but for a text in the entry of a file; the C API cannot give it one, so the entries, one
 * for each source, come from a parsed skeleton.
 */
#include <llvm-c/IRReader.h>
#include <string.h>

#include "debug.h"
#include "defect.h"
#include "ir.h"

/* The text between quotes as LLVM's assembly reads it. */
static void append_quoted(struct str *out, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		unsigned char c = text[i];

		if (c < 32 || c > 126 || c == '"' || c == '\\')
			str_printf(out, "\\%02X", c);
		else
			str_append_char(out, c);
	}
}

/* Returns the line number of a span; it is the same in all units that a block is cloned for. */
static uint32_t line_of(struct emitter *e, struct span span)
{
	void **slot = hashmap_slot(&e->statement_rows, &span, sizeof(span));

	if (!*slot) {
		vec_push(&e->statements, ((struct manifest_statement){.span = span}));
		*slot = (void *)e->statements.count;
	}
	return (uint32_t)(uintptr_t)*slot;
}

const struct manifest_statement *debug_statement(const struct emitter *e, uint32_t line)
{
	return line >= 1 && line <= e->statements.count ? &e->statements.items[line - 1] : NULL;
}

/* Module text with the named metadata "sources": a file for each source. */
static void append_skeleton(const struct emitter *e, struct str *out)
{
	size_t count = e->c->diags->sources.count;

	str_append(out, "target triple = \"bpf\"\n");
	for (size_t i = 0; i < count; i++) {
		const struct source *source = &e->c->diags->sources.items[i];

		str_printf(out, "!%zu = !DIFile(filename: \"", i);
		append_quoted(out, source->name, strlen(source->name));
		str_append(out, "\", directory: \"\", source: \" \")\n");
	}
	str_append(out, "!sources = !{");
	for (size_t i = 0; i < count; i++)
		str_printf(out, "%s!%zu", i ? ", " : "", i);
	str_append(out, "}\n");
}

static void read_files(struct emitter *e)
{
	size_t count = e->c->diags->sources.count;
	LLVMValueRef *files = arena_array(e->c->arena, LLVMValueRef, count);

	LLVMGetNamedMetadataOperands(e->module, "sources", files);
	e->debug_files = arena_array(e->c->arena, LLVMMetadataRef, count);
	for (size_t i = 0; i < count; i++)
		e->debug_files[i] = LLVMValueAsMetadata(files[i]);
}

void debug_init(struct emitter *e)
{
	_cleanup_str_ struct str skeleton = STR_INIT;

	append_skeleton(e, &skeleton);
	LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(
		str_text(&skeleton), skeleton.length, "script");
	char *message = NULL;

	if (LLVMParseIRInContext(e->llvm, buffer, &e->module, &message))
		defect("LLVM cannot read the skeleton: %s", message);

	LLVMAddModuleFlag(e->module, LLVMModuleFlagBehaviorWarning, "Debug Info Version",
		strlen("Debug Info Version"), LLVMValueAsMetadata(ir_const32(e, 3)));
	e->debug = LLVMCreateDIBuilder(e->module);
	read_files(e);
	e->debug_unit = LLVMDIBuilderCreateCompileUnit(e->debug, LLVMDWARFSourceLanguageC,
		e->debug_files[e->c->source], "bpftrace", strlen("bpftrace"), true, "", 0, 0, "", 0,
		LLVMDWARFEmissionFull, 0, false, false, "", 0, "", 0);
	enum { ATE_SIGNED = 5 }; /* DW_ATE_signed */

	e->debug_long = LLVMDIBuilderCreateBasicType(
		e->debug, "int64", strlen("int64"), 64, ATE_SIGNED, LLVMDIFlagZero);
	e->debug_pointer = LLVMDIBuilderCreatePointerType(e->debug, NULL, 64, 64, 0, "", 0);
}

LLVMMetadataRef debug_subprogram(struct emitter *e, const char *name, bool is_static,
	LLVMMetadataRef parameter, const char *const *parameters, size_t count, struct span span)
{
	LLVMMetadataRef types[8] = {e->debug_long};

	for (size_t i = 0; i < count; i++)
		types[i + 1] = parameter;
	LLVMMetadataRef file = e->debug_files[span.source];
	LLVMMetadataRef signature =
		LLVMDIBuilderCreateSubroutineType(e->debug, file, types, count + 1, LLVMDIFlagZero);
	unsigned line = line_of(e, span);
	LLVMMetadataRef subprogram =
		LLVMDIBuilderCreateFunction(e->debug, file, name, strlen(name), name, strlen(name),
			file, line, signature, is_static, true, line, LLVMDIFlagZero, true);

	/* the kernel refuses all of a BTF in which one parameter has no name */
	for (size_t i = 0; i < count; i++)
		LLVMDIBuilderCreateParameterVariable(e->debug, subprogram, parameters[i],
			strlen(parameters[i]), i + 1, file, line, parameter, true, LLVMDIFlagZero);
	return subprogram;
}

/* The function, or for code of another source than its own a part of it with that file. */
static LLVMMetadataRef scope_of(struct emitter *e, struct span span)
{
	LLVMMetadataRef subprogram = e->function->subprogram, file = e->debug_files[span.source];

	if (LLVMDIScopeGetFile(subprogram) == file)
		return subprogram;
	return LLVMDIBuilderCreateLexicalBlockFile(e->debug, subprogram, file, 0);
}

void debug_location(struct emitter *e, struct span span)
{
	LLVMSetCurrentDebugLocation2(
		e->builder, LLVMDIBuilderCreateDebugLocation(
				    e->llvm, line_of(e, span), 0, scope_of(e, span), NULL));
	e->span = span;
}

void debug_location_of_loop(struct emitter *e, struct span span)
{
	e->statements.items[line_of(e, span) - 1].is_loop = true;
	debug_location(e, span);
}
