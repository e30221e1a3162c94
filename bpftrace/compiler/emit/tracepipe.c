/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Debug output of programs: with BPFTRACE_DEBUG_OUTPUT they write to the kernel's trace_pipe which
 * block an event reaches, whether its filter holds, and what was lost. Without it no code is
 * generated for them. Texts are constants in .rodata, which the kernel parses as a format and
 * rejects if it cannot print it.
 */
#include <ctype.h>
#include <stdarg.h>

#include "helper.h"
#include "ir.h"
#include "tracepipe.h"

enum {
	LINE_MOST = 200, /* bytes; kernels cut longer ones */
};

static void append_place(struct emitter *e, struct str *line)
{
	const struct source *source = &e->c->diags->sources.items[e->span.source];
	struct position position = diags_position(e->c->diags, e->span.source, e->span.begin);

	str_printf(line, "bpftrace: %s:%u: ", source->name, position.line);
}

static LLVMValueRef constant_text(struct emitter *e, const char *text, size_t length)
{
	LLVMValueRef string = LLVMConstStringInContext(e->llvm, text, length, false);
	LLVMValueRef global = LLVMAddGlobal(e->module, LLVMTypeOf(string), "trace");

	LLVMSetInitializer(global, string);
	LLVMSetSection(global, ".rodata");
	LLVMSetLinkage(global, LLVMInternalLinkage);
	LLVMSetGlobalConstant(global, true);
	return global;
}

void tracepipe_write(struct emitter *e, const char *format, ...)
{
	_cleanup_str_ struct str line = STR_INIT;
	va_list args;

	if (!e->c->settings.debug_output)
		return;
	append_place(e, &line);
	va_start(args, format);
	str_vprintf(&line, format, args);
	va_end(args);
	str_truncate(&line, MIN(line.length, (size_t)LINE_MOST));
	for (size_t i = 0; i < line.length; i++) {
		if (!isprint((unsigned char)line.data[i]) || line.data[i] == '%')
			line.data[i] = '?';
	}
	LLVMValueRef text = constant_text(e, str_text(&line), line.length);

	helper_call(e, HELPER_trace_printk, HELPER_ARGS(text, ir_const(e, line.length + 1)));
}
