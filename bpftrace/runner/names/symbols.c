/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request holds stacks, one behind the other; the answer are messages with their texts, until
 * there is one for each stack.
 */
#include "symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "libcommon/base/alloc.h"
#include "libcommon/base/log.h"
#include "libcommon/confine/confine.h"
#include "libcommon/elf/demangle.h"
#include "libcommon/symbols/kallsyms.h"
#include "libcommon/symbols/symbolizer.h"
#include "mapping_events.h"

enum {
	ANSWER_MS = 30000, /* for one message: the files of a large program are read */
	READY_MS = 10000,
	PRIORITY = -10, /* files of programs that live for a moment are to be opened */
};

enum {
	MAPPINGS_MAX = 500000, /* 24 MB */
	OPEN_FILES_MAX = 4000,
	MEMORY_MAX = 256 << 20, /* bytes of symbols */
	LINES_MAX = 1 << 30,    /* bytes of debug information */
};

/* The helper's own state. */
struct symbols {
	struct host host; /* of its own: descriptors of the runner are closed */
	struct symbols_needs needs;
	int fd;
	int kallsyms_fd;
	struct kallsyms *kallsyms;
	bool has_read_kallsyms;
	struct mapping_events events;
	struct symbolizer *symbolizer;
};

/* --- texts --- */

static const struct kallsyms *kernel_symbols(struct symbols *symbols)
{
	if (symbols->has_read_kallsyms)
		return symbols->kallsyms;
	symbols->has_read_kallsyms = true;

	_cleanup_error_ struct error *error =
		kallsyms_read(symbols->kallsyms_fd, &symbols->kallsyms);

	if (error)
		log_warning("addresses of the kernel are shown without names: %s", error->message);
	return symbols->kallsyms;
}

static bool has_offsets(enum symbols_mode mode)
{
	return mode != SYMBOLS_NAME && mode != SYMBOLS_FUNCTION;
}

static void append_offset(enum symbols_mode mode, uint64_t offset, struct str *out)
{
	if (has_offsets(mode))
		str_printf(out, "+%" PRIu64, offset);
}

/* Addresses of one file are one function. */
static void append_nameless(
	enum symbols_mode mode, uint64_t address, const char *object, struct str *out)
{
	const char *name = object ? strrchr(object, '/') : NULL;

	if (mode != SYMBOLS_FUNCTION)
		str_printf(out, "0x%" PRIx64, address);
	else if (!object || *object == '[')
		str_append(out, object ? object : "[unknown]");
	else
		str_printf(out, "[%s]", name ? name + 1 : object);
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
	struct symbols *symbols, uint64_t address, bool is_return, struct kernel_symbol *ret)
{
	const struct kallsyms *kallsyms = kernel_symbols(symbols);

	if (!kallsyms || !kallsyms_find(kallsyms, address - is_return, ret))
		return false;
	ret->offset += is_return;
	return true;
}

static void append_kernel_frame(struct symbols *symbols, enum symbols_mode mode, uint64_t address,
	bool is_return, struct str *out)
{
	struct kernel_symbol found;

	if (!find_in_kernel(symbols, address, is_return, &found)) {
		append_nameless(mode, address, NULL, out);
		return;
	}
	str_append(out, found.name);
	append_offset(mode, found.offset, out);
	if (*found.module && has_offsets(mode))
		str_printf(out, " [%s]", found.module);
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

static void append_symbol(const struct symbols *symbols, const char *symbol, struct str *out)
{
	_cleanup_free_ char *name =
		symbols->needs.demangle ? demangle(symbol, DEMANGLE_FULL) : NULL;

	append_word(name ? name : symbol, out);
}

static unsigned parts_of(const struct symbols *symbols, uint32_t mode)
{
	switch (mode) {
	case SYMBOLS_BUILD_ID: return FRAME_BUILD_ID;
	case SYMBOLS_BPFTRACE:
	case SYMBOLS_PERF: return symbols->needs.lines ? FRAME_LINES : 0;
	default: return 0;
	}
}

static void find_in_process(struct symbols *symbols, const struct symbols_stack *stack,
	uint64_t address, bool is_return, struct user_frame *ret)
{
	unsigned parts = parts_of(symbols, stack->mode);
	int32_t pid = (int32_t)stack->process;

	symbolizer_find(symbols->symbolizer, pid, stack->time, address,
		is_return ? parts & ~(unsigned)FRAME_LINES : parts, ret);
	if (!is_return || (ret->symbol && is_signal_return(ret->symbol, ret->offset)))
		return;
	symbolizer_find(symbols->symbolizer, pid, stack->time, address - 1, parts, ret);
	ret->offset++;
	ret->object_offset++;
}

static void append_line(const struct srcline *line, struct str *out)
{
	if (!line->file || !line->number)
		return;
	str_append_char(out, '@');
	append_word(line->file, out);
	str_printf(out, ":%" PRIu32, line->number);
}

/* Functions that were inlined at the frame's address, the innermost first, a line for each. */
static void append_inlined(const struct symbols *symbols, const struct symbols_stack *stack,
	uint64_t address, const struct user_frame *frame, struct str *out)
{
	for (size_t i = 0; i + 1 < frame->line_count; i++) {
		const struct srcline *line = &frame->lines[i];
		bool is_perf = stack->mode == SYMBOLS_PERF;

		if (!line->function)
			continue;
		if (is_perf)
			str_printf(out, "%" PRIx64 " ", address);
		else
			str_append(out, "[inlined] ");
		append_symbol(symbols, line->function, out);
		append_line(line, out);
		str_append(out, is_perf ? " (inlined)\n" : "\n");
	}
}

static void append_user_frame(const struct symbols *symbols, const struct symbols_stack *stack,
	uint64_t address, const struct user_frame *frame, struct str *out)
{
	append_inlined(symbols, stack, address, frame, out);
	if (stack->mode == SYMBOLS_PERF)
		str_printf(out, "%" PRIx64 " ", address);
	if (frame->symbol) {
		append_symbol(symbols, frame->symbol, out);
		append_offset(stack->mode, frame->offset, out);
	} else {
		append_nameless(stack->mode, address, frame->object, out);
	}
	if (frame->line_count)
		append_line(&frame->lines[frame->line_count - 1], out);
	if (stack->mode == SYMBOLS_PERF) {
		str_append(out, " (");
		append_word(frame->object ? frame->object : "[unknown]", out);
		str_append_char(out, ')');
	}
}

static void append_build_id(uint64_t address, const struct user_frame *frame, struct str *out)
{
	if (!frame->build_id.size) {
		str_printf(out, "0x%" PRIx64, address);
		return;
	}
	for (size_t i = 0; i < frame->build_id.size; i++)
		str_printf(out, "%02x", frame->build_id.bytes[i]);
	str_printf(out, " 0x%" PRIx64, frame->object_offset);
}

static void append_frame(
	struct symbols *symbols, const struct symbols_stack *stack, uint32_t index, struct str *out)
{
	uint64_t address = stack->frames[index];
	struct user_frame frame;

	if (stack->mode == SYMBOLS_RAW) {
		str_printf(out, "%" PRIx64, address);
		return;
	}
	if (!stack->process) {
		if (stack->mode == SYMBOLS_PERF)
			str_printf(out, "%" PRIx64 " ", address);
		append_kernel_frame(symbols, stack->mode, address, index > 0, out);
		return;
	}
	find_in_process(symbols, stack, address, index > 0, &frame);
	if (stack->mode == SYMBOLS_BUILD_ID)
		append_build_id(address, &frame, out);
	else
		append_user_frame(symbols, stack, address, &frame, out);
}

static void append_stack(
	struct symbols *symbols, const struct symbols_stack *stack, struct str *out)
{
	for (uint32_t i = 0; i < stack->count; i++) {
		if (i)
			str_append_char(out, '\n');
		append_frame(symbols, stack, i, out);
	}
	str_append_char(out, '\0');
}

/* --- the helper --- */

/* A stack at the begin of size bytes; NULL when they are no stack. */
static const struct symbols_stack *stack_at(const void *data, size_t size)
{
	const struct symbols_stack *stack = data;

	if (size < sizeof(*stack) || stack->count > STACK_FRAMES_MOST ||
		size - sizeof(*stack) < stack->count * sizeof(uint64_t))
		return NULL;
	return stack;
}

static size_t stack_size(const struct symbols_stack *stack)
{
	return sizeof(*stack) + stack->count * sizeof(uint64_t);
}

static bool send_all(int fd, const struct str *text)
{
	for (size_t at = 0; at < text->length;) {
		size_t size = MIN(text->length - at, (size_t)HELPER_MESSAGE);

		if (TEMP_FAILURE_RETRY(write(fd, text->data + at, size)) != (ssize_t)size)
			return false;
		at += size;
	}
	return true;
}

static bool answer(struct symbols *symbols, const char *request, size_t size)
{
	_cleanup_str_ struct str text = STR_INIT;
	const struct symbols_stack *stack;

	while ((stack = stack_at(request, size))) {
		append_stack(symbols, stack, &text);
		request += stack_size(stack);
		size -= stack_size(stack);
	}
	return send_all(symbols->fd, &text);
}

/* Answers a request; false when there will be no more. */
static bool serve_request(struct symbols *symbols)
{
	_cleanup_free_ uint64_t *request = xmalloc(HELPER_MESSAGE);
	ssize_t size = TEMP_FAILURE_RETRY(read(symbols->fd, request, HELPER_MESSAGE));

	return size > 0 && answer(symbols, (const char *)request, (size_t)size);
}

/* What runs already has mapped its files before they are reported. What is reported meanwhile does
 * not wait: it may be of programs that live for a moment. */
static void read_processes(struct symbols *symbols)
{
	_cleanup_arena_ struct arena arena = ARENA_INIT;
	host_names names = {};
	const char **name;
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	error_free(host_read_dir(&symbols->host, "/proc", &arena, &names));
	vec_for_each (&names, name) {
		mapping_events_read(&symbols->events, symbols->symbolizer);
		int32_t pid = (int32_t)strtol(*name, NULL, 10);

		if (pid > 0)
			symbolizer_read_process(symbols->symbolizer, pid,
				(uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec);
	}
	vec_deinit(&names);
}

static struct symbolizer *make_symbolizer(const struct symbols *symbols)
{
	struct symbolizer_limits limits = {
		.mappings = MAPPINGS_MAX,
		.images =
			{
				.open_files = OPEN_FILES_MAX,
				.memory = MEMORY_MAX,
				.lines = LINES_MAX,
			},
	};

	if (symbols->needs.keeps_little)
		limits.images.memory = limits.images.lines = 0;
	return symbolizer_new(&symbols->host, &limits);
}

static struct error *open_sources(struct symbols *symbols)
{
	struct error *error = host_open_root("/", &symbols->host);

	symbols->symbolizer = make_symbolizer(symbols);
	if (!error && symbols->needs.kernel)
		error = host_open(
			&symbols->host, "/proc/kallsyms", O_RDONLY, &symbols->kallsyms_fd);
	if (!error && symbols->needs.processes)
		error = mapping_events_open(&symbols->host, &symbols->events);
	if (!error)
		error = confine_process(SANDBOX_SYMBOLS,
			symbols->needs.processes
				? CAPABILITY(CAP_SYS_PTRACE) | CAPABILITY(CAP_DAC_READ_SEARCH) |
					  CAPABILITY(CAP_CHECKPOINT_RESTORE)
				: 0,
			true);
	return error;
}

static void loop(struct symbols *symbols)
{
	size_t count = symbols->events.rings.count;
	struct pollfd *fds = xcalloc(1 + count, sizeof(*fds));

	fds[0] = (struct pollfd){.fd = symbols->fd, .events = POLLIN};
	mapping_events_poll(&symbols->events, fds + 1);
	do {
		if (TEMP_FAILURE_RETRY(poll(fds, 1 + count, -1)) < 0)
			break;
		mapping_events_read(&symbols->events, symbols->symbolizer);
	} while (!fds[0].revents || serve_request(symbols));
	free(fds);
}

static void serve(void *context, int fd)
{
	struct symbols *symbols = context;

	helper_ignore_signals();
	helper_close_others(fd);
	(void)setpriority(PRIO_PROCESS, 0, PRIORITY);
	symbols->fd = fd;

	_cleanup_error_ struct error *error = open_sources(symbols);

	/* The first answer says that all is open, or why not. */
	const char *message = error ? error->message : "";

	if (write(fd, message, strlen(message) + 1) < 0 || error)
		return;
	if (symbols->needs.processes)
		read_processes(symbols);
	loop(symbols);
	if (symbolizer_dropped(symbols->symbolizer))
		log_warning("%" PRIu64
			    " reports of what processes mapped were lost or dropped: some "
			    "addresses of processes may be without names",
			symbolizer_dropped(symbols->symbolizer));
}

/* --- the runner's side --- */

struct error *symbols_start(const struct symbols_needs *needs, struct helper_process *ret)
{
	struct symbols symbols = {.host = HOST_INIT, .needs = *needs, .kallsyms_fd = -1};
	_cleanup_str_ struct str message = STR_INIT;
	struct helper_process helper;
	struct error *error = helper_start(serve, &symbols, &helper);

	if (error)
		return error;
	if (helper_receive(&helper, READY_MS, &message) != HELPER_ANSWERED)
		error = error_new(ECHILD, "the process that finds symbols did not start");
	else if (*str_text(&message))
		error = error_new(EPERM, "%s", str_text(&message));
	if (error)
		helper_stop(&helper);
	else
		*ret = helper;
	return error;
}

static size_t count_stacks(const char *stacks, size_t size)
{
	const struct symbols_stack *stack;
	size_t count = 0;

	for (; (stack = stack_at(stacks, size)); count++) {
		stacks += stack_size(stack);
		size -= stack_size(stack);
	}
	return count;
}

/* Cuts a text that is not complete off, but not before the begin. */
static void drop_incomplete(struct str *out, size_t begin)
{
	size_t length = out->length;

	while (length > begin && out->data[length - 1] != '\0')
		length--;
	str_truncate(out, length);
}

/* Asks for stacks that fit into one message. The helper reads files of others: more texts than
 * wanted end its service, like a missing answer. */
static bool ask_some(
	const struct helper_process *helper, const char *stacks, size_t size, struct str *out)
{
	size_t wanted = count_stacks(stacks, size), begin = out->length, count = 0;

	if (!helper_request(helper, stacks, size))
		return false;
	while (count < wanted) {
		size_t from = out->length;

		if (helper_receive(helper, ANSWER_MS, out) != HELPER_ANSWERED)
			break;
		count += str_count(out, from, '\0');
	}
	if (count > wanted)
		str_truncate(out, begin);
	drop_incomplete(out, begin);
	return count == wanted;
}

/* How many bytes of whole stacks fit into one message. */
static size_t fitting(const char *stacks, size_t size)
{
	const struct symbols_stack *stack;
	size_t fit = 0;

	while ((stack = stack_at(stacks + fit, size - fit)) &&
		fit + stack_size(stack) <= HELPER_MESSAGE)
		fit += stack_size(stack);
	return fit;
}

bool symbols_ask(
	const struct helper_process *helper, const void *stacks, size_t size, struct str *out)
{
	const char *at = stacks;
	size_t step;

	while ((step = fitting(at, size))) {
		if (!ask_some(helper, at, step, out))
			return false;
		at += step;
		size -= step;
	}
	return true;
}
