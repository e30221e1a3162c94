/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug metadata for functions and lines only: from it LLVM makes the FUNC entries of .BTF and the
 * line information of .BTF.ext, through which the verifier's complaints find the script. LLVM would
 * read the file by itself, and compare each line's text with all others, but for a text in the file
 * entry; the C API cannot give it one, so the entry comes from a parsed skeleton. Its text is a
 * blank: lines.c has the lines.
 */
#include <llvm-c/IRReader.h>
#include <string.h>

#include "defect.h"
#include "ir.h"

enum { MOST_COLUMN = 1023 };

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

void debug_init(struct emitter *e)
{
	const struct source *source = &e->c->diags->sources.items[e->c->source];
	_cleanup_str_ struct str skeleton = STR_INIT;
	str_append(
		&skeleton, "target triple = \"bpf\"\n!script = !{!0}\n!0 = !DIFile(filename: \"");
	append_quoted(&skeleton, source->name, strlen(source->name));
	str_append(&skeleton, "\", directory: \"\", source: \" \")\n");

	LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(
		str_text(&skeleton), skeleton.length, "script");
	char *message = NULL;
	if (LLVMParseIRInContext(e->llvm, buffer, &e->module, &message))
		defect("LLVM cannot read the skeleton: %s", message);

	LLVMAddModuleFlag(e->module, LLVMModuleFlagBehaviorWarning, "Debug Info Version",
		strlen("Debug Info Version"), LLVMValueAsMetadata(ir_const32(e, 3)));
	e->debug = LLVMCreateDIBuilder(e->module);
	LLVMValueRef file;
	LLVMGetNamedMetadataOperands(e->module, "script", &file);
	e->debug_file = LLVMValueAsMetadata(file);
	e->debug_unit = LLVMDIBuilderCreateCompileUnit(e->debug, LLVMDWARFSourceLanguageC,
		e->debug_file, "bpftrace", strlen("bpftrace"), true, "", 0, 0, "", 0,
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
	LLVMMetadataRef signature = LLVMDIBuilderCreateSubroutineType(
		e->debug, e->debug_file, types, count + 1, LLVMDIFlagZero);
	unsigned line = diags_position(e->c->diags, span.source, span.begin).line;
	LLVMMetadataRef subprogram = LLVMDIBuilderCreateFunction(e->debug, e->debug_file, name,
		strlen(name), name, strlen(name), e->debug_file, line, signature, is_static, true,
		line, LLVMDIFlagZero, true);
	/* the kernel refuses all of a BTF in which one parameter has no name */
	for (size_t i = 0; i < count; i++)
		LLVMDIBuilderCreateParameterVariable(e->debug, subprogram, parameters[i],
			strlen(parameters[i]), i + 1, e->debug_file, line, parameter, true,
			LLVMDIFlagZero);
	return subprogram;
}

void debug_location(struct emitter *e, struct span span)
{
	struct position position = diags_position(e->c->diags, span.source, span.begin);
	/* .BTF.ext has ten bits for it */
	if (position.column > MOST_COLUMN)
		position.column = 0;
	LLVMSetCurrentDebugLocation2(
		e->builder, LLVMDIBuilderCreateDebugLocation(e->llvm, position.line,
				    position.column, e->function->subprogram, NULL));
	e->span = span;
}
