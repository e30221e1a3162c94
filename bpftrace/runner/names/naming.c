/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of frames: lines of text for each mode, and fields for formats that have objects. */
#include "naming.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "frames.h"
#include "libcommon/base/attributes.h"
#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/elf/demangle.h"

/* --- frames --- */

/* What srclines_find finds. */
struct source {
	const struct srcline *lines;
	size_t count;
};

static bool has_offsets(enum symbols_mode mode)
{
	return mode != SYMBOLS_NAME && mode != SYMBOLS_FUNCTION;
}

static void append_offset(enum symbols_mode mode, uint64_t offset, struct str *out)
{
	if (has_offsets(mode))
		str_printf(out, "+%" PRIu64, offset);
}

/* A newline would end the frame. */
static void append_word(const char *word, struct str *out)
{
	for (size_t length; *word; word += length) {
		length = strcspn(word, "\n");
		str_append_bytes(out, word, length);
		if (word[length]) {
			str_append_char(out, '?');
			length++;
		}
	}
}

/* Addresses of one file are one function. */
static void append_nameless(
	enum symbols_mode mode, uint64_t address, const char *object, struct str *out)
{
	const char *directory_end = object ? strrchr(object, '/') : NULL;
	bool is_word = !object || *object == '[';

	if (mode != SYMBOLS_FUNCTION) {
		str_printf(out, "0x%" PRIx64, address);
		return;
	}
	str_append(out, is_word ? "" : "[");
	append_word(!object ? "[unknown]" : directory_end ? directory_end + 1 : object, out);
	str_append(out, is_word ? "" : "]");
}

/*
 * All frames but the innermost are return addresses, which belong to the call before them: behind
 * one that never returns another function begins. But the return address of a signal handler is
 * where code begins that no call came from.
 */
static bool is_signal_return(const char *symbol, uint64_t offset)
{
	return offset == 0 && (strcmp(symbol, "__restore_rt") == 0 ||
				      strstr(symbol, "kernel_rt_sigreturn") != NULL);
}

static bool find_in_kernel(
	struct naming *naming, uint64_t address, bool is_return, struct kernel_symbol *ret)
{
	if (!kernel_names_find(&naming->kernel, address - is_return, ret))
		return false;
	ret->offset += is_return;
	return true;
}

/* The caller frees it. */
static char *name_of(const struct naming *naming, const char *symbol)
{
	char *name = naming->demangles ? demangle(symbol, DEMANGLE_FULL) : NULL;

	return name ? name : xstrdup(symbol);
}

static void append_symbol(const struct naming *naming, const char *symbol, struct str *out)
{
	_cleanup_free_ char *name = name_of(naming, symbol);

	append_word(name, out);
}

static unsigned parts_of(const struct naming *naming, uint32_t mode)
{
	switch (mode) {
	case SYMBOLS_BUILD_ID:
	case SYMBOLS_FIELDS_BUILD_ID: return FRAME_BUILD_ID;
	case SYMBOLS_BPFTRACE:
	case SYMBOLS_FUNCTION:
	case SYMBOLS_FIELDS:
	case SYMBOLS_PERF: return naming->has_lines ? FRAME_LINES : 0;
	default: return 0;
	}
}

static void find_in_process(const struct naming *naming, const struct symbols_stack *stack,
	uint64_t address, bool is_return, struct user_frame *ret)
{
	unsigned parts = parts_of(naming, stack->mode);
	int32_t pid = (int32_t)stack->process;

	symbolizer_find(naming->symbolizer, pid, stack->time, address,
		is_return ? parts & ~(unsigned)FRAME_LINES : parts, ret);
	if (!is_return || (ret->symbol && is_signal_return(ret->symbol, ret->offset)))
		return;
	symbolizer_find(naming->symbolizer, pid, stack->time, address - 1, parts, ret);
	ret->offset++;
	ret->object_offset++;
}

static void find_user_frame(struct naming *naming, const struct symbols_stack *stack,
	uint64_t address, bool is_return, struct user_frame *ret)
{
	find_in_process(naming, stack, address, is_return, ret);
	if (!(parts_of(naming, stack->mode) & FRAME_LINES))
		return;
	naming->has_found_lines |= ret->line_count > 0;
	if (!naming->without_lines && ret->object && *ret->object == '/')
		naming->without_lines = xstrdup(ret->object);
}

static void append_line(const struct srcline *line, struct str *out)
{
	if (!line->file || !line->number)
		return;
	str_append_char(out, '@');
	append_word(line->file, out);
	str_printf(out, ":%" PRIu32, line->number);
}

static void append_inlined_function(const struct naming *naming, enum symbols_mode mode,
	uint64_t address, const struct srcline *line, struct str *out)
{
	if (mode == SYMBOLS_PERF)
		str_printf(out, "%" PRIx64 " ", address);
	if (mode == SYMBOLS_BPFTRACE)
		str_append(out, "[inlined] ");
	append_symbol(naming, line->function, out);
	if (mode != SYMBOLS_FUNCTION)
		append_line(line, out);
	str_append(out, mode == SYMBOLS_BPFTRACE ? "\n" : " (inlined)\n");
}

/* Functions that were inlined at the frame's address, the innermost first, a line for each. */
static void append_inlined(const struct naming *naming, enum symbols_mode mode, uint64_t address,
	const struct source *source, struct str *out)
{
	for (size_t i = 0; i + 1 < source->count; i++) {
		if (source->lines[i].function)
			append_inlined_function(naming, mode, address, &source->lines[i], out);
	}
}

/* That in the function that the code belongs to. */
static void append_last_line(enum symbols_mode mode, const struct source *source, struct str *out)
{
	if (source->count && has_offsets(mode))
		append_line(&source->lines[source->count - 1], out);
}

static struct source find_kernel_lines(
	struct naming *naming, uint64_t address, bool is_return, const struct kernel_symbol *symbol)
{
	struct source source = {};

	if (naming->has_lines)
		source.lines = kernel_names_lines(
			&naming->kernel, address, is_return, symbol, &source.count);
	return source;
}

static void append_named_kernel_frame(struct naming *naming, const struct frame_key *key,
	const struct kernel_symbol *symbol, struct str *out)
{
	struct source source = {};

	if (parts_of(naming, key->mode) & FRAME_LINES)
		source = find_kernel_lines(naming, key->address, key->is_return, symbol);
	append_inlined(naming, key->mode, key->address, &source, out);
	if (key->mode == SYMBOLS_PERF)
		str_printf(out, "%" PRIx64 " ", key->address);
	str_append(out, symbol->name);
	append_offset(key->mode, symbol->offset, out);
	append_last_line(key->mode, &source, out);
	if (*symbol->module && has_offsets(key->mode))
		str_printf(out, " [%s]", symbol->module);
}

static void append_kernel_frame(struct naming *naming, enum symbols_mode mode, uint64_t address,
	bool is_return, struct str *out)
{
	const struct frame_key key = {.address = address, .mode = mode, .is_return = is_return};
	size_t begin = out->length;
	struct kernel_symbol found;

	if (!naming->kernel_texts)
		naming->kernel_texts = frame_texts_new();
	if (frame_texts_append(naming->kernel_texts, &key, out))
		return;
	if (!find_in_kernel(naming, address, is_return, &found)) {
		if (mode == SYMBOLS_PERF)
			str_printf(out, "%" PRIx64 " ", address);
		append_nameless(mode, address, NULL, out);
		return;
	}
	append_named_kernel_frame(naming, &key, &found, out);
	if (!*found.module)
		frame_texts_keep(
			naming->kernel_texts, &key, out->data + begin, out->length - begin);
}

static void append_user_frame(const struct naming *naming, const struct symbols_stack *stack,
	uint64_t address, const struct user_frame *frame, struct str *out)
{
	struct source source = {frame->lines, frame->line_count};

	append_inlined(naming, stack->mode, address, &source, out);
	if (stack->mode == SYMBOLS_PERF)
		str_printf(out, "%" PRIx64 " ", address);
	if (frame->symbol) {
		append_symbol(naming, frame->symbol, out);
		append_offset(stack->mode, frame->offset, out);
	} else {
		append_nameless(stack->mode, address, frame->object, out);
	}
	append_last_line(stack->mode, &source, out);
	if (stack->mode == SYMBOLS_PERF) {
		str_append(out, " (");
		append_word(frame->object ? frame->object : "[unknown]", out);
		str_append_char(out, ')');
	}
}

static void append_hexadecimal(const struct build_id *id, struct str *out)
{
	for (size_t i = 0; i < id->size; i++)
		str_printf(out, "%02x", id->bytes[i]);
}

static void append_build_id(uint64_t address, const struct user_frame *frame, struct str *out)
{
	if (!frame->build_id.size) {
		str_printf(out, "0x%" PRIx64, address);
		return;
	}
	append_hexadecimal(&frame->build_id, out);
	str_printf(out, " 0x%" PRIx64, frame->object_offset);
}

static void append_frame(
	struct naming *naming, const struct symbols_stack *stack, uint32_t index, struct str *out)
{
	uint64_t address = stack->frames[index];
	struct user_frame frame;

	if (stack->mode == SYMBOLS_RAW) {
		str_printf(out, "%" PRIx64, address);
		return;
	}
	if (!stack->process) {
		append_kernel_frame(naming, stack->mode, address, index > 0, out);
		return;
	}
	find_user_frame(naming, stack, address, index > 0, &frame);
	if (stack->mode == SYMBOLS_BUILD_ID)
		append_build_id(address, &frame, out);
	else
		append_user_frame(naming, stack, address, &frame, out);
}

/* --- fields --- */

static void append_inlined_fields(
	const struct naming *naming, uint64_t address, const struct srcline *line, struct str *out)
{
	_cleanup_free_ char *name = line->function ? name_of(naming, line->function) : NULL;
	const struct frame frame = {
		.address = address,
		.name = name,
		.source = line->file,
		.line = line->number,
		.is_inlined = true,
	};

	if (name)
		frames_append(&frame, out);
}

static void add_lines(const struct naming *naming, const struct source *source, struct frame *frame,
	struct str *out)
{
	if (!source->count)
		return;

	const struct srcline *last = &source->lines[source->count - 1];

	for (const struct srcline *line = source->lines; line < last; line++)
		append_inlined_fields(naming, frame->address, line, out);
	frame->source = last->file;
	frame->line = last->number;
}

static void append_kernel_fields(
	struct naming *naming, uint64_t address, bool is_return, struct str *out)
{
	struct kernel_symbol found = {};
	struct frame frame = {.address = address};
	struct source source;

	if (find_in_kernel(naming, address, is_return, &found)) {
		source = find_kernel_lines(naming, address, is_return, &found);
		add_lines(naming, &source, &frame, out);
		frame.name = found.name;
		frame.offset = found.offset;
		frame.object = *found.module ? found.module : NULL;
	}
	frames_append(&frame, out);
}

static void append_user_fields(struct naming *naming, const struct symbols_stack *stack,
	uint64_t address, bool is_return, struct str *out)
{
	_cleanup_str_ struct str build_id = STR_INIT;
	_cleanup_free_ char *name = NULL;
	struct frame frame = {.address = address};
	struct user_frame found;

	find_user_frame(naming, stack, address, is_return, &found);
	frame.object = found.object;
	add_lines(naming, &(struct source){found.lines, found.line_count}, &frame, out);
	if (stack->mode == SYMBOLS_FIELDS && found.symbol) {
		frame.name = name = name_of(naming, found.symbol);
		frame.offset = found.offset;
	}
	append_hexadecimal(&found.build_id, &build_id);
	if (build_id.length) {
		frame.build_id = str_text(&build_id);
		frame.object_offset = found.object_offset;
	}
	frames_append(&frame, out);
}

static void append_fields(
	struct naming *naming, const struct symbols_stack *stack, uint32_t index, struct str *out)
{
	uint64_t address = stack->frames[index];

	if (stack->mode == SYMBOLS_FIELDS_RAW)
		frames_append(&(struct frame){.address = address}, out);
	else if (!stack->process)
		append_kernel_fields(naming, address, index > 0, out);
	else
		append_user_fields(naming, stack, address, index > 0, out);
}

void naming_append(struct naming *naming, const struct symbols_stack *stack, struct str *out)
{
	for (uint32_t i = 0; i < stack->count; i++) {
		if (symbols_has_fields(stack->mode)) {
			append_fields(naming, stack, i, out);
			continue;
		}
		if (i)
			str_append_char(out, '\n');
		append_frame(naming, stack, i, out);
	}
	str_append_char(out, '\0');
}

void naming_report(const struct naming *naming)
{
	if (!naming->without_lines || naming->has_found_lines)
		return;
	log_warning("frames of processes are shown without lines: no program has debug "
		    "information, not '%s' either; compile it with -g, install the package of its "
		    "debug symbols, or set DEBUGINFOD_URLS",
		naming->without_lines);
}
